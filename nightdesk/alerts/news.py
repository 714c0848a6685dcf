"""Whether a match is news: what people may be told of at once, and woken by.

Old reports are archived, matched and shown, and page nobody: what a feed held when it was first read, what
was fetched after a long gap or given again, and what a storyline took long after it came, because it has
learned more since.
"""

from __future__ import annotations

from datetime import timedelta

from schemas import Arrival, Match

LATE = timedelta(days=3)
"""A report that is taken so long after it was seen is no news."""


def is_news(match: Match) -> bool:
    """Whether the report came live and was taken while it was news."""
    article = match.article
    return article.arrival is Arrival.LIVE and match.decided_at - article.seen_at <= LATE
