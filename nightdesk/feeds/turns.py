"""Turns: of one host, one request at a time, and a least time between the end of one and the next.

Polls, hops of redirects, pages and hubs of one worker share them.  Where several workers share an archive,
`SharedTurns` gives a turn to one of them at a time: it is asked for once a request is first in line here.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from nightdesk.clock import Ticks

_MOST_HOSTS = 5_000


class HostResting(TimeoutError):
    """A host may not be asked for so many `seconds`, which is longer than the caller would wait."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(f"{host!r} is left alone for {seconds:.0f} s more")
        self.host, self.seconds = host, seconds


class SharedTurns(Protocol):
    """Turns of all workers.  `take` returns 0.0 where the turn is ours (for `longest` seconds at most, then
    it is free though nobody gave it back), else after how many seconds to ask again; `done` gives it back,
    and has the host rest for so many seconds.  Neither raises where the archive is away."""

    async def take(self, host: str, longest: float) -> float: ...

    async def done(self, host: str, rest: float) -> None: ...


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = -math.inf
    waiting: int = 0


class Turns:
    """`spacing` is in seconds; `sleep` waits for so many, by the same time as `ticks` counts."""

    def __init__(
        self,
        spacing: float,
        ticks: Ticks,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        shared: SharedTurns | None = None,
    ) -> None:
        self._spacing, self._ticks, self._sleep = spacing, ticks, sleep
        self._shared = shared
        self._hosts: dict[str, _Host] = {}

    def __len__(self) -> int:
        """How many hosts are remembered."""
        return len(self._hosts)

    @asynccontextmanager
    async def turn(
        self, host: str, spacing: float = 0.0, until: float = math.inf, longest: float = 60.0
    ) -> AsyncIterator[Turn]:
        """Wait for the turn of a request to `host`, first come first served, and hold it; afterwards the host
        rests for the usual time, or for `spacing` seconds where that is longer.

        `longest` is how long the request may take at most.  Raises HostResting, without a wait, where the
        host rests beyond `until` (in ticks).
        """
        turn = Turn(self, spacing, longest)
        await self._take(host, until, longest)
        turn.host = host
        try:
            yield turn
        finally:
            await turn.end()

    def rest(self, host: str, seconds: float) -> None:
        """Have nobody here ask `host` for so long."""
        known = self._hosts.setdefault(host, _Host())
        known.free_at = max(known.free_at, self._ticks() + seconds)

    async def _take(self, host: str, until: float, longest: float) -> None:
        known = self._hosts.setdefault(host, _Host())
        known.waiting += 1
        try:
            await known.lock.acquire()
            try:
                while (left := await self._left(host, known, until, longest)) > 0:
                    await self._sleep(left)
            except BaseException:
                known.lock.release()
                raise
        except BaseException:
            self._leave(known)
            raise

    async def _left(self, host: str, known: _Host, until: float, longest: float) -> float:
        """Return how long to wait before the turn may be ours; 0 where it is."""
        left = known.free_at - self._ticks()
        if left <= 0 and self._shared is not None:
            left = await self._shared.take(host, longest)
        if left > 0 and self._ticks() + left > until:
            raise HostResting(host, left)
        return left

    async def _done(self, host: str, spacing: float) -> None:
        known, rest = self._hosts[host], max(self._spacing, spacing)
        known.free_at = max(known.free_at, self._ticks() + rest)
        try:
            if self._shared is not None:
                await self._shared.done(host, rest)
        finally:
            known.lock.release()
            self._leave(known)

    def _leave(self, known: _Host) -> None:
        known.waiting -= 1
        if len(self._hosts) > _MOST_HOSTS:
            self._forget()

    def _forget(self) -> None:
        """Drop hosts that have rested: what a hostile feed links to is without end."""
        now = self._ticks()
        rested = [
            name for name, one in self._hosts.items() if not one.waiting and one.free_at <= now
        ]
        for name in rested:
            del self._hosts[name]


class Turn:
    """A turn that is held at `host`, and may go on to another host: never at two at once, or two that wait
    for each other's would wait for ever."""

    def __init__(self, turns: Turns, spacing: float, longest: float) -> None:
        self._turns, self._spacing, self._longest = turns, spacing, longest
        self._left = math.inf
        self.host: str | None = None

    async def onward(self, host: str, within: float) -> None:
        """Give the turn back and take one at `host`, where a redirect leads; also where that is the same.

        Raises HostResting where all such waits together would take more than `within` seconds.
        """
        turns = self._turns
        self._left = min(self._left, within)
        await self.end()
        began = turns._ticks()
        try:
            async with asyncio.timeout(self._left):
                await turns._take(host, began + self._left, self._longest)
        except HostResting:
            raise
        except TimeoutError:
            raise HostResting(host, turns._spacing) from None
        finally:
            self._left = max(0.0, self._left - (turns._ticks() - began))
        self.host = host

    async def end(self) -> None:
        """Give the turn back, if it is held."""
        if self.host is not None:
            host, self.host = self.host, None
            await self._turns._done(host, self._spacing)
