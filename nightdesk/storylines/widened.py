"""The profile of a storyline with reports added to it, each by a weight: how near does everything come?

Comes in: cosines of reports to the profile and among each other, and weights.  Goes out: cosines to the sum.
A report is never compared with itself: what it added is taken out again (Rocchio 1971 for the sum, without
the negative term).  Nothing is stored, so that a report which no longer counts leaves no trace.
"""

from __future__ import annotations

import cython

from nightdesk.numbers import Reals, Room
from nightdesk.storylines.greatest import zeros

if not cython.compiled:
    from math import sqrt

_LEAST = 1e-4
"""The square of a sum's length is at least this: a storyline's own part never vanishes."""


class Widened:
    """A profile that was widened by `k` reports, each by its weight.

    `mass` is the length of the profile before it is scaled to one, in which weights are given; `square` that
    of the sum, squared.
    """

    __slots__ = ("mass", "square", "weights")

    def __init__(self, mass: float, weights: Reals) -> None:
        self.mass, self.square = mass, mass * mass
        self.weights = weights

    def newcomer(self, cosine: float, met: Reals, first: int) -> float:
        """Return the cosine of one more report, whose likenesses to the others are `met`, from `first` on."""
        product = self.mass * cosine
        for other in range(len(self.weights)):
            product += self.weights[other] * met[first + other]
        return product / _root(self.square)

    def products(self, cosine: Reals, likeness: Reals) -> Room:
        """Return what the reports (k) have in common with the sum: their cosines times its length."""
        size = len(cosine)
        products = zeros(size)
        for one in range(size):
            products[one] = self.mass * cosine[one]
        for other in range(size):
            weight, row = self.weights[other], other * size
            for one in range(size):
                products[one] += likeness[row + one] * weight
        return products

    def members(self, cosine: Reals, likeness: Reals) -> Room:
        """Return the cosines of each of the reports (k) to the sum of all others."""
        size, members = len(cosine), self.products(cosine, likeness)
        for one in range(size):
            weight = self.weights[one]
            own = weight * likeness[one * size + one]
            product = members[one] - own
            # The square of the sum without one of its parts.
            members[one] = product / _root(self.square - weight * (2.0 * product + own))
        return members


def widened(mass: float, cosine: Reals, likeness: Reals, weights: Reals) -> Widened:
    """Widen a profile by reports.

    `cosine` (k) are those of the reports to it, `likeness` (k * k, row by row) those among each other.
    """
    found = Widened(mass, weights)
    products = found.products(cosine, likeness)
    for one in range(len(cosine)):
        found.square += weights[one] * (mass * cosine[one] + products[one])
    return found


def _root(square: float) -> float:
    return sqrt(square if square > _LEAST else _LEAST)
