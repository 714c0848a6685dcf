"""Pollers of one or several workers over one archive, whose polls a test begins by hand; and a server that
notes when each request to it began and ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from agents.poll import Poller
from agents.runtime import Runtime
from nightdesk.archive import definitions
from nightdesk.archive.outbox import Outgoing
from nightdesk.clock import Clock, SystemClock, Ticks
from nightdesk.settings import Settings
from schemas import Feed
from tests.support.feedserver import Asked, Reply


class Post:
    """A courier that keeps what it is given; `alone` as the real one's."""

    def __init__(self, *, alone: bool = True) -> None:
        self.alone = alone
        self.sent: list[Outgoing] = []

    async def send(self, rows: list[tuple[int, Outgoing]]) -> None:
        self.sent += [message for _, message in rows]


class Worker:
    """A worker's poller over the archive in `folder`; nothing runs unless the test says so."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "one",
        alone: bool = True,
        clock: Clock | None = None,
        ticks: Ticks = time.monotonic,
        **settings: Any,
    ) -> None:
        given = Settings(state_dir=folder, worker_name=name, **settings)
        self.runtime = Runtime(given, clock=clock or SystemClock(), ticks=ticks)
        self.post = Post(alone=alone)
        canary: Any = SimpleNamespace(owned=lambda: frozenset(range(64)))
        app: Any = SimpleNamespace()
        post: Any = self.post
        self.poller = Poller(app, self.runtime, post, canary)

    async def __aenter__(self) -> Worker:
        await self.poller.on_start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.poller.on_stop()
        self.runtime.close()

    def declare(self, *feeds: Feed) -> None:
        """Declare feeds in the archive."""
        now = self.runtime.clock.now()
        with self.runtime.archive.begin() as connection:
            for feed in feeds:
                definitions.put(connection, feed, author="test", now=now)

    async def take_up(self) -> None:
        """Take up what is declared and when it is due, as a worker does every few seconds."""
        await self.poller.take_up()

    async def poll(self, feed: Feed) -> None:
        """Poll a feed, due or not by the agenda."""
        await self.poller._poll(feed)

    def could_begin(self) -> set[str]:
        """Return the feeds that the agenda would begin with now, one of a host; they are not begun."""
        agenda, now = self.poller._agenda, self.runtime.clock.now()
        begun = agenda.begin(now, 99)
        for name, due in begun:
            agenda._hosts[agenda._begun.pop(name)].busy = False
            agenda.put(name, due)
        return {name for name, _ in begun}


@dataclass
class Watch:
    """A route that answers with `reply`, after so many seconds, and notes when it was asked."""

    reply: Reply | Callable[[Asked], Reply]
    seconds: float = 0.05
    spans: list[tuple[float, float]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        began = time.monotonic()
        time.sleep(self.seconds)
        self.spans.append((began, time.monotonic()))
        return self.reply if isinstance(self.reply, Reply) else self.reply(asked)

    def closest(self) -> float:
        """Return the least time from the end of a request to the beginning of the next; negative where two
        were under way at once."""
        spans = sorted(self.spans)
        return min(later[0] - earlier[1] for earlier, later in pairwise(spans))
