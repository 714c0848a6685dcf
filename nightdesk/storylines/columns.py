"""What is known of remembered reports, side by side, so that all are judged in a few array steps.

Comes in: reports.  Goes out: `Columns`, what never changes of them; which of them are worth keeping; and the
`Crowd` that the model sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.neighbourhood import TRUSTED, Crowd
from nightdesk.storylines.remembered import Remembered
from nightdesk.text.copies import Sketches

Floats = NDArray[np.float64]
Grid = NDArray[np.uint16]

BELIEVED = 32
"""Reports kept that are believed to fit."""

NEAR = 24
"""Reports kept that came near and are not believed."""

FINE = 65_535.0
"""Likenesses are kept in such parts."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAN = float("nan")


class Columns(NamedTuple):
    """`measured` has for each report (k, 5) its cosine, its length as a logarithm, its day, its cosine to
    the best rival and what is declared of it; `moments` are event times in microseconds.
    """

    measured: Floats
    moments: NDArray[np.int64]
    excluded: NDArray[np.bool_]
    sketches: Sketches

    @classmethod
    def of(cls, reports: Sequence[Remembered]) -> Columns:
        """Put reports side by side."""
        rows = [
            (r.cosine, r.words, r.days, _NAN if r.rival is None else r.rival, r.worth)
            for r in reports
        ]
        measured = np.array(rows, np.float64).reshape(len(reports), 5)
        measured[:, 1] = np.log1p(measured[:, 1])
        moments = [(report.event_time - _EPOCH) // _MICROSECOND for report in reports]
        excluded = [report.excluded for report in reports]
        return cls(
            measured,
            np.array(moments, np.int64),
            np.array(excluded, np.bool_),
            Sketches([report.sketch for report in reports]),
        )

    def followed_by(self, reports: Sequence[Remembered]) -> Columns:
        """Return the columns with more reports at their end."""
        more = Columns.of(reports)
        return Columns(
            np.concatenate((self.measured, more.measured)),
            np.concatenate((self.moments, more.moments)),
            np.concatenate((self.excluded, more.excluded)),
            self.sketches.followed_by(more.sketches),
        )

    def only(self, places: Sequence[int]) -> Columns:
        """Return the columns of the reports at `places` alone."""
        return Columns(
            self.measured[places],
            self.moments[places],
            self.excluded[places],
            self.sketches.only(places),
        )

    @property
    def worth(self) -> Floats:
        """What entities, cues and exclusions add to each score."""
        return self.measured[:, 4]

    def open_at(self, at: datetime, window: timedelta) -> NDArray[np.bool_]:
        """Return which reports are so near to `at` in time that they may be judged again."""
        moment = (at - _EPOCH) // _MICROSECOND
        near = np.abs(self.moments - moment) <= window // _MICROSECOND
        return near & ~self.excluded

    def crowd(self, shown: Floats, likeness: Grid) -> Crowd:
        """Return the reports as the model sees them.

        `shown` is their likeness to the storyline's texts, `likeness` that among each other.
        """
        cosine, log_words, days, rivals = self.measured.T[:4]
        return Crowd(cosine, shown, likeness / FINE, log_words, days, rivals)

    def kept(self, beliefs: Floats, horizon: timedelta) -> list[int]:
        """Return the places of what is worth most, so that neither the believed nor the others are too
        many; `horizon` makes up for all of belief.
        """
        believed = beliefs >= TRUSTED
        groups = (np.flatnonzero(believed), BELIEVED), (np.flatnonzero(~believed), NEAR)
        if all(len(places) <= most for places, most in groups):
            return list(range(len(beliefs)))
        worth = beliefs - (self.moments.max() - self.moments) / (horizon // _MICROSECOND)
        kept = [
            places[np.lexsort((places, worth[places]))[-most:]] if len(places) > most else places
            for places, most in groups
        ]
        found: list[int] = np.sort(np.concatenate(kept)).tolist()
        return found


def beliefs_of(reports: Sequence[Remembered]) -> Floats:
    """Return the probabilities of reports."""
    return np.array([report.probability for report in reports], np.float64)


def packed_grid(likeness: Floats) -> Grid:
    """Return likenesses as whole numbers, a quarter of their size: as fine as their last digits matter."""
    return np.rint(likeness * FINE).astype(np.uint16)
