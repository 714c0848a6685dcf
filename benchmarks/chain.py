"""End to end: a real `nightdesk run` works off a preloaded topic of reports; memory is watched.

    python -m benchmarks.chain FOLDER COUNT STORYLINES

Prints one JSON line: articles a second, from the first to the last commit seen in the archive, and the
worker's resident memory along the way.  The worker is another process, started as a user would.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from agents.app import NightdeskApp
from agents.runtime import Runtime
from agents.topics import prepare_topics
from benchmarks.corpus import Corpus
from nightdesk import accounting
from nightdesk.archive import accounts, definitions
from nightdesk.archive.engine import Archive, open_archive
from nightdesk.settings import Settings

_LOOK_EVERY = 0.1
_SEND_AT_ONCE = 2_000
_GIVE_UP_AFTER = 1_800


def _settings(folder: Path) -> Settings:
    return Settings(
        state_dir=folder,
        broker_url=f"sqlite:///{folder}/broker.sqlite",
        archive_url=f"sqlite:///{folder}/archive.sqlite",
        web_port=0,
    )


async def preload(folder: Path, corpus: Corpus, count: int) -> None:
    """Declare the storylines and put `count` reports on the topic, accounted for as polled."""
    runtime = Runtime(_settings(folder))
    app = NightdeskApp(runtime)
    await prepare_topics(app, runtime)
    with runtime.archive.begin() as connection:
        for storyline in corpus.storylines:
            definitions.put(connection, storyline, author="bench", now=datetime.now(UTC))
        accounts.count(connection, "bench", "poll", {"polled": count, "new": count})
    await app.producer.start()
    sends = []
    for report in corpus.reports(count):
        sends.append(
            await app.producer.send(
                "reports", report.feed.encode(), report.to_bytes(), None, None, None
            )
        )
        if len(sends) >= _SEND_AT_ONCE:
            await asyncio.gather(*sends)
            sends.clear()
    await asyncio.gather(*sends)
    await app.producer.stop()
    runtime.close()


def measure(folder: Path, count: int) -> dict[str, object]:
    """Run the worker until every report is accounted for; return rate and memory."""
    env = {
        **os.environ,
        "NIGHTDESK_STATE_DIR": str(folder),
        "NIGHTDESK_WEB_PORT": "0",
        "NIGHTDESK_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "agents.cli", "run"]
    worker = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    archive = open_archive(f"sqlite:///{folder}/archive.sqlite")
    try:
        return _watch(worker, archive, count)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=10)
        archive.close()


def _watch(worker: subprocess.Popen[bytes], archive: Archive, count: int) -> dict[str, object]:
    process = psutil.Process(worker.pid)
    first: tuple[float, int] | None = None
    memory: dict[int, float] = {}
    began = time.perf_counter()
    while time.perf_counter() - began < _GIVE_UP_AFTER:
        if worker.poll() is not None:
            raise RuntimeError(f"the worker ended with {worker.returncode}")
        with archive.read() as connection:
            totals = accounts.totals(connection)
        now = time.perf_counter()
        done = totals.get("nominate", {}).get("received", 0)
        if done and first is None:
            first = (now, done)
        step = done // 10_000 * 10_000
        if step not in memory:
            memory[step] = process.memory_info().rss / 1e6
        if done >= count and accounting.settled(totals):
            assert first is not None
            rate = (count - first[1]) / (now - first[0])
            return {
                "articles_per_s": rate,
                "seconds": now - first[0],
                "memory_mb": memory | {count: process.memory_info().rss / 1e6},
                "matches": totals.get("decide", {}).get("fits", 0),
                "alerts": totals.get("alert", {}).get("alerts", 0),
            }
        time.sleep(_LOOK_EVERY)
    raise RuntimeError(f"not done after {_GIVE_UP_AFTER} s: {totals}")


def main() -> None:
    """Run from the command line."""
    folder, count, storylines = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(preload(folder, Corpus(storylines), count))
    print(json.dumps({"peer": "end_to_end", **measure(folder, count)}))


if __name__ == "__main__":
    main()
