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
from schemas.severity import Severity
from schemas.trouble import Trouble


class AlertKind(StrEnum):
    """Why this alert (or this change of it) is sent.

    `grown`: a further report adds something new; `more_of_the_same`: one more outlet tells what was told.
    `surge`: more reports in a while than the storyline's own baseline lets expect; `gone_quiet`: no further
    report where its cadence let expect one; `emerging`: reports that no storyline holds gather.
    `feed_broken`: a feed cannot be read; `feed_quiet`: it can, but brings nothing new beyond its own cadence;
    `feed_recovered`: it is well again, or is polled no more.  `silence_expiring`: a silence is about to end.
    """

    NEW_DEVELOPMENT = "new_development"
    GROWN = "grown"
    MORE_OF_THE_SAME = "more_of_the_same"
    REVISION = "revision"
    SURGE = "surge"
    GONE_QUIET = "gone_quiet"
    EMERGING = "emerging"
    FEED_BROKEN = "feed_broken"
    FEED_QUIET = "feed_quiet"
    FEED_RECOVERED = "feed_recovered"
    SILENCE_EXPIRING = "silence_expiring"

    @property
    def is_of_feeds(self) -> bool:
        """Whether such an alert is about feeds, and not about a storyline."""
        return self in _OF_FEEDS

    @property
    def is_of_storylines(self) -> bool:
        """Whether such an alert is about a storyline."""
        return self not in _OF_NO_STORYLINE

    @property
    def must_be_named(self) -> bool:
        """Whether only a subscription that names this kind takes it."""
        return self in {AlertKind.GONE_QUIET, AlertKind.EMERGING}


_OF_FEEDS = frozenset({AlertKind.FEED_BROKEN, AlertKind.FEED_QUIET, AlertKind.FEED_RECOVERED})
_OF_NO_STORYLINE = _OF_FEEDS | {AlertKind.EMERGING, AlertKind.SILENCE_EXPIRING}


class AlertState(StrEnum):
    """How what the alert is about stands: `new` (told once), `developing`, `quiet` (resolved: nothing more
    came), `reopened` (more came after all)."""

    NEW = "new"
    DEVELOPING = "developing"
    QUIET = "quiet"
    REOPENED = "reopened"


class Claim(Contract):
    """A `figure` as reports have it, and the sources that say so."""

    figure: str
    sources: tuple[str, ...]


class Contradiction(Contract):
    """Independent sources differ about `what` is counted, "killed"; claims come latest first."""

    what: str
    claims: tuple[Claim, ...] = Field(min_length=2)


class Rate(Contract):
    """So many reports within `hours`, where the storyline's own baseline lets expect `expected`."""

    reports: int = Field(ge=0)
    hours: float = Field(gt=0)
    expected: float = Field(ge=0)


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
    """An alert is about one thing: a storyline, feeds, reports that gather (`emerging`) or a silence; `kind`
    says which.

    Of a storyline: `id` is a function of storyline and development; `development` of the storyline and the
    article that opened it.  Of feeds: `id` is a function of what is in trouble and of when that began,
    `trouble` tells of it, `feed` is the one feed that it is about (None of an outage of several), there are
    no articles, and `sources` is 0.

    `kind` says why this sequence was raised, `reason` says it in words.  `sources` counts
    independent sources: copies of one report count once.  `pages` is False where no live report
    took part (back-fill, first fetch, replay): such an alert is archived and shown, never sent.
    `also` are further kinds that this change would be by itself: a surge comes with a report that may add
    something, or be one more outlet; the first live report of what old ones told is a new development.
    `sources_before` is how many sources the change before told of (None: not on record).  `awaited`: it is
    told for the sake of those who wait for so many sources, and would else be told nobody.
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
    severity: Severity = Severity.WARNING
    state: AlertState = AlertState.NEW
    contradictions: tuple[Contradiction, ...] = ()
    rate: Rate | None = None
    emerging: str | None = None
    silence: Identifier | None = None
    also: tuple[AlertKind, ...] = ()
    sources_before: int | None = Field(default=None, ge=0)
    awaited: bool = False

    @property
    def kinds(self) -> frozenset[AlertKind]:
        """All that this change is."""
        return frozenset({self.kind, *self.also})

    @property
    def about(self) -> str:
        """What it is about: the storyline's id, `feed:ID`, `host:NAME`, `network:`, `many:`, `emerging:ID` or
        `silence:ID`."""
        if self.emerging is not None:
            return f"emerging:{self.emerging}"
        if self.silence is not None:
            return f"silence:{self.silence}"
        if self.trouble is None:
            return self.storyline or ""
        return f"{self.trouble.scope}:{self.feed or self.trouble.name}"

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        subjects = (self.storyline, self.trouble, self.emerging, self.silence)
        named = sum(subject is not None for subject in subjects)
        if named == 0:
            raise ValueError("an alert is about a storyline or about feeds: it names neither")
        if named > 1 or (self.feed is not None and self.trouble is None):
            raise ValueError("an alert is about a storyline or about feeds: it names both")
        fits = (
            self.kind.is_of_feeds is (self.trouble is not None)
            and (self.kind is AlertKind.EMERGING) is (self.emerging is not None)
            and (self.kind is AlertKind.SILENCE_EXPIRING) is (self.silence is not None)
        )
        if not fits:
            raise ValueError(f"an alert of kind {self.kind.value} is not about this")
        fault = _fault_of(self)
        if fault:
            raise ValueError(fault)
        return self


def _fault_of(alert: Alert) -> str:
    if alert.storyline is not None:
        whole = alert.storyline_version is not None and alert.development and alert.articles
        return "" if whole and alert.sources else "an alert of a storyline tells of its articles"
    if alert.emerging is not None:
        told = bool(alert.articles and alert.sources)
        alone = not alert.development and alert.storyline_version is None
        return "" if told and alone else "an alert of what emerges tells of its articles"
    if alert.articles or alert.sources or alert.development or alert.storyline_version is not None:
        return "an alert of feeds tells of no storyline's articles"
    trouble = alert.trouble
    one = trouble.feeds[0] if trouble is not None and trouble.scope == "feed" else None
    return "" if alert.feed == one else "`feed` is the one feed of its trouble, or null"
