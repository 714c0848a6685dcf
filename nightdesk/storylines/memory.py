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
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import ArchiveError
from nightdesk.numbers import side_by_side
from nightdesk.storylines.columns import Columns, Grid
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.grid import join
from nightdesk.storylines.neighbourhood import TRUSTED, Neighbourhood, Opinions
from nightdesk.storylines.packed import Packed
from nightdesk.storylines.remembered import Remembered, dump, load, shelved
from nightdesk.storylines.shelf import Shelf, Texts

Floats = NDArray[np.float64]

COPIES = 24
"""Copies kept of other reports; they have no vote."""

_FORMAT = 3
_ONE_LIST = 2
"""The format before, which counted how many of its reports were pending."""


@dataclass(frozen=True)
class Measure:
    """Settled reports as newcomers of one storyline meet them.

    `everybody` has the words of the storyline's `n` texts, then those of the `k` reports; `shown` is the
    likeness of the latter to the former (k, n), `beliefs` are their probabilities (k).
    """

    storyline: CompiledStoryline
    everybody: Shelf
    shown: Floats
    hood: Neighbourhood
    opinions: Opinions
    beliefs: Floats

    @cached_property
    def accepted(self) -> int:
        """How many of the reports are believed."""
        return int(np.count_nonzero(self.beliefs >= TRUSTED))


class Gathered(NamedTuple):
    """Reports that are about to be judged together: the same, and their likenesses among each other."""

    bare: tuple[Remembered, ...]
    everybody: Shelf
    shown: Floats
    grid: Grid
    columns: Columns


@dataclass(frozen=True, eq=False)
class Settled:
    """Reports that have been judged together, oldest first: `bare`, for their sketches and what is thought
    of them are in `columns`.

    What is measured of them is measured once.  Two caches: `grid` has their likenesses among each other,
    `measure` what newcomers of one storyline meet.  Their words are in `measure` once there is one, and
    until then in `alone`.
    """

    bare: tuple[Remembered, ...] = ()
    columns: Columns = field(default_factory=lambda: Columns.of(()), repr=False)
    alone: Shelf | None = None
    grid: Grid | None = field(default=None, repr=False)
    measure: Measure | None = field(default=None, repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settled) and self.whole() == other.whole()

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.bare)

    @property
    def shelf(self) -> Shelf:
        """The words of the reports."""
        if self.measure is None:
            return self.alone or Shelf(())
        everybody = self.measure.everybody
        return everybody.only(range(everybody.size - len(self), everybody.size))

    @classmethod
    def of(cls, reports: Sequence[Remembered]) -> Settled:
        """Put the words and sketches of reports side by side."""
        shelf = Shelf([report.terms for report in reports])
        return cls(tuple(map(shelved, reports)), Columns.of(reports), shelf)

    def report(self, place: int) -> Remembered:
        """Return a report with what is thought of it, without words and sketch."""
        return self.bare[place].thought_of(*self.columns.opinion(place))

    @property
    def reports(self) -> tuple[Remembered, ...]:
        """All of them, the same way."""
        return tuple(map(self.report, range(len(self))))

    def whole(self) -> tuple[Remembered, ...]:
        """Return the reports with their words and sketches."""
        rows = zip(self.reports, self.shelf.texts(), self.columns.sketches.each(), strict=True)
        return tuple(report._replace(terms=text, sketch=sketch) for report, text, sketch in rows)

    @cached_property
    def likeness(self) -> Grid:
        """The likeness of the reports among each other (k, k), in 65,535ths."""
        if self.grid is not None:
            return self.grid
        return _joined(
            np.empty(0, np.uint16), np.empty((0, 0)), self.shelf.all().among(), range(len(self))
        )

    @cached_property
    def falling(self) -> list[float]:
        """The probabilities of the reports, the greatest first."""
        return sorted(self.columns.beliefs.tolist(), reverse=True)

    @cached_property
    def _articles(self) -> frozenset[str]:
        return frozenset([report.article for report in self.bare])

    def place(self, article: str) -> int | None:
        """Return where the report of an article stands."""
        if article not in self._articles:
            return None
        return [report.article for report in self.bare].index(article)

    def met(self, storyline: CompiledStoryline, terms: Packed) -> Floats:
        """Return the likeness of a text to the storyline's texts, then to the reports: (n + k)."""
        return self.measured(storyline).everybody.likeness(terms)

    def measured(self, storyline: CompiledStoryline) -> Measure:
        """Return the reports as a newcomer of `storyline` meets them, with their impressions."""
        known = self.measure
        if known is None or known.storyline is not storyline:
            shelf = self.shelf
            shown = storyline.shelf.likenesses(shelf.texts())
            crowd = self.columns.crowd(shown, self.likeness)
            told, held = storyline.told, self.columns.impressions
            hood, opinions = Neighbourhood(told, crowd), Opinions(told, crowd, held)
            everybody = storyline.shelf.changed(shelf.all())
            known = Measure(storyline, everybody, shown, hood, opinions, self.columns.beliefs)
            # A cache of what follows from the rest.
            object.__setattr__(self, "measure", known)
            object.__setattr__(self, "alone", None)
        return known

    def without(self, place: int) -> Settled:
        """Return them without the one at `place`."""
        kept = [n for n in range(len(self)) if n != place]
        bare, grid = tuple(self.bare[n] for n in kept), self.likeness[np.ix_(kept, kept)]
        return Settled(bare, self.columns.only(kept), self.shelf.only(kept), grid)


