"""Full text beside the poller, and what is told of each page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog

from agents.runtime import Runtime
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.pages.full_text import FullText
from nightdesk.feeds.pages.want import reads_pages
from nightdesk.feeds.turns import Turns
from nightdesk.pipeline.poll import seen_before
from schemas import Feed, Report

log = structlog.get_logger(__name__)

Seen = dict[str, str]
Patiently = Callable[[Callable[[], Seen]], Awaitable[Seen]]
"""Runs work in the archive, and again until the archive takes it."""


class Pages:
    """Reads pages for the polls of one worker."""

    def __init__(self, runtime: Runtime, fetcher: Fetcher, turns: Turns) -> None:
        self._runtime = runtime
        self._full_text = FullText(
            fetcher, turns, runtime.ticks, user_agent=runtime.settings.user_agent
        )

    def close(self) -> None:
        """Take no further page."""
        self._full_text.close()

    async def complete(
        self, feed: Feed, reports: Sequence[Report], patiently: Patiently
    ) -> Sequence[Report]:
        """Return `reports` with the text of their pages, where their feed wants it and they are new."""
        if not reports or not reads_pages(feed):
            return reports
        seen = await patiently(lambda: seen_before(self._runtime.archive, feed, reports))
        completed = await self._full_text.complete(feed, reports, seen)
        for page in completed.pages:
            self._runtime.metrics.page(page.outcome)
            told = log.error if page.error else log.debug
            told(
                "page_read",
                feed=feed.id,
                url=(page.report.url or "").partition("?")[0],
                outcome=page.outcome.value,
                reason=page.why,
                exc_info=page.error,
            )
        return completed.reports
