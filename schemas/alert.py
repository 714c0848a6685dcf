"""An alert: one development of a storyline, or one spell of trouble with feeds, told once and then edited.

Topic `alerts`, key: the storyline, the feed, or what else it is about.  Each change is a higher `sequence`
of the same `id`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.base import Arrival, Contract, Identifier, Probability, UtcDatetime
from schemas.match import Span
from schemas.novelty import Novelty
from schemas.trouble import Trouble


class AlertKind(StrEnum):
    """Why this alert (or this change of it) is sent.

    `grown`: a further report adds something new; `more_of_the_same`: one more outlet tells what was told.
    `feed_broken`: a feed cannot be read; `feed_quiet`: it can, but brings nothing new beyond its own cadence;
    `feed_recovered`: it is well again, or is polled no more.
    """

    NEW_DEVELOPMENT = "new_development"
    GROWN = "grown"
    MORE_OF_THE_SAME = "more_of_the_same"
    REVISION = "revision"
    FEED_BROKEN = "feed_broken"
    FEED_QUIET = "feed_quiet"
    FEED_RECOVERED = "feed_recovered"

    @property
    def is_of_feeds(self) -> bool:
        """Whether such an alert is about feeds, and not about a storyline."""
        return self in _OF_FEEDS


_OF_FEEDS = frozenset({AlertKind.FEED_BROKEN, AlertKind.FEED_QUIET, AlertKind.FEED_RECOVERED})


class AlertedArticle(Contract):
    """An article as an alert tells of it: enough to read, to judge and to click.

    `copy_of` names the article of this development that it copies or rewords, if it does.
    """

    id: str
    revision: int = Field(ge=1)
    source: str
    title: str
    url: str | None = None
    language: str = "und"
    published_at: UtcDatetime | None = None
    seen_at: UtcDatetime
    arrival: Arrival
    probability: Probability
    words: tuple[str, ...] = ()
    copy_of: str | None = None


class Alert(Contract):
    """An alert is about a storyline or about feeds, never about both or neither: `kind` says which.

    Of a storyline: `id` is a function of storyline and development; `development` of the storyline and the
    article that opened it.  Of feeds: `id` is a function of what is in trouble and of when that began,
    `trouble` tells of it, `feed` is the one feed that it is about (None of an outage of several), there are
    no articles, and `sources` is 0.

    `kind` says why this sequence was raised, `reason` says it in words.  `sources` counts
    independent sources: copies of one report count once.  `pages` is False where no live report
    took part (back-fill, first fetch, replay): such an alert is archived and shown, never sent.
    `spans` point into the article that opened the development.  `raised_by` is the id of the article
    that raised this sequence, and `novelty` what it adds to what the storyline had; None where the
    storyline had nothing.
    """

    schema_version: Literal[1] = 1
    id: str
    sequence: int = Field(ge=1)
    kind: AlertKind
    storyline: Identifier | None = None
    storyline_title: str = ""
    storyline_version: int | None = Field(default=None, ge=1)
    development: str = ""
    title: str
    reason: str
    articles: tuple[AlertedArticle, ...] = ()
    sources: int = Field(default=0, ge=0)
    spans: tuple[Span, ...] = ()
    pages: bool
    first_seen_at: UtcDatetime
    latest_seen_at: UtcDatetime
    raised_at: UtcDatetime
    raised_by: str | None = None
    novelty: Novelty | None = None
    feed: Identifier | None = None
    trouble: Trouble | None = None

    @property
    def about(self) -> str:
        """What it is about: the storyline's id, `feed:ID`, `host:NAME`, `network:` or `many:`."""
        if self.trouble is None:
            return self.storyline or ""
        return f"{self.trouble.scope}:{self.feed or self.trouble.name}"

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        if self.storyline is None and self.trouble is None:
            raise ValueError("an alert is about a storyline or about feeds: it names neither")
        if self.storyline is not None and (self.trouble is not None or self.feed is not None):
            raise ValueError("an alert is about a storyline or about feeds: it names both")
        if self.kind.is_of_feeds is (self.trouble is None):
            raise ValueError(f"an alert of kind {self.kind.value} is not about this")
        fault = _fault_of(self)
        if fault:
            raise ValueError(fault)
        return self


def _fault_of(alert: Alert) -> str:
    if alert.trouble is None:
        whole = alert.storyline_version is not None and alert.development and alert.articles
        return "" if whole and alert.sources else "an alert of a storyline tells of its articles"
    if alert.articles or alert.sources or alert.development or alert.storyline_version is not None:
        return "an alert of feeds tells of no storyline's articles"
    one = alert.trouble.feeds[0] if alert.trouble.scope == "feed" else None
    return "" if alert.feed == one else "`feed` is the one feed of its trouble, or null"
