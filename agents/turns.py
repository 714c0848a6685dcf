"""Turns at hosts that all workers share, in the archive; for a worker that is alone its own are enough.

Two workers come to one host where the pages or redirects of one lead to a host whose feeds the other polls.
Moments are those of each worker's own clock: clocks that differ by a second space by a second less.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from agents.runtime import Runtime
from nightdesk.archive import hosts
from nightdesk.archive.engine import Archive
from nightdesk.clock import Clock
from nightdesk.errors import ArchiveError

log = structlog.get_logger(__name__)

LOOK_AGAIN = 0.25
"""Seconds after which it is asked again for a turn that another worker holds: it may be given back soon."""

_AWAY = 1.0
_SLACK = timedelta(seconds=5)

InArchive = Callable[[Callable[[], Any]], Awaitable[Any]]


class ArchiveTurns:
    """The turns of the worker named `worker`.  `in_archive` runs work that may wait for the archive."""

    def __init__(self, archive: Archive, clock: Clock, worker: str, in_archive: InArchive) -> None:
        self._archive, self._clock, self._worker = archive, clock, worker
        self._in_archive = in_archive

    async def take(self, host: str, longest: float) -> float:
        """See `SharedTurns`.  While the archive is away it is nobody's turn."""
        taking = asyncio.ensure_future(self._in_archive(lambda: self._take(host, longest)))
        try:
            found = await asyncio.shield(taking)
        except asyncio.CancelledError:
            # It may be taken though nobody is left to use it.
            taking.add_done_callback(lambda done: self._unwanted(host, done))
            raise
        except ArchiveError as error:
            log.debug("turns_wait_for_archive", host=host, error=error.message)
            return _AWAY
        if found is None:
            return 0.0
        free_at, may_come_before = found
        left: float = max((free_at - self._clock.now()).total_seconds(), 0.001)
        return min(left, LOOK_AGAIN) if may_come_before else left

    async def done(self, host: str, rest: float) -> None:
        """See `SharedTurns`.  Where the archive is away the turn runs out."""
        try:
            await self._in_archive(lambda: self._give_back(host, rest))
        except ArchiveError as error:
            log.debug("turn_not_given_back", host=host, error=error.message)

    def _take(self, host: str, longest: float) -> tuple[datetime, bool] | None:
        now = self._clock.now()
        until = now + timedelta(seconds=longest) + _SLACK
        with self._archive.begin() as connection:
            return hosts.take(connection, host, self._worker, now=now, until=until)

    def _give_back(self, host: str, rest: float) -> None:
        free_at = self._clock.now() + timedelta(seconds=rest)
        with self._archive.begin() as connection:
            hosts.give_back(connection, host, self._worker, free_at)

    def _unwanted(self, host: str, taking: asyncio.Future[Any]) -> None:
        if not taking.cancelled() and taking.exception() is None and taking.result() is None:
            self._giving_back = asyncio.ensure_future(self.done(host, 0.0))


def turns_of(runtime: Runtime) -> ArchiveTurns:
    """Return the turns of a worker that has fellows."""
    return ArchiveTurns(
        runtime.archive, runtime.clock, runtime.settings.worker_name, runtime.in_archive
    )
