"""Turns: of one host, one request at a time, and a least time between the end of one and the next.

Feeds and pages of one worker share it, so that a page never comes beside a poll of its host.  Between
workers a host's feeds belong to one of them; pages of hosts that another owns are spaced here alone.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from nightdesk.clock import Ticks

_MOST_HOSTS = 5_000


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
    ) -> None:
        self._spacing, self._ticks, self._sleep = spacing, ticks, sleep
        self._hosts: dict[str, _Host] = {}

    def __len__(self) -> int:
        """How many hosts are remembered."""
        return len(self._hosts)

    @asynccontextmanager
    async def turn(
        self, host: str, spacing: float = 0.0, until: float = math.inf
    ) -> AsyncIterator[None]:
        """Wait for the turn of a request to `host`, first come first served, and hold it; afterwards the host
        rests for the usual time, or for `spacing` seconds where that is longer.

        Raises TimeoutError, without a wait, where the host rests beyond `until` (in ticks).
        """
        known = self._hosts.setdefault(host, _Host())
        known.waiting += 1
        try:
            async with known.lock:
                if known.free_at > until:
                    raise TimeoutError
                while (left := known.free_at - self._ticks()) > 0:
                    await self._sleep(left)
                try:
                    yield
                finally:
                    known.free_at = self._ticks() + max(self._spacing, spacing)
        finally:
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
