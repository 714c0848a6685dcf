"""Groups: which development a report belongs to, and what a development remembers to tell.

Comes in: developments as the archive keeps them, and a report that fits.  Goes out: the development
that the report joins, by event time and never by the time of processing; the report that it copies;
what it adds.  `Development` is a JSON document, bounded in every part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from nightdesk.alerts.contradictions import Statement
from nightdesk.storylines.novelty import Known
from nightdesk.text.copies import COPY_WINDOW, Sketch, sketch
from nightdesk.text.figures import NUMBER_WORDS
from nightdesk.text.tokens import Tokens
from schemas import AlertedArticle, Article, Span
from schemas.alert import AlertState, Contradiction
from schemas.base import Contract, Identifier, UtcDatetime

MOST_ARTICLES = 50
"""Newest reports that a development keeps, beside the one that opened it."""

MOST_SKETCHES = 16
MOST_KNOWN = 2_000
MOST_FIGURES = 200
MOST_SOURCES = 1_000

_FIGURE = re.compile(r"\d")
_TIME_OF_DAY = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")


class Member(Contract):
    """A report of a development: as alerts tell of it, and what tells its copies and revisions."""

    told: AlertedArticle
    event_time: UtcDatetime
    figures: tuple[str, ...] = ()
    signature: str = ""

    def sketch(self) -> Sketch:
        """Return the sketch by which copies of this report are known."""
        return Sketch.from_text(self.signature) if self.signature else Sketch(0)


class Development(Contract):
    """One thing that happened in a storyline, with its one alert.

    `opened_at` and `latest_at` are the earliest and latest event time of its reports; `sequence` the last
    one of the alert (0 before the first) and `state` how it stands.  `members` holds the opening report
    first, then the newest; `known` the revision of every report that took part; `sources` those that
    reported independently, `outlets` all that reported, `told_sources` and `told_outlets` how many of them
    the last sequence told of; `told` (`nightdesk.storylines.novelty.Known`) what the storyline has been
    told, here and before; `statements` what its sources count, and `contradictions` where they
    differ.  `paged`: a sequence of it was for people to be told of, and not archived alone.
    """

    schema_version: Literal[1] = 1
    id: str
    storyline: Identifier
    alert: str
    sequence: int = Field(ge=0)
    state: AlertState = AlertState.NEW
    paged: bool = False
    title: str
    opened_at: UtcDatetime
    latest_at: UtcDatetime
    first_seen_at: UtcDatetime
    latest_seen_at: UtcDatetime
    members: tuple[Member, ...] = Field(min_length=1)
    known: tuple[tuple[str, int], ...]
    sources: tuple[str, ...]
    outlets: tuple[str, ...] = ()
    told_sources: int = 0
    told_outlets: int = 0
    told: str = ""
    spans: tuple[Span, ...] = ()
    statements: tuple[Statement, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

    def revision_of(self, article: str) -> int:
        """Return the revision of `article` that took part, 0 if none did."""
        return max((revision for known, revision in self.known if known == article), default=0)

    def reporting(self) -> tuple[str, ...]:
        """Return all outlets that reported; documents of before they were kept tell of the newest alone."""
        told = (member.told.source for member in self.members)
        return self.outlets or tuple(dict.fromkeys((*self.sources, *told)))

    def knows(self) -> Known:
        """Return what the storyline has been told up to here."""
        return Known.from_text(self.told)

    def distance(self, when: datetime) -> timedelta:
        """Return how far `when` lies outside of the development's time; zero inside."""
        nothing = timedelta(0)
        return max(nothing, self.opened_at - when, when - self.latest_at)


def before(
    developments: Iterable[Development], when: datetime, gap: timedelta
) -> Development | None:
    """Return the development that ended last before a report of time `when`, by more than `gap`."""
    ended = [d for d in developments if d.latest_at + gap < when]
    return max(ended, key=lambda d: (d.latest_at, d.id)) if ended else None


def holder(developments: Iterable[Development], article: str) -> Development | None:
    """Return the development that `article` took part in."""
    held = [d for d in developments if d.revision_of(article)]
    return min(held, key=lambda d: d.id) if held else None


def nearest(
    developments: Sequence[Development], when: datetime, gap: timedelta, signature: Sketch
) -> Development | None:
    """Return the development that a report of time `when` joins, or None where it opens one.

    Only those within `gap` count; a copy goes where its original is, any other report to the nearest
    in time.
    """
    near = [d for d in developments if d.distance(when) <= gap]
    if not near:
        return None
    return min(
        near,
        key=lambda d: (original(d, signature) is None, d.distance(when), d.opened_at, d.id),
    )


def original(development: Development, signature: Sketch, *, but: str = "") -> Member | None:
    """Return the member that a text copies or rewords, the earliest of them; never article `but`."""
    for member in development.members:
        if member.told.id != but and signature.is_copy_of(member.sketch()):
            return member
    return None


def is_late_copy(development: Development, article: Article, signature: Sketch) -> bool:
    """Whether a report copies one of a development that ended before it, within the time of copies."""
    found = original(development, signature)
    return found is not None and article.event_time - found.event_time <= COPY_WINDOW


def signature_of(article: Article) -> Sketch:
    """Return the sketch of an article's fields."""
    return sketch(article.title, article.description, article.text)


def figures_of(article: Article) -> tuple[str, ...]:
    """Return the numbers that an article names, in digits or as English words, sorted.

    Times of day are left out: a page's "updated 14:05" is no news.
    """
    found: set[str] = set()
    for text in (article.title, article.description, article.text):
        found.update(_figures(Tokens(_TIME_OF_DAY.sub(" ", text)).words))
    return tuple(sorted(found)[:MOST_FIGURES])


def _figures(words: Iterable[str]) -> set[str]:
    return {
        str(NUMBER_WORDS.get(word, word))
        for word in words
        if word in NUMBER_WORDS or _FIGURE.search(word)
    }
