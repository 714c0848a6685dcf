"""Ten thousand feeds every five minutes, four of five unchanged: how late, at what cost?

    python -m benchmarks.feeds [--feeds 10000] [--interval 300] [--changed 0.2] [--rounds 1]

Starts a real worker on a fresh folder.  The first round, in which all feeds are due at once and new to
the desk, is told apart; then so many intervals are measured.  Asked: 99 of 100 polls begin within 10 s of
being due, on less than one core, below 300 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families

from nightdesk.archive import Archive, definitions, open_archive
from nightdesk.archive import feeds as feed_states
from schemas import Feed

_PORTS = 200
_LATENESS = "nightdesk_feed_poll_lateness_seconds"
_GIVE_UP = 1_800.0


@dataclass(frozen=True)
class Look:
    """The worker at one moment: polls begun by how late they were (upper bounds), CPU seconds, bytes."""

    at: float
    buckets: dict[float, float]
    cpu: float
    rss: int


def main() -> int:
    """Run it, print one JSON line; end with 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--interval", type=int, default=300, help="seconds")
    parser.add_argument("--changed", type=float, default=0.2, help="share of polls")
    parser.add_argument("--rounds", type=float, default=1.0, help="intervals that are measured")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder), asked.feeds, asked.interval, asked.changed, asked.rounds)
    print(json.dumps(found))
    sound = found["p99_lateness_s"] <= 10 and found["cores"] < 1 and found["rss_mb"] < 300
    return 0 if sound else 1


def run(folder: Path, feeds: int, interval: int, changed: float, rounds: float) -> dict[str, float]:
    """Return the figures of one run."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.feeds.server", str(_PORTS), str(changed)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert server.stdin is not None
    ports = json.loads(server.stdout.readline())
    with closing(open_archive(f"sqlite:///{folder}/archive.sqlite")) as archive:
        archive.migrate()
        _declare(archive, feeds, interval, ports)
        worker = subprocess.Popen(
            [sys.executable, "-m", "agents.cli", "run"],
            env=_environment(folder),
            stdout=(folder / "log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        try:
            return _measure(worker, archive, folder, feeds, interval, rounds)
        finally:
            worker.terminate()
            worker.wait(30)
            server.stdin.close()
            server.wait(30)


def _measure(
    worker: subprocess.Popen[bytes],
    archive: Archive,
    folder: Path,
    feeds: int,
    interval: int,
    rounds: float,
) -> dict[str, float]:
    process = psutil.Process(worker.pid)
    began = time.perf_counter()
    while _polled(archive) < feeds:
        if worker.poll() is not None or time.perf_counter() - began > _GIVE_UP:
            raise RuntimeError((folder / "log").read_text("utf-8", "replace")[-2_000:])
        time.sleep(0.5)
    first_round = time.perf_counter() - began
    address = _address(folder)
    # What piled up in the first round is worked off before anything is measured.
    time.sleep(max(0.0, 1.1 * interval - first_round))
    before = _look(process, address)
    time.sleep(rounds * interval)
    after = _look(process, address)
    polls = {bound: after.buckets[bound] - before.buckets[bound] for bound in after.buckets}
    count = polls[float("inf")]
    seconds = after.at - before.at
    return {
        "feeds": feeds,
        "interval_s": interval,
        "first_round_s": round(first_round, 1),
        "polls": int(count),
        "polls_per_s": round(count / seconds, 1),
        "p50_lateness_s": _quantile(polls, 0.5),
        "p99_lateness_s": _quantile(polls, 0.99),
        "cores": round((after.cpu - before.cpu) / seconds, 2),
        "rss_mb": round(after.rss / 1e6),
    }


def _quantile(polls: dict[float, float], share: float) -> float:
    """Return the upper bound of the bucket in which this share of polls is reached."""
    count = polls[float("inf")]
    return min(bound for bound, below in polls.items() if below >= share * count)


def _look(process: psutil.Process, address: str) -> Look:
    text = httpx.get(f"{address}/metrics", timeout=30).text
    buckets = {
        float(sample.labels["le"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == f"{_LATENESS}_bucket"
    }
    times = process.cpu_times()
    return Look(time.perf_counter(), buckets, times.user + times.system, process.memory_info().rss)


def _polled(archive: Archive) -> int:
    with archive.read() as connection:
        counts = feed_states.count_by_health(connection)
    return sum(n for health, n in counts.items() if health != "never_polled")


def _declare(archive: Archive, feeds: int, interval: int, ports: list[int]) -> None:
    with archive.begin() as connection:
        for number in range(feeds):
            port = ports[number % len(ports)]
            feed = Feed(
                id=f"feed-{number}",
                url=f"http://127.0.0.1:{port}/{number}.xml",
                source=f"Town {port}",
                interval=timedelta(seconds=interval),
                allow_private=True,
            )
            definitions.put(connection, feed, author="bench", now=datetime.now(UTC))


def _environment(folder: Path) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("NIGHTDESK_")}
    ours = {"STATE_DIR": str(folder), "WEB_PORT": "0", "LOG_LEVEL": "info", "LOG_FORMAT": "json"}
    return clean | {f"NIGHTDESK_{name}": value for name, value in ours.items()}


def _address(folder: Path) -> str:
    """Return where the worker's page listens, as its log says."""
    for line in (folder / "log").read_text("utf-8", "replace").splitlines():
        if "http://127.0.0.1:" in line:
            return (
                "http://127.0.0.1:" + line.split("http://127.0.0.1:")[1].split("/")[0].split('"')[0]
            )
    raise RuntimeError("the worker has not said where its page is")


if __name__ == "__main__":
    sys.exit(main())
