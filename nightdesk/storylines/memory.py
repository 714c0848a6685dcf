"""What a storyline remembers of the reports that came near: bounded, plain, and the same after reload.

Comes in: one decision after another.  Goes out: a new `Memory` each time; the old one is unchanged.
Kept are the reports that were believed, the nearest of those that were not, and copies of either.  A
report is remembered once: a revision takes the place of the one before.  What came last is pending:
newcomers are measured by the reports that have been judged together, which are `Settled`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import ArchiveError
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.neighbourhood import TRUSTED, Crowd, Neighbourhood, Opinions
from nightdesk.storylines.packed import Packed, Shelf
from nightdesk.storylines.remembered import Remembered, dump, load

Floats = NDArray[np.float64]
Grid = NDArray[np.uint16]

BELIEVED = 64
"""Reports kept that are believed to fit."""

NEAR = 48
"""Reports kept that came near and are not believed."""

COPIES = 24
"""Copies kept of other reports; they have no vote."""

_FINE = 65_535.0

_FORMAT = 3
_ONE_LIST = 2
"""The format before, which counted how many of its reports were pending."""


@dataclass(frozen=True)
class Measure:
    """Settled reports as newcomers of one storyline meet them.

    `shelf` holds the words of the storyline's texts, then of the reports; `beliefs` their probabilities.
    """

    storyline: CompiledStoryline
    shelf: Shelf
    hood: Neighbourhood
    opinions: Opinions
    beliefs: Floats

    @classmethod
    def of(
        cls,
        storyline: CompiledStoryline,
        reports: Sequence[Remembered],
        hood: Neighbourhood,
        opinions: Opinions,
    ) -> Measure:
        """Put together what was measured of `reports`."""
        shelf = storyline.shelf.followed_by([report.terms for report in reports])
        beliefs = np.array([report.probability for report in reports], np.float64)
        return cls(storyline, shelf, hood, opinions, beliefs)

    def likeness(self, terms: Packed) -> tuple[Floats, Floats]:
        """Return the likeness of a text to the storyline's texts, and to the settled reports."""
        everything = self.shelf.likeness(terms)
        shown = self.storyline.shelf.size
        return everything[:shown], everything[shown:]

    @cached_property
    def accepted(self) -> int:
        """How many of the reports are believed."""
        return int(np.count_nonzero(self.beliefs >= TRUSTED))


