"""The hub of events: one look into the archive for all who listen, and a bounded buffer for each.

    archive ◀─look, every second─ poller ──▶ topic ──▶ buffer of each reader ──▶ its stream

The poller runs while anybody listens.  It looks back a little each time, since rows are committed later than
the moment that they bear, and knows by an event's key what it has passed on: that is not read again.  A
reader whose buffer is full is dropped: it comes back with the id of the last event that it saw, and has what
it missed from the archive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from nightdesk.errors import ArchiveError
from nightdesk.web.api import cursors
from nightdesk.web.dependencies import WebDependencies
from nightdesk.web.gate import Caller
from nightdesk.web.problems import Problem

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(seconds=30)
"""How much later than the moment it bears a row may be committed, and still be seen."""


@dataclass(frozen=True, slots=True)
class Event:
    """`key` is the same whenever the same is told again; `wanted` is what filters look at."""

    at: datetime
    key: str
    kind: str
    data: str
    wanted: Callable[[object], bool] = field(default=lambda _: True, compare=False)

    def as_bytes(self) -> bytes:
        """Return it as a stream has it.  JSON has no line ends, so that one line is enough."""
        name = cursors.pack(self.at, self.key)
        return f"id: {name}\nevent: {self.kind}\ndata: {self.data}\n\n".encode()


Look = Callable[[Connection, datetime, Container[str]], Iterable[Event]]
"""Returns what happened from a moment on, in order, but for what is known by its key."""


class Reader:
    """One who listens.  `passed` are keys that it has already from the archive."""

    def __init__(self, caller: Caller, asked: object, size: int) -> None:
        self.caller, self.asked = caller, asked
        self.buffer: asyncio.Queue[Event] = asyncio.Queue(size)
        self.passed: set[str] = set()
        self.dropped = asyncio.Event()


class _Topic:
    def __init__(self, look: Look, begin: datetime) -> None:
        self.look, self.mark = look, begin
        self.seen: dict[str, datetime] = {}
        self.readers: set[Reader] = set()
        self.begun = False
        self.beginning = asyncio.Lock()

    def fresh(self, found: Iterable[Event]) -> list[Event]:
        """Return what was not seen before; forget what is too old to come again."""
        new = [event for event in found if event.key not in self.seen]
        for event in new:
            self.seen[event.key] = event.at
            self.mark = max(self.mark, event.at)
        oldest = self.mark - 2 * LOOK_BACK
        self.seen = {key: at for key, at in self.seen.items() if at >= oldest}
        return new


class Hub:
    """All who listen to one web server.  Used on its event loop alone."""

    def __init__(self, deps: WebDependencies) -> None:
        self._deps = deps
        self._topics: dict[str, _Topic] = {}
        self._poller: asyncio.Task[None] | None = None

    @property
    def readers(self) -> list[Reader]:
        """All who listen now."""
        return [reader for topic in self._topics.values() for reader in topic.readers]

    async def join(self, name: str, look: Look, caller: Caller, asked: object) -> Reader:
        """Have somebody listen to topic `name` from now on.  Raises Problem where too many do."""
        options, present = self._deps.api, self.readers
        own = sum(one.caller.token == caller.token for one in present)
        if len(present) >= options.event_clients or own >= options.event_clients_of_one:
            raise Problem(
                503,
                "no-room",
                "too many listen already",
                hint="end another stream, or come back later",
                headers={"Retry-After": "30"},
            )
        reader = Reader(caller, asked, options.event_buffer)
        topic = self._topics.get(name)
        if topic is None:
            topic = self._topics[name] = _Topic(look, self._deps.clock.now())
        topic.readers.add(reader)
        try:
            await self._begin(topic)
        except BaseException:
            self.leave(reader)
            raise
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="events")
        self._count()
        return reader

    async def _begin(self, topic: _Topic) -> None:
        """See what is there already, which is no news; whoever comes meanwhile waits for that."""
        async with topic.beginning:
            if not topic.begun:
                topic.fresh(await self._look(topic))
                topic.begun = True

    def leave(self, reader: Reader) -> None:
        """Somebody listens no more."""
        for name, topic in list(self._topics.items()):
            topic.readers.discard(reader)
            if not topic.readers:
                del self._topics[name]
        if not self._topics and self._poller is not None:
            self._poller.cancel()
            self._poller = None
        self._count()

    async def missed(self, look: Look, since: datetime, limit: int) -> tuple[list[Event], bool]:
        """Return what happened from a little before `since` on, the last `limit`, and whether more did."""

        def read() -> list[Event]:
            with self._deps.archive.read() as connection:
                return list(look(connection, _before(since), ()))

        found = await self._deps.working(read)
        return found[-limit:], len(found) > limit

    def drop(self, reader: Reader) -> None:
        """Let go of a reader who is too slow."""
        if not reader.dropped.is_set():
            reader.dropped.set()
            if self._deps.metrics is not None:
                self._deps.metrics.event_client_dropped()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self._deps.api.look_every)
            for topic in [one for one in self._topics.values() if one.begun]:
                try:
                    fresh = topic.fresh(await self._look(topic))
                except ArchiveError as error:
                    log.warning("events_wait", trouble=error.message)
                    continue
                for event in fresh:
                    self._offer(topic, event)

    async def _look(self, topic: _Topic) -> list[Event]:
        def read() -> list[Event]:
            with self._deps.archive.read() as connection:
                return list(topic.look(connection, _before(topic.mark), topic.seen))

        return await self._deps.working(read)

    def _offer(self, topic: _Topic, event: Event) -> None:
        for reader in topic.readers:
            if reader.dropped.is_set() or not event.wanted(reader.asked):
                continue
            try:
                reader.buffer.put_nowait(event)
            except asyncio.QueueFull:
                self.drop(reader)

    def _count(self) -> None:
        if self._deps.metrics is not None:
            self._deps.metrics.event_clients(len(self.readers))


def _before(moment: datetime) -> datetime:
    with suppress(OverflowError):
        return moment - LOOK_BACK
    return moment
