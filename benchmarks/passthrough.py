"""Peer (b): a bare two-agent Faust pass-through of the same messages on the embedded broker.

    python -m benchmarks.passthrough FOLDER COUNT

Prints one JSON line with messages a second, from the first message taken to the last one handed on.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import faust

from agents.broker.topics import TopicSpec, ensure_topics
from benchmarks.corpus import Corpus

_TOPICS = ("bench-in", "bench-between", "bench-out")


def build_app(folder: Path, count: int, finished: asyncio.Event, times: list[float]) -> faust.App:
    """Return an app whose two agents hand each message on as it is."""
    app = faust.App(
        "bench",
        broker=f"sqlite:///{folder}/bench.sqlite",
        store="memory://",
        datadir=str(folder / "faust"),
        web_enabled=False,
        topic_disable_leader=True,
    )

    def raw(name: str) -> faust.TopicT:
        return app.topic(
            name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
        )

    @app.agent(raw(_TOPICS[0]), concurrency=1)
    async def first(stream: faust.StreamT) -> None:
        async for event in stream.events():
            if not times:
                times.append(time.perf_counter())
            await app.producer.send(_TOPICS[1], event.key, event.value, None, None, None)

    @app.agent(raw(_TOPICS[1]), concurrency=1)
    async def second(stream: faust.StreamT) -> None:
        seen = 0
        async for event in stream.events():
            await app.producer.send(_TOPICS[2], event.key, event.value, None, None, None)
            seen += 1
            if seen == count:
                times.append(time.perf_counter())
                finished.set()

    return app


async def measure(folder: Path, count: int) -> float:
    """Preload `count` reports, pass them through, and return messages a second."""
    finished, times = asyncio.Event(), []
    app = build_app(folder, count, finished, times)
    await ensure_topics(app, [TopicSpec(name, 4) for name in _TOPICS])
    await app.producer.start()
    sends = [
        await app.producer.send(
            _TOPICS[0], report.feed.encode(), report.to_bytes(), None, None, None
        )
        for report in Corpus().reports(count)
    ]
    await asyncio.gather(*sends)
    await app.start()
    await finished.wait()
    await app.stop()
    return count / (times[1] - times[0])


def main() -> None:
    """Run from the command line."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    rate = asyncio.run(measure(folder, count))
    print(json.dumps({"peer": "faust_pass_through", "messages_per_s": rate}))


if __name__ == "__main__":
    main()
