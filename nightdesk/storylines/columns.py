"""What is known of remembered reports, side by side, so that all are judged in a few array steps.

Comes in: reports.  Goes out: `Columns`, what was measured of them and what is thought of them now; which of
them are worth keeping; and the `Crowd` that the model sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.numbers import side_by_side
from nightdesk.storylines.grid import part
from nightdesk.storylines.keeping import let_go
from nightdesk.storylines.neighbourhood import TRUSTED, Crowd
from nightdesk.storylines.remembered import Remembered
from nightdesk.storylines.rethinking import open_at
from nightdesk.text.copies import Sketches
from schemas import Decision

Floats = NDArray[np.float64]
Grid = NDArray[np.uint16]

BELIEVED = 32
"""Reports kept that are believed to fit."""

NEAR = 24
"""Reports kept that came near and are not believed."""

DECISIONS = (Decision.FITS, Decision.POSSIBLE, Decision.NOT)
"""Decisions by their codes."""

_CODES = {decision: code for code, decision in enumerate(DECISIONS)}

(
    _COSINE, _LOG_WORDS, _DAY, _RIVAL, _WORTH, _EXCLUDED, _MOMENT,
    _DECISION, _SCORE, _BELIEF, _IMPRESSION,
) = range(11)  # fmt: skip
"""Rows of the table.  `worth` is what is declared of a report, its moment the event time in microseconds, and
the last four are what is thought of it."""

_PAST = 2.0
"""More than any probability."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAN = float("nan")


class Columns(NamedTuple):
    """`table` has a column for each report, beside its sketch."""

    table: Floats
    sketches: Sketches

    @classmethod
    def of(cls, reports: Sequence[Remembered]) -> Columns:
        """Put reports side by side."""
        rows = np.array(list(map(_column, reports)), np.float64).reshape(len(reports), 11)
        table = np.ascontiguousarray(rows.T)
        table[_LOG_WORDS] = np.log1p(table[_LOG_WORDS])
        return cls(table, Sketches([report.sketch for report in reports]))

    def followed_by(self, reports: Sequence[Remembered]) -> Columns:
        """Return the columns with more reports at their end."""
        more = Columns.of(reports)
        table = np.concatenate((self.table, more.table), axis=1)
        return Columns(table, self.sketches.followed_by(more.sketches))

    def only(self, places: Sequence[int]) -> Columns:
        """Return the columns of the reports at `places` alone."""
        return Columns(self.table.take(places, axis=1), self.sketches.only(places))

    def thought_of(
        self, decisions: Floats, scores: Floats, beliefs: Floats, impressions: Floats
    ) -> Columns:
        """Return the columns with other opinions of the reports."""
        opinions = (decisions, scores, beliefs, impressions)
        return Columns(np.concatenate((self.table[:_DECISION], opinions)), self.sketches)

    def opinion(self, place: int) -> tuple[Decision, float, float, float]:
        """Return what is thought of one: decision, score, probability and impression."""
        code, score, belief, impression = self.table[_DECISION:, place].tolist()
        return DECISIONS[int(code)], score, belief, impression

    @property
    def worth(self) -> Floats:
        """What entities, cues and exclusions add to each score."""
        return self._row(_WORTH)

    @property
    def decisions(self) -> Floats:
        """The codes of the decisions."""
        return self._row(_DECISION)

    @property
    def scores(self) -> Floats:
        """The scores, in log-odds."""
        return self._row(_SCORE)

    @property
    def beliefs(self) -> Floats:
        """The probabilities."""
        return self._row(_BELIEF)

    @property
    def impressions(self) -> Floats:
        """The probabilities by the model's first layer."""
        return self._row(_IMPRESSION)

    def _row(self, number: int) -> Floats:
        row: Floats = self.table[number]
        return row

    def open_at(self, at: datetime, window: timedelta) -> bytearray:
        """Return which reports are so near to `at` in time that they may be judged again: not 0."""
        opened = bytearray(self.table.shape[1])
        moments, excluded = self._row(_MOMENT), self._row(_EXCLUDED)
        span = float(window // _MICROSECOND)
        open_at(side_by_side(moments), side_by_side(excluded), float(_moment(at)), span, opened)
        return opened

    def crowd(self, shown: Floats, likeness: Grid) -> Crowd:
        """Return the reports as the model sees them.

        `shown` is their likeness to the storyline's texts, `likeness` that among each other.
        """
        cosine, log_words, days, rivals = self.table[:_WORTH]
        among = np.empty(likeness.shape)
        part(likeness.reshape(-1).data, side_by_side(among))
        return Crowd(cosine, shown, among, log_words, days, rivals)

    def kept(self, horizon: timedelta) -> list[int]:
        """Return the places of what is worth most, so that neither the believed nor the others are too
        many; `horizon` makes up for all of belief.
        """
        beliefs, moments = side_by_side(self.beliefs), side_by_side(self.table[_MOMENT])
        gone, age = bytearray(len(beliefs)), float(horizon // _MICROSECOND)
        let_go(beliefs, moments, age, TRUSTED, _PAST, BELIEVED, gone)
        let_go(beliefs, moments, age, 0.0, TRUSTED, NEAR, gone)
        return [at for at, left_out in enumerate(gone) if not left_out]


def _column(report: Remembered) -> tuple[float, ...]:
    return (
        report.cosine,
        report.words,
        report.days,
        _NAN if report.rival is None else report.rival,
        report.worth,
        report.excluded,
        _moment(report.event_time),
        _CODES[report.decision],
        report.score,
        report.probability,
        report.impression,
    )


def _moment(when: datetime) -> int:
    return (when - _EPOCH) // _MICROSECOND
