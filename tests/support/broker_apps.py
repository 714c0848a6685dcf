"""Small Faust apps for the broker's tests: publish, collect, and forward, on either broker.

In come a broker URL and topic names; out come the messages that went through. `python -m
tests.support.broker_apps URL GROUP SOURCE TARGET` is a worker that forwards SOURCE to TARGET and
prints a line for each message that it has done, so that a test can kill it in the middle.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import faust
from faust.tables.manager import TableManager
from faust.types.tuples import Message, RecordMetadata

LIMIT_S = 40.0


class Item(NamedTuple):
    """A message to publish."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] | None = None
    timestamp: float | None = None
    partition: int | None = None


class PromptTables(TableManager):
    """Faust gives tables a second to be declared. There are none, and tests start many apps."""

    async def on_start(self) -> None:
        """Begin at once."""
        await self._update_channels()
        await self.recovery.start()


def unique(name: str) -> str:
    """A topic or group name that no other test uses (a Kafka is shared by the session)."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


def make_app(url: str, group: str) -> faust.App:
    """An app without web pages or leader topic, which commits every fifth of a second."""
    app = faust.App(
        group,
        broker=url,
        web_enabled=False,
        topic_disable_leader=True,
        broker_commit_interval=0.2,
        broker_session_timeout=6,
        broker_heartbeat_interval=1,
        producer_max_request_size=16 * 1024 * 1024,
        consumer_max_fetch_size=16 * 1024 * 1024,
        key_serializer="raw",
        value_serializer="raw",
        TableManager=PromptTables,
        datadir=str(Path(tempfile.gettempdir()) / "nightdesk-tests-faust"),
    )
    # Faust waits 45 s before it subscribes to what was added late: too long for a test.
    app.topics._resubscribe_sleep_lock_seconds = 0.05
    return app


@asynccontextmanager
async def running(app: faust.App) -> AsyncIterator[faust.App]:
    """Start the app, and stop it at the end of the block."""
    app.finalize()
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


async def publish(url: str, topic: str, items: Iterable[Item]) -> list[RecordMetadata]:
    """Send the items in order and wait until all are kept."""
    app = make_app(url, unique("publisher"))
    app.finalize()
    await app.producer.start()
    try:
        sent = [
            await app.producer.send(
                topic, item.key, item.value, item.partition, item.timestamp, item.headers
            )
            for item in items
        ]
        return [await each for each in sent]
    finally:
        await app.producer.stop()


async def wait_for(condition: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
    """Wait until `condition` holds, or fail saying what did not come."""
    try:
        async with asyncio.timeout(limit_s):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"not within {limit_s:g} s: {what}") from None


async def collect(
    url: str, topic: str, enough: Callable[[list[Message]], bool], group: str | None = None
) -> list[Message]:
    """Read a topic as a group (a new one by default) until `enough`; then stop, committing."""
    app = make_app(url, group or unique("collector"))
    got: list[Message] = []

    @app.agent(app.topic(topic))
    async def read(stream):
        async for event in stream.events():
            got.append(event.message)

    async with running(app):
        await wait_for(lambda: enough(got), f"enough of {topic}; {len(got)} came")
    return got


def forwarding_app(
    url: str, group: str, source: str, target: str, on_done: Callable[[Message], None]
) -> faust.App:
    """An app that forwards `source` to `target`, and calls `on_done` after each message."""
    app = make_app(url, group)
    out = app.topic(target)

    @app.agent(app.topic(source))
    async def pass_on(stream):
        async for event in stream.events():
            await out.send(key=event.key, value=event.value)
            on_done(event.message)

    return app


async def forward(url: str, group: str, source: str, target: str) -> None:
    """Forward until killed; a line `key value` on stdout for each message done."""

    def say(message: Message) -> None:
        sys.stdout.write(f"{message.key.decode()} {message.value.decode()}\n")
        sys.stdout.flush()

    async with running(forwarding_app(url, group, source, target, say)):
        await asyncio.Event().wait()


def committed_all(app: faust.App, partitions: int) -> bool:
    """Whether the app has committed everything in its (that many) partitions."""
    assigned = app.consumer.assignment()
    return len(assigned) == partitions and all(
        (app.consumer._committed_offset[tp] or 0) == app.consumer.highwater(tp) for tp in assigned
    )


if __name__ == "__main__":
    asyncio.run(forward(*sys.argv[1:]))
