"""Feed files through fetching, parsing and normalising, beside feedparser alone.

    python -m evaluation.feeds FOLDER [--json]

Serves every file below FOLDER from 127.0.0.1, fetches and reads each as the desk would, and tells what
came of it: health, entries, what they hold, the slowest file, the most memory.  Ends with 1 where a file
took more than 5 s, the process more than 200 MB beyond what it had, or an entry has neither text nor a
reason.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import feedparser

from nightdesk.clock import SystemClock
from nightdesk.errors import FeedError
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Fetched, Validators
from nightdesk.feeds.trial import Trial, failed, try_document
from schemas import Feed

SLOWEST, LARGEST = 5.0, 200_000_000
_FIELDS = ("title", "url", "date", "text")


@dataclass
class Survey:
    """What came of all files: `health` by word, `ours` and `theirs` count entries and what they hold.

    `slowest` is in seconds, `grown` in bytes; `unexplained` are entries without text and without a reason;
    `recovered` are files of which feedparser alone gives fewer entries, `lost` those of which we do.
    """

    files: int = 0
    health: Counter[str] = field(default_factory=Counter)
    ours: Counter[str] = field(default_factory=Counter)
    theirs: Counter[str] = field(default_factory=Counter)
    recovered: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unexplained: int = 0
    slowest: tuple[float, str] = (0.0, "")
    grown: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing was too slow, too large or left unexplained."""
        return self.slowest[0] <= SLOWEST and self.grown <= LARGEST and not self.unexplained


def survey(paths: Sequence[Path]) -> Survey:
    """Take each file all the way."""
    found = Survey()
    before = _resident()
    with served(paths) as address:
        asyncio.run(_survey(paths, address, found))
    found.grown = max(0, _resident() - before)
    return found


async def _survey(paths: Sequence[Path], address: str, found: Survey) -> None:
    clock = SystemClock()
    async with Fetcher(user_agent="Nightdesk survey", clock=clock, ticks=time.monotonic) as fetcher:
        for number, path in enumerate(paths):
            feed = Feed(id="f", url=f"{address}/{number}", source=path.name, allow_private=True)
            began = time.perf_counter()
            try:
                answer = await fetcher.fetch(feed, Validators())
                trial = _read(feed, answer, clock)
            except FeedError as error:
                trial = failed(error)
            found.slowest = max(found.slowest, (time.perf_counter() - began, str(path)))
            _count(found, path, trial)


def _read(feed: Feed, answer: Fetched, clock: SystemClock) -> Trial:
    return try_document(
        feed, answer.body or b"", answer.content_type, url=answer.url, now=clock.now()
    )


def _count(found: Survey, path: Path, trial: Trial) -> None:
    found.files += 1
    found.health[trial.health] += 1
    for entry in trial.entries:
        held = (entry.title, entry.url, entry.published, entry.text_chars)
        found.ours.update(name for name, value in zip(_FIELDS, held, strict=True) if value)
        found.unexplained += not (entry.title or entry.text_chars or entry.rejected)
    found.ours["entries"] += len(trial.entries) + trial.left_out
    theirs = _theirs(path)
    found.theirs.update(theirs)
    more = len(trial.entries) + trial.left_out - theirs["entries"]
    if more > 0:
        found.recovered.append(str(path))
    elif more < 0:
        found.lost.append(str(path))


def _theirs(path: Path) -> Counter[str]:
    """Return what feedparser alone makes of a file; nothing where it raises."""
    counts: Counter[str] = Counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed: Any = feedparser.parse(path.read_bytes())
    except Exception:
        counts["raised"] = 1
        return counts
    for entry in parsed.entries:
        counts["entries"] += 1
        counts["title"] += bool(entry.get("title"))
        counts["url"] += bool(entry.get("link"))
        counts["date"] += bool(entry.get("published_parsed") or entry.get("updated_parsed"))
        counts["text"] += bool(entry.get("summary") or entry.get("content"))
    return counts


@contextmanager
def served(paths: Sequence[Path]) -> Iterator[str]:
    """Serve file number N as /N on a free port of 127.0.0.1, under no type that would tell what it is."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: in two, the second waits for the first to be acknowledged.
        wbufsize = -1

        def do_GET(self) -> None:
            body = paths[int(self.path[1:])].read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _resident() -> int:
    """Return the most memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def show(found: Survey) -> None:
    """Print it for people."""
    words = ", ".join(f"{n:,} {word}" for word, n in found.health.most_common())
    print(f"{found.files:,} files: {words}")
    for name in ("entries", *_FIELDS):
        print(f"  {name:<8} {found.ours[name]:>8,}   by feedparser alone {found.theirs[name]:>8,}")
    recovered, lost = len(found.recovered), len(found.lost)
    print(f"  more entries than feedparser alone in {recovered:,} files, fewer in {lost:,}")
    for path in found.lost:
        print(f"    fewer: {path}")
    print(f"  feedparser alone raises on {found.theirs['raised']:,}")
    print(f"  slowest {found.slowest[0]:.2f} s: {found.slowest[1]}")
    print(f"  the process grew by {found.grown / 1e6:.0f} MB")
    print(f"  entries without text and without a reason: {found.unexplained:,}")


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    paths = sorted(path for path in asked.folder.rglob("*") if path.is_file())
    if not paths:
        parser.error(f"there is no file below {asked.folder}")
    found = survey(paths)
    if asked.json:
        print(json.dumps(found.__dict__ | {"sound": found.sound}, default=dict))
    else:
        show(found)
    return 0 if found.sound else 1


if __name__ == "__main__":
    sys.exit(main())
