"""How many messages a second one agent passes on: `python -m tests.support.broker_throughput URL`.

In comes a broker URL (an embedded one in a temporary folder by default); out comes a line with the
rate. The topics are filled first; then one agent reads 3.2 KB messages of one topic and sends each to
another, until the last has been written and committed. `--profile` says where the time goes.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats
import sys
import tempfile
import time

from agents.broker.topics import TopicSpec, ensure_topics
from tests.support.broker_apps import (
    Item,
    committed_all,
    forwarding_app,
    publish,
    running,
    unique,
    wait_for,
)

PARTITIONS = 4
VALUE_BYTES = 3200


async def measure(url: str, messages: int) -> tuple[float, float]:
    """Messages a second, from the first that is passed on to the commit of the last; and seconds of
    processor time for each, which say more on a machine that is busy with other things."""
    source, target = unique("source"), unique("target")
    started = cpu = 0.0

    def on_done(_message: object) -> None:
        nonlocal started, cpu
        if not started:
            started, cpu = time.perf_counter(), time.process_time()

    app = forwarding_app(url, unique("group"), source, target, on_done)
    await ensure_topics(app, [TopicSpec(source, PARTITIONS), TopicSpec(target, PARTITIONS)])
    value = os.urandom(VALUE_BYTES)
    for begin in range(0, messages, 1000):
        numbers = range(begin, min(begin + 1000, messages))
        await publish(url, source, [Item(b"key-%d" % (n % 997), value) for n in numbers])
    async with running(app):
        await wait_for(lambda: committed_all(app, PARTITIONS), "the last commit", 120)
        took, worked = time.perf_counter() - started, time.process_time() - cpu
        return messages / took, worked / messages


def main() -> int:
    """Measure once, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.broker_throughput")
    parser.add_argument("url", nargs="?")
    parser.add_argument("--messages", type=int, default=40_000)
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.url or f"sqlite:///{folder}/broker.db"
        with cProfile.Profile() as profile:
            if not chosen.profile:
                profile.disable()
            rate, cpu = asyncio.run(measure(url, chosen.messages))
    print(
        f"{rate:,.0f} messages/s of {VALUE_BYTES} bytes, passed on by one agent ({url});"
        f" {cpu * 1e6:.0f} µs of processor time each"
    )
    if chosen.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
