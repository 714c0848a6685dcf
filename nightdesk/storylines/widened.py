"""The profile of a storyline with reports added to it, each by a weight: how near does everything come?

Comes in: cosines of reports to the profile and among each other, and weights.  Goes out: cosines to the sum.
A report is never compared with itself: what it added is taken out again (Rocchio 1971 for the sum, without
the negative term).  Nothing is stored, so that a report which no longer counts leaves no trace.
"""

from __future__ import annotations

import cython

from nightdesk.numbers import Reals
from nightdesk.storylines.greatest import zeros

if not cython.compiled:
    from math import sqrt

_LEAST = 1e-4
"""The square of a sum's length is at least this: a storyline's own part never vanishes."""


class Widened:
    """A profile that was widened by `k` reports, each by its weight.

    `mass` is the length of the profile before it is scaled to one, in which weights are given; `length` that
    of the sum.  `members` are the cosines of each of the reports to the sum of all others.
    """

    __slots__ = ("length", "mass", "members", "weights")

    def __init__(self, mass: float, weights: Reals) -> None:
        self.mass = self.length = mass
        self.weights = weights
        self.members = zeros(len(weights))

    def newcomer(self, cosine: float, met: Reals, first: int) -> float:
        """Return the cosine of one more report, whose likenesses to the others are `met`, from `first` on."""
        product = self.mass * cosine
        for other in range(len(self.weights)):
            product += self.weights[other] * met[first + other]
        return product / self.length


def widened(mass: float, cosine: Reals, likeness: Reals, weights: Reals) -> Widened:
    """Widen a profile by reports.

    `cosine` (k) are those of the reports to it, `likeness` (k * k, row by row) those among each other.
    """
    size = len(cosine)
    found = Widened(mass, weights)
    reached = found.members
    for other in range(size):
        weight, row = weights[other], other * size
        for one in range(size):
            reached[one] += likeness[row + one] * weight
    square = mass * mass
    for one in range(size):
        square += weights[one] * (2.0 * mass * cosine[one] + reached[one])
    for one in range(size):
        weight = weights[one]
        own = weight * likeness[one * size + one]
        product = mass * cosine[one] + reached[one] - own
        # The square of the sum without one of its parts.
        others = square - weight * (2.0 * product + own)
        reached[one] = product / sqrt(others if others > _LEAST else _LEAST)
    found.length = sqrt(square if square > _LEAST else _LEAST)
    return found
