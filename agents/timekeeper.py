"""The timekeeper: raises what no report raises, but the passing of time.

Comes in: developments of which nothing more came, silences that are about to end.  Goes out: alerts, with
what they tell of, in one transaction each.  Should two workers look at once, they raise each once.  A
worker that has just begun has not heard yet what came while it was away, and calls nothing quiet; nor does
one that was asleep, whose archive was away, or whose clock was set.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog

from agents.chores import Chore
from agents.courier import Courier
from agents.heartbeat import Canary
from agents.runtime import Runtime
from nightdesk.archive.definitions import Definitions
from nightdesk.pipeline import quiet, reminders

log = structlog.get_logger(__name__)

_LOOKS = 60.0

LISTENED = timedelta(minutes=30)
"""So long it must have listened: by then feeds were polled and what waited on topics was taken in."""

MISSED = timedelta(minutes=10)
"""Where the last look is longer ago, or lies ahead, nobody knows what happened since."""


class Timekeeper(Chore):
    """It looks each minute."""

    named = "timekeeper"

    def __init__(self, runtime: Runtime, canary: Canary, courier: Courier | None = None) -> None:
        super().__init__(runtime, canary)
        self._courier = courier
        self._since: datetime | None = None
        self._looked: datetime | None = None

    def every(self) -> float | None:
        """Return how often it looks."""
        return _LOOKS

    async def do(self) -> None:
        """Look."""
        await self.look()

    async def look(self) -> int:
        """Look once; return how many alerts were raised."""
        runtime = self._runtime
        now = runtime.clock.now()
        if self._looked is None or not self._looked <= now <= self._looked + MISSED:
            self._since = now
        since, self._looked = self._since or now, now
        declared = await runtime.in_reading(self._read)
        rows = await runtime.in_archive(
            lambda: reminders.remind(runtime.archive, declared.silences.values(), now=now)
        )
        found = await runtime.in_reading(
            lambda: quiet.find(runtime.archive, declared.storylines, now=now)
        )
        for id_ in found.due if now - since >= LISTENED else ():
            rows += await runtime.in_archive(partial(quiet.go_quiet, runtime.archive, id_, now=now))
        for id_ in found.retired:
            await runtime.in_archive(partial(quiet.retire, runtime.archive, id_, now=now))
        if rows:
            log.info("time_told", alerts=len(rows))
        if self._courier is not None:
            await self._courier.send(rows)
        return len(rows)

    def _read(self) -> Definitions:
        with self._runtime.archive.read() as connection:
            return self._runtime.definitions.get(connection)
