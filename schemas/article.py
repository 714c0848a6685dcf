"""An article: a report made readable, with an identity that outlives feeds, links and edits.

Topic `articles`, key `id`.  Spans of matches point into `title`, `description` and `text` as they
stand here, in characters (Unicode code points).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.base import Arrival, Contract, Identifier, UtcDatetime
from schemas.edit import Edit


class Article(Contract):
    """One revision of one article.

    `id` is a function of the canonical URL, else of source and guid, else of the content.
    `revision` counts from 1; a later revision replaces the earlier one.  `language` is ISO 639-1,
    or `und` where it could not be told.  `published_at` is the publisher's claim, bounded: absent
    where it was missing, before 1990, or more than a day ahead of `seen_at`; why it was dropped
    stands in `date_note`.  `text_from` says whether the text is
    the feed's own or was read from the entry's page.  `edit` is what a revision changed; absent in the
    first one.
    """

    schema_version: Literal[1] = 1
    id: str
    revision: int = Field(default=1, ge=1)
    report: str
    feed: Identifier
    source: str
    url: str | None = None
    title: str = ""
    description: str = ""
    text: str = ""
    language: str = "und"
    published_at: UtcDatetime | None = None
    date_note: str | None = None
    seen_at: UtcDatetime
    arrival: Arrival = Arrival.LIVE
    content_hash: str
    text_from: Literal["feed", "page"] = "feed"
    edit: Edit | None = None

    @property
    def event_time(self) -> UtcDatetime:
        """When this happened, as best known: the publisher's claim, else when we saw it."""
        return self.published_at or self.seen_at