@dataclass(frozen=True)
class Memory:
    """`Memory()` remembers nothing.  `pending` came since all were judged together, in that order.

    A cache: `met` has the likeness of each that is pending to all that it was measured by; empty where one
    is not known.
    """

    settled: Settled = field(default_factory=Settled)
    pending: tuple[Remembered, ...] = ()
    copies: tuple[Remembered, ...] = ()
    met: tuple[Floats, ...] = field(default=(), compare=False, repr=False)

    @property
    def reports(self) -> tuple[Remembered, ...]:
        """All reports but copies, in the order of decisions; those that have settled without their words."""
        return self.settled.reports + self.pending

    @property
    def beliefs(self) -> list[float]:
        """The probabilities of all reports, in no order."""
        return [*self.settled.falling, *[report.probability for report in self.pending]]

    def known(self, article: str) -> Remembered | None:
        """Return what is remembered of `article`."""
        place = self.settled.place(article)
        if place is not None:
            return self.settled.report(place)
        for report in self.pending:
            if report.article == article:
                return report
        for report in self.copies:
            if report.article == article:
                return report
        return None

    def without(self, article: str) -> Memory:
        """Return the memory as if `article` had never come near."""
        if self.known(article) is None:
            return self
        place = self.settled.place(article)
        return Memory(
            self.settled if place is None else self.settled.without(place),
            tuple(r for r in self.pending if r.article != article),
            tuple(r for r in self.copies if r.article != article),
        )

    def remember(self, report: Remembered, met: Floats | None = None) -> Memory:
        """Return the memory with `report`, of whose article it knew nothing.

        `met`, its likeness to all by which it was measured, saves doing that again.
        """
        if report.original:
            return Memory(self.settled, self.pending, (*self.copies, report)[-COPIES:], self.met)
        met_by_all = (*self.met, met) if met is not None else ()
        return Memory(self.settled, (*self.pending, report), self.copies, met_by_all)

    def gathered(self, storyline: CompiledStoryline, *, horizon: timedelta) -> Gathered:
        """Return all its reports, as many as are kept.

        Where there are too many, those go that are believed least and are oldest: `horizon` makes up
        for all of belief.
        """
        settled, texts = self.settled, [report.terms for report in self.pending]
        told, size = storyline.shelf.size, len(settled) + len(texts)
        known = self.met if len(self.met) == len(texts) else ()
        rows = known or [settled.met(storyline, text) for text in texts]
        met = np.array(rows).reshape(len(texts), told + len(settled))
        columns = settled.columns.followed_by(self.pending)
        kept, added, measure = columns.kept(horizon), Texts.of(texts), settled.measured(storyline)
        grid = _joined(settled.likeness, met, added.among(), kept)
        everybody = measure.everybody.changed(added, [*range(told), *[told + n for n in kept]])
        shown = np.concatenate((measure.shown, met[:, :told]))
        bare = settled.bare + tuple(map(shelved, self.pending))
        if len(kept) < size:
            bare = tuple([bare[n] for n in kept])
            shown, columns = shown.take(kept, axis=0), columns.only(kept)
        return Gathered(bare, everybody, shown, grid, columns)

    def to_bytes(self) -> bytes:
        """Return the memory as UTF-8 JSON; equal memories give equal bytes."""
        document = {
            "format": _FORMAT,
            "settled": [dump(report) for report in self.settled.whole()],
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
            return cls(Settled.of(settled), pending, copies)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ArchiveError(
                f"a storyline's memory cannot be read: {error}",
                hint="it was written by another version of Nightdesk, or damaged: delete it, "
                "and the storyline starts from its definition again",
            ) from error


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


def _joined(before: Grid, met: Floats, among: Floats, kept: Sequence[int]) -> Grid:
    """Return the likenesses of the reports at the places `kept`, of settled and pending ones."""
    grid = np.empty((len(kept), len(kept)), np.uint16)
    join(
        before.reshape(-1).data,
        side_by_side(met),
        met.shape[1],
        side_by_side(among),
        np.array(kept, np.int32).data,
        grid.reshape(-1).data,
    )
    return grid
