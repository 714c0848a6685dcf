"""The learner: now and then learns anew how rare words are, where the settings ask for it.

Comes in: the articles that the archive saw of late, page by page.  Goes out: a further version of the
rarity in force, which every worker takes over with its next transaction.  When it is due is told by the
archive: starting again changes nothing, and should two workers learn at once, they come to the same.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from agents.chores import Chore
from agents.heartbeat import Canary
from agents.runtime import Runtime
from nightdesk.archive import rarities
from nightdesk.pipeline.rarity import Learning, bring_into_force
from nightdesk.storylines.own_counts import Counts

log = structlog.get_logger(__name__)

_LOOKS = 60.0
_AUTHOR = "learner"


class Learner(Chore):
    """It learns where the settings name an interval."""

    named = "learner"

    def __init__(self, runtime: Runtime, canary: Canary) -> None:
        super().__init__(runtime, canary)
        self._last: datetime | None = None

    def every(self) -> float | None:
        """Return how often it looks whether it is due."""
        return None if self._runtime.settings.rarity_interval is None else _LOOKS

    async def do(self) -> None:
        """Learn where that is due."""
        if await self.is_due():
            await self.learn()

    async def is_due(self) -> bool:
        """Whether the last version, and the last reading, are as old as the interval."""
        interval, now = self._runtime.settings.rarity_interval, self._runtime.clock.now()
        made = await self._runtime.in_reading(self._made_at)
        done = [moment for moment in (made, self._last) if moment is not None]
        return interval is not None and all(now - moment >= interval for moment in done)

    async def learn(self) -> int | None:
        """Learn once; return the version that is in force then, None where there is too little to learn."""
        runtime = self._runtime
        now = runtime.clock.now()
        since = now - runtime.settings.rarity_window
        learning = await runtime.in_reading(lambda: Learning(runtime.archive, since))
        while await runtime.in_reading(learning.step):
            # Stages and pages come first.
            await self.sleep(0)
            if self.should_stop:
                return None
        self._last = now
        counts = await runtime.in_reading(learning.counts)
        if not counts.telling:
            return None
        version = await runtime.in_archive(lambda: self._save(counts, now, since))
        log.info(
            "rarity_learnt", version=version, articles=counts.articles, languages=counts.telling
        )
        return version

    def _made_at(self) -> datetime | None:
        with self._runtime.archive.read() as connection:
            learnt = rarities.in_force(connection)
        return learnt.made_at if learnt else None

    def _save(self, counts: Counts, now: datetime, since: datetime) -> int:
        with self._runtime.archive.begin() as connection:
            return bring_into_force(connection, counts, author=_AUTHOR, now=now, since=since)
