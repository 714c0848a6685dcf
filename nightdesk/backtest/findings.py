"""Findings: what one trial of a storyline came to, as plain data.

Comes in: every last decision, the changes of mind before it, and the alerts.  Goes out: `Outcome`, which
answers what a desk asks of a definition: how many a day, how close a call, what was just missed, what
would have been told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from nightdesk.storylines.bar import DOUBTED, subject_alone
from schemas import Alert, AlertKind, Decision, Storyline


@dataclass(frozen=True)
class Judged:
    """An article that was named for the storyline, and the last word on it.

    `name` is what the reader calls it: the archive's id, or the record's id of a file.  `when` is None where
    nothing has a date.  `bar` is the probability from which it would have fitted when that was decided.
    """

    article: str
    name: str
    title: str
    source: str
    url: str | None
    when: datetime | None
    decision: Decision
    probability: float
    bar: float

    @property
    def above(self) -> float:
        """By how much its probability lies above the bar; negative where below."""
        return self.probability - self.bar

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return asdict(self) | {"when": _iso(self.when), "decision": self.decision.value}


@dataclass(frozen=True)
class Raised:
    """One change of one alert: a development that is new, has grown or was revised.

    `pages` is False where no live report took part, so that nobody would have been woken; `when` is None
    where nothing has a date.
    """

    development: str
    sequence: int
    kind: AlertKind
    title: str
    reason: str
    sources: int
    articles: int
    pages: bool
    when: datetime | None

    @classmethod
    def of(cls, alert: Alert, *, dated: bool = True) -> Raised:
        """Keep of an alert what a list of alerts shows."""
        last = max(article.published_at or article.seen_at for article in alert.articles)
        return cls(
            development=alert.development,
            sequence=alert.sequence,
            kind=alert.kind,
            title=alert.title,
            reason=alert.reason,
            sources=alert.sources,
            articles=len(alert.articles),
            pages=alert.pages,
            when=last if dated else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return asdict(self) | {"when": _iso(self.when), "kind": self.kind.value}


@dataclass(frozen=True)
class Day:
    """The hits of one day of event time (UTC)."""

    day: date
    fits: int
    possible: int

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {"day": self.day.isoformat(), "fits": self.fits, "possible": self.possible}


@dataclass(frozen=True)
class Outcome:
    """What a trial came to.  `judged` is in event-time order, or as it was read where nothing has a date;
    `articles` counts all that were read.

    `changes` counts changes of mind by (from, to), `reconsidered` the articles that had any.
    """

    storyline: Storyline
    articles: int
    judged: tuple[Judged, ...]
    changes: Mapping[tuple[Decision, Decision], int]
    reconsidered: int
    raised: tuple[Raised, ...]

    def of(self, decision: Decision) -> tuple[Judged, ...]:
        """Return the articles of one decision, in event-time order."""
        return tuple(judged for judged in self.judged if judged.decision is decision)

    @property
    def in_doubt(self) -> int:
        """How many do not fit and are near misses all the same."""
        return sum(
            j.decision is not Decision.FITS and j.probability >= DOUBTED for j in self.judged
        )

    @property
    def tells_subject(self) -> bool:
        """Whether far more is in doubt than fits, and no supporting cue tells the story from its subject."""
        return not self.storyline.cues.supporting and (
            subject_alone(self.in_doubt, len(self.of(Decision.FITS))) == 1.0
        )

    @property
    def developments(self) -> int:
        """How many developments the alerts tell of."""
        return len({raised.development for raised in self.raised})

    def kinds(self) -> dict[str, int]:
        """Return how many alerts there are of each kind."""
        return dict(sorted(Counter(raised.kind.value for raised in self.raised).items()))

    def days(self) -> tuple[Day, ...]:
        """Return each day from the first to the last hit or possible hit, quiet ones too; none where nothing
        has a date."""
        fits = Counter(j.when.date() for j in self.of(Decision.FITS) if j.when)
        possible = Counter(j.when.date() for j in self.of(Decision.POSSIBLE) if j.when)
        busy = [*fits, *possible]
        if not busy:
            return ()
        first, last = min(busy), max(busy)
        every = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return tuple(Day(day, fits[day], possible[day]) for day in every)

    def just_above(self, most: int) -> tuple[Judged, ...]:
        """Return the hits that are least above their bars, the least last."""
        return _nearest(self.of(Decision.FITS))[-most:] if most else ()

    def just_below(self, most: int) -> tuple[Judged, ...]:
        """Return what came nearest to its bar without being a hit, nearest first."""
        return _nearest(j for j in self.judged if j.decision is not Decision.FITS)[:most]

    def best(self, decision: Decision, most: int) -> tuple[Judged, ...]:
        """Return those of a decision that are highest above their bars, or least below, first."""
        return _nearest(self.of(decision))[:most]


def _nearest(judged: Iterable[Judged]) -> tuple[Judged, ...]:
    """Order by what each has above the bar that it was held against: bars move, also within one storyline."""
    return tuple(sorted(judged, key=lambda j: (-j.above, _iso(j.when) or "", j.article)))


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
