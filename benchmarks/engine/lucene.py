"""Peer: Lucene Monitor with equivalent stored queries, one article at a time and in its best batch.

Comes in: material.  Goes out: its figures, or the reason why there are none.  The jars come through Maven
once (6 MB) and are cached outside the checkout, under `$XDG_CACHE_HOME/nightdesk/lucene-8.11.4`; the
Java source beside this file runs as it stands (Java 17).

A stored query is true where five of the twenty most telling words of the example stand, or all required
entities and a cue: less than Nightdesk looks at, since there is no score, no title and no likeness in it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engine.material import Material
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.text.tokens import fold
from schemas import Storyline

VERSION = "8.11.4"
_ARTIFACT = f"org.apache.lucene:lucene-monitor:{VERSION}"
_SOURCE = Path(__file__).with_name("MonitorBench.java")
_TERMS = 20
_LEAST = 5
_WORD = re.compile(r"\w+")

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>nightdesk</groupId><artifactId>lucene-for-benchmarks</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version>
  </dependency></dependencies>
</project>
"""


class LuceneUnavailable(Exception):
    """No Java, no Maven, or no jars: the reason, in words."""


@dataclass(frozen=True)
class Lucene:
    """Articles a CPU second, the size of the best batch, milliseconds to add one, KB a query."""

    one_per_s: float
    batch_per_s: float
    batch: int
    add_ms: float
    kb: float


def measure(material: Material, *, seconds: float) -> Lucene:
    """Run it.  Raises LuceneUnavailable."""
    folder = jars()
    with tempfile.TemporaryDirectory(prefix="nightdesk-lucene-") as scratch:
        queries, articles = Path(scratch) / "queries", Path(scratch) / "articles"
        queries.write_text("".join(map(_query, material.storylines)), "utf-8")
        articles.write_text("".join(_line(a.title, a.text) for a in material.articles), "utf-8")
        command = ["java", "-Xmx2g", "-XX:+UseSerialGC", "-cp", f"{folder}/*", str(_SOURCE)]
        command += [str(queries), str(articles), str(seconds)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise LuceneUnavailable(f"Lucene Monitor failed: {result.stderr.strip()[-300:]}")
    return Lucene(**json.loads(result.stdout.splitlines()[-1]))


def jars() -> Path:
    """The folder of jars, fetched the first time.  Raises LuceneUnavailable."""
    if shutil.which("java") is None:
        raise LuceneUnavailable("no Java: install a JDK of version 17 or later")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "nightdesk" / f"lucene-{VERSION}" / "jars"
    if not folder.is_dir():
        _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise LuceneUnavailable(f"no Lucene jars in {folder}, and no Maven to fetch them")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        pom = Path(scratch) / "pom.xml"
        pom.write_text(_POM.format(*_ARTIFACT.split(":")), "utf-8")
        fetched = Path(scratch) / "jars"
        command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
        result = subprocess.run(
            [*command, f"-DoutputDirectory={fetched}"], capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise LuceneUnavailable(f"Maven cannot fetch Lucene: {result.stdout.strip()[:300]}")
        # A rename is all or nothing: two runs at once cannot see half a folder.
        if not folder.exists():
            fetched.rename(folder)


def _query(storyline: Storyline) -> str:
    """Return one line: id, least, words; then groups of aliases, then cues, as words."""
    words = [w for e in storyline.exemplars for w in _words(f"{e.title} {e.text}")]
    rarity = shipped_rarity()
    telling = {word: max(map(rarity.weight, fold(word)), default=0.0) for word in words}
    heavy = sorted(telling, key=lambda word: (-telling[word], word))[:_TERMS]
    groups = [
        "|".join(filter(None, (" ".join(_words(alias)) for alias in entity.any_of)))
        for entity in storyline.entities
        if not entity.optional
    ]
    cues = "|".join(filter(None, (" ".join(_words(cue)) for cue in storyline.cues.supporting)))
    return _line(storyline.id, str(_LEAST), " ".join(heavy), cues, *filter(None, groups))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _line(*fields: str) -> str:
    return "\t".join(" ".join(field.split()) for field in fields) + "\n"
