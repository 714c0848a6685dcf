"""The learner: now and then learns anew how rare words are, where the settings ask for it.

Comes in: the articles that the archive saw of late, page by page.  Goes out: a further version of the
rarity in force, which every worker takes over with its next transaction.  One worker learns, the owner
of the first partition of `heartbeats`, and when it is due is told by the archive: starting again changes
nothing, and should two learn at once in a rebalance, they come to the same.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from mode import Service

from agents.heartbeat import Canary
from agents.runtime import Runtime
from nightdesk.archive import rarities
from nightdesk.errors import ArchiveError
from nightdesk.pipeline.rarity import Learning, bring_into_force
from nightdesk.storylines.own_counts import Counts

log = structlog.get_logger(__name__)

_OWNER = 0
_FIRST_AFTER = 60.0
_LOOKS = 60.0
_AUTHOR = "learner"


class Learner(Service):
    """One for each worker; it learns while its worker owns the partition."""

    def __init__(self, runtime: Runtime, canary: Canary) -> None:
        super().__init__()
        self._runtime = runtime
        self._canary = canary
        self._last: datetime | None = None

    @Service.task
    async def _keep_learning(self) -> None:
        if self._runtime.settings.rarity_interval is None:
            return
        await self.sleep(_FIRST_AFTER)
        while not self.should_stop:
            if _OWNER in self._canary.owned():
                try:
                    if await self.is_due():
                        await self.learn()
                except ArchiveError as error:
                    log.warning("learner_waits_for_archive", error=error.message, hint=error.hint)
                except Exception:
                    # No stage waits for it: what fails here must never end the worker.
                    log.exception("learner_failed")
            await self.sleep(_LOOKS)

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
