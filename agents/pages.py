"""Full text beside the poller: the turns that polls and pages share, and what is told of each page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

import structlog

from agents.runtime import Runtime
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.pages.full_text import FullText
from nightdesk.feeds.pages.spacing import Turns
from nightdesk.feeds.pages.want import reads_pages
from nightdesk.pipeline.poll import seen_before
from schemas import Feed, Report

log = structlog.get_logger(__name__)

Seen = dict[str, str]
Patiently = Callable[[Callable[[], Seen]], Awaitable[Seen]]
"""Runs work in the archive, and again until the archive takes it."""


class Pages:
    """Reads pages for the polls of one worker."""

    def __init__(self, runtime: Runtime, fetcher: Fetcher) -> None:
        self._runtime = runtime
        self._turns = Turns(runtime.settings.host_spacing.total_seconds(), runtime.ticks)
        self._full_text = FullText(
            fetcher, self._turns, runtime.ticks, user_agent=runtime.settings.user_agent
        )

    def turn(self, host: str) -> AbstractAsyncContextManager[None]:
        """Return the turn of a request to `host` for a feed: it waits for pages that are under way there."""
        return self._turns.turn(host)

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
