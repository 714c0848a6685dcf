"""A page that gives no text, with the outcome that it counts as."""

from __future__ import annotations

from nightdesk.errors import FeedError
from nightdesk.feeds.pages.outcome import PageOutcome


class PageRefused(FeedError):
    """There is no article to be had from a page; its report keeps what the feed says."""

    def __init__(self, outcome: PageOutcome, why: str) -> None:
        super().__init__(
            f"No article from its page: {why}.",
            hint="the report keeps the feed's own text; if it is always so, set `full_text: never`",
        )
        self.outcome = outcome
