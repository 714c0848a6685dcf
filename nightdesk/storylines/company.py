"""The company that a report is in: what its nearest are held to be, and what came at the same time.

Comes in: likenesses to everybody and what is believed of each; event times in days.  Goes out: votes, and how
near and how many the others are in time; for all that is remembered at once, or for one newcomer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import isnan, log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

VOTERS = 5
"""So many of the nearest have a vote."""

_NEVER = 9999.0
_DAYS = 3.0
_FAINT = 1e-4


def times(apart: Floats) -> tuple[Floats, Floats]:
    """Return how far the nearest in time is, and how many are within days: logarithms, 0 if unknown.

    `apart` has a row for each report and a column for each of the others: days, NaN where one is not known.
    """
    # What is no number is never the least, and never less.
    gap = np.fmin.reduce(apart, axis=1, initial=_NEVER)
    density = np.log1p(np.add.reduce(apart < _DAYS, axis=1))
    return np.where(gap < _NEVER, np.log1p(gap) - 1.0, 0.0), density


def time(others: Sequence[float], days: float) -> tuple[float, float]:
    """Return the same of one report; the days of the `others` rise."""
    if isnan(days) or not others:
        return 0.0, 0.0
    at = bisect_left(others, days)
    gap = min([abs(other - days) for other in others[max(0, at - 1) : at + 1]])
    near = bisect_left(others, days + _DAYS) - bisect_right(others, days - _DAYS)
    return log(1.0 + gap) - 1.0, log(1.0 + near)


def votes(everybody: Floats, trust: Floats) -> Floats:
    """Return which share of each row's nearest is believed, the nearer the weightier."""
    width = everybody.shape[1]
    square = everybody * everybody
    if width > VOTERS:
        least = np.sort(square, axis=1)[:, width - VOTERS]
        square = square * (square >= least[:, None])
    result: Floats = square.dot(trust) / (np.add.reduce(square, axis=1) + _FAINT)
    return result


def vote(everybody: Sequence[float], nearest: Sequence[float], trust: Sequence[float]) -> float:
    """Return the same of one row, of which `nearest` are the greatest, and maybe others."""
    least = sorted(nearest)[-VOTERS] if len(everybody) > VOTERS else 0.0
    square, believed = 0.0, 0.0
    for like, held in zip(everybody, trust, strict=True):
        if like >= least:
            square += like * like
            believed += like * like * held
    return believed / (square + _FAINT)