@dataclass(frozen=True)
class Settled:
    """Reports that have been judged together, oldest first.  What is measured of them is measured once.

    Two caches: `grid` has the likenesses of `reports` among each other, `measure` what newcomers of one
    storyline meet.
    """

    reports: tuple[Remembered, ...] = ()
    grid: Grid | None = field(default=None, compare=False, repr=False)
    measure: Measure | None = field(default=None, compare=False, repr=False)

    @cached_property
    def likeness(self) -> Grid:
        """The likeness of the reports among each other (k, k), in 65,535ths."""
        if self.grid is not None:
            return self.grid
        texts = [report.terms for report in self.reports]
        return packed_grid(Shelf(texts).likenesses(texts))

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each article stands in `reports`."""
        return {report.article: place for place, report in enumerate(self.reports)}

    def measured(self, storyline: CompiledStoryline) -> Measure:
        """Return the reports as a newcomer of `storyline` meets them, with their impressions."""
        known: Measure | None = self.__dict__.get("_measure", self.measure)
        if known is None or known.storyline is not storyline:
            crowd = crowd_of(storyline, self.reports, self.likeness)
            held = np.array([report.impression for report in self.reports], np.float64)
            told = storyline.told
            hood, opinions = Neighbourhood(told, crowd), Opinions(told, crowd, held)
            known = Measure.of(storyline, self.reports, hood, opinions)
            self.__dict__["_measure"] = known
        return known

    def without(self, place: int) -> Settled:
        """Return them without the one at `place`."""
        kept = [n for n in range(len(self.reports)) if n != place]
        return Settled(tuple(self.reports[n] for n in kept), self.likeness[np.ix_(kept, kept)])


@dataclass(frozen=True)
class Memory:
    """`Memory()` remembers nothing.  `pending` came since all were judged together, in that order."""

    settled: Settled = field(default_factory=Settled)
    pending: tuple[Remembered, ...] = ()
    copies: tuple[Remembered, ...] = ()

    @property
    def reports(self) -> tuple[Remembered, ...]:
        """All reports but copies, in the order of decisions."""
        return self.settled.reports + self.pending

    @cached_property
    def beliefs(self) -> Floats:
        """The probabilities of all reports."""
        return np.array([report.probability for report in self.reports], np.float64)

    def known(self, article: str) -> Remembered | None:
        """Return what is remembered of `article`."""
        place = self.settled.places.get(article)
        if place is not None:
            return self.settled.reports[place]
        return next((r for r in (*self.pending, *self.copies) if r.article == article), None)

    def without(self, article: str) -> Memory:
        """Return the memory as if `article` had never come near."""
        if self.known(article) is None:
            return self
        place = self.settled.places.get(article)
        return Memory(
            self.settled if place is None else self.settled.without(place),
            tuple(r for r in self.pending if r.article != article),
            tuple(r for r in self.copies if r.article != article),
        )

    def remember(self, report: Remembered) -> Memory:
        """Return the memory with `report`, of whose article it knew nothing."""
        if report.original:
            return Memory(self.settled, self.pending, (*self.copies, report)[-COPIES:])
        return Memory(self.settled, (*self.pending, report), self.copies)

    def gathered(self, *, horizon: timedelta) -> Settled:
        """Return all its reports, as many as are kept.

        Where there are too many, those go that are believed least and are oldest: `horizon` makes up
        for all of belief.
        """
        reports, old = self.reports, len(self.settled.reports)
        grid = np.empty((len(reports), len(reports)), np.uint16)
        grid[:old, :old] = self.settled.likeness
        new = packed_grid(
            Shelf([report.terms for report in reports]).likenesses(
                [report.terms for report in self.pending]
            )
        )
        grid[old:] = new
        grid[:, old:] = new.T
        kept = _bounded(reports, horizon)
        if len(kept) < len(reports):
            grid = grid[np.ix_(kept, kept)]
        return Settled(tuple(reports[n] for n in kept), grid)

    def to_bytes(self) -> bytes:
        """Return the memory as UTF-8 JSON; equal memories give equal bytes."""
        document = {
            "format": _FORMAT,
            "settled": [dump(report) for report in self.settled.reports],
            "pending": [dump(report) for report in self.pending],
            "copies": [dump(report) for report in self.copies],
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Memory:
        """Read what `to_bytes` wrote.  Raises ArchiveError for anything else."""
        try:
            document = _brought_forward(json.loads(data.decode("utf-8", "surrogatepass")))
            if document["format"] != _FORMAT:
                raise ValueError(f"format {document['format']!r}")
            settled, pending, copies = (
                tuple(load(row) for row in document[name])
                for name in ("settled", "pending", "copies")
            )
            return cls(Settled(settled), pending, copies)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ArchiveError(
                f"a storyline's memory cannot be read: {error}",
                hint="it was written by another version of Nightdesk, or damaged: delete it, "
                "and the storyline starts from its definition again",
            ) from error


def packed_grid(likeness: Floats) -> Grid:
    """Return likenesses as whole numbers, a quarter of their size: as fine as their last digits matter."""
    return np.rint(likeness * _FINE).astype(np.uint16)


def crowd_of(storyline: CompiledStoryline, reports: Sequence[Remembered], likeness: Grid) -> Crowd:
    """Return reports as the model sees them; `likeness` is that among each other."""
    nan = float("nan")
    return Crowd(
        cosine=np.array([report.cosine for report in reports], np.float64),
        exemplars=storyline.shelf.likenesses([report.terms for report in reports]),
        likeness=likeness / _FINE,
        log_words=np.log1p(np.array([report.words for report in reports], np.float64)),
        days=np.array([report.days for report in reports], np.float64),
        rivals=np.array([nan if r.rival is None else r.rival for r in reports], np.float64),
    )


def _brought_forward(document: dict[str, Any]) -> dict[str, Any]:
    """Return what an earlier version wrote in today's format; anything else as it is."""
    if document["format"] != _ONE_LIST:
        return document
    reports, pending = document["reports"], int(document["unsettled"])
    settled = max(0, len(reports) - pending)
    return {
        "format": _FORMAT,
        "settled": reports[:settled],
        "pending": reports[settled:],
        "copies": document["copies"],
    }


def _bounded(reports: Sequence[Remembered], horizon: timedelta) -> list[int]:
    """Drop what is worth least, so that neither the believed nor the others are too many."""
    believed = [n for n, report in enumerate(reports) if report.probability >= TRUSTED]
    others = [n for n, report in enumerate(reports) if report.probability < TRUSTED]
    if len(believed) <= BELIEVED and len(others) <= NEAR:
        return list(range(len(reports)))
    newest = max(report.event_time for report in reports)

    def worth(n: int) -> tuple[float, int]:
        return reports[n].probability - (newest - reports[n].event_time) / horizon, n

    kept = (
        n
        for group, most in ((believed, BELIEVED), (others, NEAR))
        for n in sorted(group, key=worth, reverse=True)[:most]
    )
    return sorted(kept)
