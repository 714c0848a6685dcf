"""Full text beside the poller, and what is told of each page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from agents.runtime import Runtime
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.pages import google_news
from nightdesk.feeds.pages.full_text import FullText
from nightdesk.feeds.pages.want import reads_pages, still_unread
from nightdesk.feeds.poll import Read
from nightdesk.feeds.turns import Turns
from nightdesk.pipeline.poll import Claim, seen_before

log = structlog.get_logger(__name__)

Seen = dict[str, str]
Patiently = Callable[[Callable[[], Seen]], Awaitable[Seen]]
"""Runs work in the archive, and again until the archive takes it."""


class Pages:
    """Reads pages for the polls of one worker.  `news` is the origin of Google News."""

    def __init__(
        self, runtime: Runtime, fetcher: Fetcher, turns: Turns, news: str = google_news.ORIGIN
    ) -> None:
        self._runtime = runtime
        self._full_text = FullText(
            fetcher, turns, runtime.ticks, user_agent=runtime.settings.user_agent, news=news
        )

    def close(self) -> None:
        """Take no further page."""
        self._full_text.close()

    async def complete(
        self, claimed: Claim, found: Read, patiently: Patiently, *, pushed: bool = False
    ) -> Read:
        """Return what was read with the text of pages, where the feed wants it and reports are new or their
        page failed before, and with what is still to be tried again."""
        feed, reports, unread = claimed.feed, found.reports, claimed.state.unread_pages
        if not reports or not reads_pages(feed):
            return found._replace(unread={}) if unread else found
        seen = await patiently(lambda: seen_before(self._runtime.archive, feed, reports))
        completed = await self._full_text.complete(feed, reports, seen, unread)
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
        left = still_unread(
            unread,
            [(page.report, page.outcome) for page in completed.pages],
            {report.entry for report in reports},
            partial=pushed,
        )
        return found._replace(reports=completed.reports, unread=left)
