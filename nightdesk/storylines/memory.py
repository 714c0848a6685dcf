"""What a storyline remembers of the reports that came near: bounded, plain, and the same after reload.

Comes in: one decision after another.  Goes out: a new `Memory` each time; the old one is unchanged.
Kept are the reports that were believed, the nearest of those that were not, and copies of either.  A
report is remembered once: a revision takes the place of the one before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import ArchiveError
from nightdesk.storylines.neighbourhood import TRUSTED, Voters
from nightdesk.storylines.packed import Packed, Shelf
from nightdesk.text.copies import Sketch
from schemas import Contribution, Decision

Floats = NDArray[np.float64]

BELIEVED = 40
"""Reports kept that are believed to fit."""

NEAR = 32
"""Reports kept that came near and are not believed."""

COPIES = 24
"""Copies kept of other reports; they have no vote."""

_FORMAT = 2
_DAY = 86_400.0


@dataclass(frozen=True)
class Remembered:
    """One report, and what is thought of it now.

    `impression` is the probability by the model's first layer, which is what its neighbours go by.
    `cosine` is that to the storyline's profile, `rival` that to its best rival's (None where none is
    declared); `declared` are the contributions of entities, cues and exclusions.  `original` is the
    article that this one copies, empty where it is none.
    """

    article: str
    revision: int
    source: str
    title: str
    event_time: datetime
    dated: bool
    decision: Decision
    score: float
    probability: float
    cosine: float
    words: int
    terms: Packed
    sketch: Sketch
    rival: float | None = None
    declared: tuple[Contribution, ...] = ()
    original: str = ""
    impression: float = 0.0

    @property
    def worth(self) -> float:
        """What entities, cues and exclusions add to its score."""
        return sum(part.value for part in self.declared)

    @cached_property
    def days(self) -> float:
        """The event time in days since 1970; NaN where the report has no date of its own."""
        return self.event_time.timestamp() / _DAY if self.dated else float("nan")


@dataclass(frozen=True)
class Memory:
    """Oldest first, in the order of decisions.  `Memory()` remembers nothing.

    `unsettled` counts the reports that came since all were last judged again.  `grid` is a cache: the
    likenesses of `reports` among each other.
    """

    reports: tuple[Remembered, ...] = ()
    copies: tuple[Remembered, ...] = ()
    unsettled: int = 0
    grid: Floats | None = field(default=None, compare=False, repr=False)

    @cached_property
    def shelf(self) -> Shelf:
        """The words of `reports`."""
        return Shelf([report.terms for report in self.reports])

    @cached_property
    def likeness(self) -> Floats:
        """The likeness of `reports` among each other: (k, k)."""
        if self.grid is not None:
            return self.grid
        return self.shelf.likenesses([report.terms for report in self.reports])

    @cached_property
    def voters(self) -> Voters:
        """`reports` as the model sees them."""
        return Voters(
            cosine=np.array([report.cosine for report in self.reports], np.float64),
            likeness=self.likeness,
            days=np.array([report.days for report in self.reports], np.float64),
        )

    @cached_property
    def beliefs(self) -> Floats:
        """The probabilities of `reports`."""
        return np.array([report.probability for report in self.reports], np.float64)

    @cached_property
    def declared(self) -> Floats:
        """What entities, cues and exclusions add to the scores of `reports`."""
        return np.array([report.worth for report in self.reports], np.float64)

    @cached_property
    def impressions(self) -> Floats:
        """The first impressions of `reports`."""
        return np.array([report.impression for report in self.reports], np.float64)

    def beliefs_without(self, article: str) -> Floats:
        """Return the probabilities of all `reports` but `article`."""
        place = self.place(article)
        return self.beliefs if place < 0 else np.delete(self.beliefs, place)

    def place(self, article: str) -> int:
        """Return the number of `article` among `reports`, -1 if it is not there."""
        return next((n for n, r in enumerate(self.reports) if r.article == article), -1)

    def revision_of(self, article: str) -> int:
        """Return the revision of `article` that is remembered, 0 if none."""
        known = (*self.reports, *self.copies)
        return max((r.revision for r in known if r.article == article), default=0)

    def remember(self, report: Remembered, near: Floats, *, horizon: timedelta) -> Memory:
        """Return the memory with `report`, in place of what was known of its article.

        `near` is its likeness to each of `reports`.  Where there are too many, the one goes that is
        believed least and is oldest: `horizon` makes up for all of belief.
        """
        copies = tuple(r for r in self.copies if r.article != report.article)
        if report.original:
            kept = [n for n, r in enumerate(self.reports) if r.article != report.article]
            return replace(self._only(kept), copies=(*copies, report)[-COPIES:])
        grid = np.zeros((len(near) + 1, len(near) + 1))
        grid[:-1, :-1] = self.likeness
        grid[-1, :-1] = grid[:-1, -1] = near
        grid[-1, -1] = report.terms.likeness_to_itself()
        together = Memory((*self.reports, report), copies, self.unsettled + 1, grid)
        kept = [n for n, r in enumerate(together.reports[:-1]) if r.article != report.article] + [
            len(self.reports)
        ]
        return together._only(_bounded(together.reports, kept, horizon))

    def with_beliefs(self, reports: Sequence[Remembered], copies: Sequence[Remembered]) -> Memory:
        """Return the memory with other opinions of the same reports, all of them settled."""
        return Memory(tuple(reports), tuple(copies), 0, self.likeness)

    def _only(self, kept: Sequence[int]) -> Memory:
        if len(kept) == len(self.reports):
            return self
        grid = self.likeness[np.ix_(kept, kept)]
        reports = tuple(self.reports[n] for n in kept)
        return Memory(reports, self.copies, self.unsettled, grid)

    def to_bytes(self) -> bytes:
        """Return the memory as UTF-8 JSON; equal memories give equal bytes."""
        document = {
            "format": _FORMAT,
            "unsettled": self.unsettled,
            "reports": [_dump(report) for report in self.reports],
            "copies": [_dump(report) for report in self.copies],
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Memory:
        """Read what `to_bytes` wrote.  Raises ArchiveError for anything else."""
        try:
            document = json.loads(data.decode("utf-8", "surrogatepass"))
            if document["format"] != _FORMAT:
                raise ValueError(f"format {document['format']!r}")
            return cls(
                tuple(_load(row) for row in document["reports"]),
                tuple(_load(row) for row in document["copies"]),
                int(document["unsettled"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ArchiveError(
                f"a storyline's memory cannot be read: {error}",
                hint="it was written by another version of Nightdesk, or damaged: delete it, "
                "and the storyline starts from its definition again",
            ) from error


def _bounded(reports: Sequence[Remembered], kept: list[int], horizon: timedelta) -> list[int]:
    """Drop what is worth least, so that neither the believed nor the others are too many."""
    believed = [n for n in kept if reports[n].probability >= TRUSTED]
    others = [n for n in kept if reports[n].probability < TRUSTED]
    if len(believed) <= BELIEVED and len(others) <= NEAR:
        return kept
    newest = max(reports[n].event_time for n in kept)

    def worth(n: int) -> float:
        return reports[n].probability - (newest - reports[n].event_time) / horizon

    for group, most in ((believed, BELIEVED), (others, NEAR)):
        while len(group) > most:
            group.remove(min(group, key=lambda n: (worth(n), n)))
    return sorted(believed + others)


def _dump(report: Remembered) -> dict[str, Any]:
    return {
        "article": report.article,
        "revision": report.revision,
        "source": report.source,
        "title": report.title,
        "event_time": report.event_time.isoformat(),
        "dated": report.dated,
        "decision": report.decision.value,
        "score": report.score,
        "probability": report.probability,
        "cosine": report.cosine,
        "words": report.words,
        "terms": report.terms.to_text(),
        "sketch": report.sketch.to_text(),
        "rival": report.rival,
        "declared": [[part.name, part.value, part.detail] for part in report.declared],
        "original": report.original,
        "impression": report.impression,
    }


def _load(row: dict[str, Any]) -> Remembered:
    rival = row["rival"]
    return Remembered(
        article=str(row["article"]),
        revision=int(row["revision"]),
        source=str(row["source"]),
        title=str(row["title"]),
        event_time=datetime.fromisoformat(row["event_time"]).astimezone(UTC),
        dated=bool(row["dated"]),
        decision=Decision(row["decision"]),
        score=float(row["score"]),
        probability=float(row["probability"]),
        cosine=float(row["cosine"]),
        words=int(row["words"]),
        terms=Packed.from_text(row["terms"]),
        sketch=Sketch.from_text(row["sketch"]),
        rival=None if rival is None else float(rival),
        declared=tuple(
            Contribution(name=str(name), value=float(value), detail=str(detail))
            for name, value, detail in row["declared"]
        ),
        original=str(row["original"]),
        impression=float(row.get("impression", row["probability"])),
    )
