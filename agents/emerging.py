"""The lookout: now and then looks for what many outlets report and no storyline holds.

Comes in: unmatched articles of the archive, a bounded number, page by page.  Goes out: offers in the
archive, and an alert of each for those who ask for such.  Should two workers look at once, they find the same
offers under the same ids, and one of them fails.  Clustering runs on a thread of its own.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog

from agents.chores import Chore
from agents.courier import Courier
from agents.heartbeat import Canary
from agents.runtime import Runtime
from nightdesk.archive.emerging import Place
from nightdesk.pipeline import emerging
from nightdesk.pipeline.rarity import RarityCache
from nightdesk.storylines.emerging import find_clusters
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.seen import Seen

log = structlog.get_logger(__name__)

_TICK = timedelta(microseconds=1)


class Lookout(Chore):
    """It looks while the settings say how many outlets it takes."""

    named = "lookout"

    def __init__(
        self,
        runtime: Runtime,
        canary: Canary,
        rarities: RarityCache | None = None,
        courier: Courier | None = None,
    ) -> None:
        super().__init__(runtime, canary)
        self._courier = courier
        self._rarities = rarities or RarityCache()

    def every(self) -> float | None:
        """Return the interval of the settings."""
        settings = self._runtime.settings
        return settings.emerging_interval.total_seconds() if settings.emerging_outlets else None

    async def do(self) -> None:
        """Look."""
        await self.look()

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
        saved = await runtime.in_archive(lambda: emerging.save(runtime.archive, look, now=now))
        if look.made:
            log.info(
                "storylines_emerge",
                new=len(look.made),
                offered=saved.standing,
                articles=len(reports),
            )
        if self._courier is not None:
            await self._courier.send(saved.rows)
        return saved.standing

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
