"""The housekeeper: now and then drops from the archive what nobody will ask for again.

Comes in: the settings' `archive_retention`.  Goes out: deletes, a bounded number of rows at a time, so
that stages wait for milliseconds.  Articles, matches that fit, alerts and deliveries are kept for good.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from mode import Service

from agents.runtime import Runtime
from nightdesk.archive import retention
from nightdesk.errors import ArchiveError

log = structlog.get_logger(__name__)

_EVERY = 3_600.0
_REST = 0.5
_FIRST_AFTER = 60.0


class Housekeeper(Service):
    """One for each worker; that several prune at once does no harm."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__()
        self._runtime = runtime

    @Service.task
    async def _tidy(self) -> None:
        await self.sleep(_FIRST_AFTER)
        while not self.should_stop:
            try:
                dropped = await self.tidy()
                if dropped:
                    log.info("archive_pruned", rows=dropped)
            except ArchiveError as error:
                log.warning("pruning_waits_for_archive", error=error.message, hint=error.hint)
            await self.sleep(_EVERY)

    async def tidy(self) -> int:
        """Drop all that is older than the retention; return how many rows."""
        before = self._runtime.clock.now() - self._runtime.settings.archive_retention
        dropped = 0
        while not self.should_stop:
            pruned = sum((await self._runtime.in_archive(lambda: self._prune(before))).values())
            dropped += pruned
            if not pruned:
                break
            await self.sleep(_REST)
        return dropped

    def _prune(self, before: datetime) -> dict[str, int]:
        with self._runtime.archive.begin() as connection:
            return retention.prune(connection, before=before)
