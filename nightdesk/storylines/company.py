"""The company that a report is in: what its nearest are held to be, and what came at the same time.

Comes in: likenesses to everybody and what is believed of each; event times in days.  Goes out: votes, and how
near and how many the others are in time.
"""

from __future__ import annotations

import cython

from nightdesk.numbers import Reals, Room
from nightdesk.storylines.greatest import greatest

if not cython.compiled:
    from math import log1p

_VOTERS = 5
"""So many of the nearest have a vote."""

_NEVER = 9999.0
_DAYS = 3.0
_FAINT = 1e-4


def vote(met: Reals, trust: Reals, top: Room) -> float:
    """Return which share of a report's nearest is believed, the nearer the weightier.

    `met` are its likenesses to everybody, 0 to itself; each of them is believed by `trust`.  `top` is room
    for the greatest.
    """
    size = len(trust)
    greatest(met, 0, size, _VOTERS, top)
    least = top[_VOTERS - 1] if size > _VOTERS else 0.0
    square, believed = 0.0, 0.0
    for at in range(size):
        like = met[at]
        if like >= least:
            square += like * like
            believed += like * like * trust[at]
    return believed / (square + _FAINT)


def gap(others: Reals, days: float, itself: int) -> float:
    """Return how far the nearest in time is, as a logarithm, 0 where nothing is known.

    `others` are event times in days; the one at `itself` is left out, -1 for none.
    """
    least = _NEVER
    for at in range(len(others)):
        if at != itself:
            apart = others[at] - days
            apart = apart if apart >= 0.0 else -apart
            least = min(least, apart)
    return log1p(least) - 1.0 if least < _NEVER else 0.0


def density(others: Reals, days: float, itself: int) -> float:
    """Return how many are within days, as a logarithm, the same way."""
    near = 0
    for at in range(len(others)):
        if at != itself and -_DAYS < others[at] - days < _DAYS:
            near += 1
    return log1p(near)


def nearest(met: Reals, first: int, beliefs: Reals, accepted: bool) -> int:
    """Return which remembered report is nearest among those that are believed, or among those that are not: 1
    for the first, 0 where none is near.

    `met` are from `first` on the likenesses to the reports, each of whom is believed by `beliefs`: what is
    half believed counts half on either side.
    """
    most, place = 0.0, 0
    for at in range(len(beliefs)):
        like = met[first + at] * (beliefs[at] if accepted else 1.0 - beliefs[at])
        if like > most:
            most, place = like, at + 1
    return place
