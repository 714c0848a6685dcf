"""The lookout: now and then looks for what many outlets report and no storyline holds.

Comes in: unmatched articles of the archive, a bounded number, page by page.  Goes out: offers in the
archive.  One worker looks, the owner of the first partition of `heartbeats`; should two look at once in
a rebalance, they find the same offers under the same ids.  Clustering runs on a thread of its own.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog
from mode import Service

from agents.heartbeat import Canary
from agents.runtime import Runtime
from nightdesk.archive.emerging import Place
from nightdesk.errors import ArchiveError
from nightdesk.pipeline import emerging
from nightdesk.pipeline.rarity import RarityCache
from nightdesk.storylines.emerging import find_clusters
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.seen import Seen

log = structlog.get_logger(__name__)

_OWNER = 0
_FIRST_AFTER = 60.0
_TICK = timedelta(microseconds=1)


class Lookout(Service):
    """One for each worker; it looks while its worker owns the partition."""

    def __init__(
        self, runtime: Runtime, canary: Canary, rarities: RarityCache | None = None
    ) -> None:
        super().__init__()
        self._runtime = runtime
        self._canary = canary
        self._rarities = rarities or RarityCache()

    @Service.task
    async def _keep_looking(self) -> None:
        settings = self._runtime.settings
        if not settings.emerging_outlets:
            return
        await self.sleep(_FIRST_AFTER)
        while not self.should_stop:
            if _OWNER in self._canary.owned():
                try:
                    await self.look()
                except ArchiveError as error:
                    log.warning("lookout_waits_for_archive", error=error.message, hint=error.hint)
                except Exception:
                    # No stage waits for it: a look that fails must never end the worker.
                    log.exception("lookout_failed")
            await self.sleep(settings.emerging_interval.total_seconds())

    async def look(self) -> int:
        """Look once; return how many offers stand."""
        runtime, settings = self._runtime, self._runtime.settings
        now = runtime.clock.now()
        rarity = await runtime.in_reading(self._rarity)
        reports = await self._read(now, rarity)
        clusters = await asyncio.to_thread(
            find_clusters, reports, outlets=settings.emerging_outlets
        )
        look = await runtime.in_reading(
            lambda: emerging.plan(runtime.archive, clusters, now=now, rarity=rarity)
        )
        standing = await runtime.in_archive(lambda: emerging.save(runtime.archive, look, now=now))
        if look.made:
            log.info(
                "storylines_emerge", new=len(look.made), offered=standing, articles=len(reports)
            )
        return standing

    def _rarity(self) -> Rarity:
        # One look weighs with one rarity, whatever comes into force meanwhile.
        with self._runtime.archive.read() as connection:
            return self._rarities.get(connection)

    async def _read(self, now: datetime, rarity: Rarity) -> list[Seen]:
        reports: list[Seen] = []
        place: Place | None = (now + _TICK, "")
        for _ in range(-(-self._runtime.settings.emerging_articles // emerging.PAGE)):
            if place is None:
                break
            page = await self._runtime.in_reading(partial(self._read_page, place, now, rarity))
            reports += page.reports
            place = page.next
            # Stages and pages come first.
            await self.sleep(0)
        return reports

    def _read_page(self, before: Place, now: datetime, rarity: Rarity) -> emerging.Page:
        runtime, window = self._runtime, self._runtime.settings.emerging_window
        return emerging.read_page(runtime.archive, before, now=now, window=window, rarity=rarity)
