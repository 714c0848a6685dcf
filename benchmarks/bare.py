"""Peer (a): the same domain functions and archive writes in a bare loop, with no stream.

    python -m benchmarks.bare FOLDER COUNT STORYLINES

Prints one JSON line with articles a second.  Batches are as large as the stream's largest.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.corpus import Corpus
from nightdesk.archive import definitions
from nightdesk.archive.engine import open_archive
from nightdesk.clock import SystemClock
from nightdesk.pipeline.bare import BareLoop, chunks

_BATCH = 100


def measure(folder: Path, count: int, storylines: int) -> float:
    """Take `count` reports through all stages and return articles a second."""
    corpus = Corpus(storylines)
    archive = open_archive(f"sqlite:///{folder}/bare.sqlite")
    archive.migrate()
    with archive.begin() as connection:
        for storyline in corpus.storylines:
            definitions.put(connection, storyline, author="bench", now=datetime.now(UTC))
    reports = list(corpus.reports(count))
    loop = BareLoop(archive, SystemClock())
    warm, rest = reports[:_BATCH], reports[_BATCH:]
    list(loop.run(warm))
    began = time.perf_counter()
    for chunk in chunks(rest, _BATCH):
        for _ in loop.run(chunk):
            pass
    took = time.perf_counter() - began
    archive.close()
    return len(rest) / took


def main() -> None:
    """Run from the command line."""
    folder, count, storylines = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    print(json.dumps({"peer": "bare_loop", "articles_per_s": measure(folder, count, storylines)}))


if __name__ == "__main__":
    main()
