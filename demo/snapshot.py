"""What the archive holds at one moment, as plain values: what the screen shows and the verdict judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from demo.excerpt import Piece
from schemas import Alert


@dataclass(frozen=True, slots=True)
class Decided:
    """What `decide` said of an article for a storyline, and what `alert` made of it (None: not yet)."""

    storyline: str
    decision: str
    probability: float
    outcome: str | None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report and what has become of it so far.

    `slug` names it in the corpus.  `article` is None for what could not be read.  `candidates` is
    the number of storylines that `nominate` named it for, None where it has not come there yet.
    `copies` where an alert takes it for a copy of another report.
    """

    id: str
    feed: str
    slug: str
    source: str
    language: str
    title: str
    seen_at: datetime
    arrival: str
    outcome: str
    reason: str
    article: str | None
    revision: int
    candidates: int | None
    decided: tuple[Decided, ...] = ()
    copies: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether all has become of it that ever will."""
        if self.outcome in {"duplicate", "dead_letter", "redelivered"}:
            return True
        if self.candidates is None or len(self.decided) < self.candidates:
            return False
        return all(d.outcome is not None for d in self.decided if d.decision != "not")

    @property
    def best(self) -> Decided | None:
        """The decision that matters most: what fits before what may fit."""
        order = {"fits": 0, "possible": 1}
        told = [decided for decided in self.decided if decided.decision in order]
        return min(told, key=lambda d: (order[d.decision], -d.probability), default=None)


@dataclass(frozen=True, slots=True)
class AlertCard:
    """An alert as it stands, and the words of its opening article that earned it."""

    alert: Alert
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that earned it, each once, in the order of the article."""
        pieces = (*self.title, *self.excerpt)
        return tuple(dict.fromkeys(piece.text for piece in pieces if piece.earned))


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed's health, and what each of its polls came to, oldest first."""

    id: str
    source: str
    health: str
    failing: bool
    detail: str
    outcomes: tuple[str, ...] = ()
    rejected: int = 0
    duplicate: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A delivery as it stands."""

    id: str
    channel: str
    state: str
    alert: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`reports` are in the order seen, `alerts` in the order raised."""

    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    reports: tuple[ReportLine, ...] = ()
    alerts: tuple[AlertCard, ...] = ()
    feeds: tuple[FeedLine, ...] = ()
    deliveries: tuple[DeliveryLine, ...] = ()

    def count(self, stage: str, *outcomes: str) -> int:
        """Return how many messages of `stage` met one of `outcomes`."""
        return sum(self.totals.get(stage, {}).get(outcome, 0) for outcome in outcomes)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the programme stands: `wave` of `waves`, seconds since the start, and what it waits for."""

    wave: int
    waves: int
    seconds: float
    phase: str
