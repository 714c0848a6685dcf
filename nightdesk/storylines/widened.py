"""The profile of a storyline with reports added to it, each by a weight: how near does everything come?

Comes in: cosines of reports to the profile and among each other, and weights.  Goes out: cosines to the sum.
A report is never compared with itself: what it added is taken out again (Rocchio 1971 for the sum, without
the negative term).  Nothing is stored, so that a report which no longer counts leaves no trace.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST = 1e-4
"""The square of a sum's length is at least this: a storyline's own part never vanishes."""


class Widening:
    """What may be added to a profile: `k` reports, of which `cosine` is that to the profile, `likeness`
    (k, k) that among each other.

    `mass` is the length of the profile before it is scaled to one, in which weights are given.
    """

    __slots__ = ("_likeness", "_mass", "_own", "_product")

    def __init__(self, mass: float, cosine: Floats, likeness: Floats) -> None:
        self._mass = mass
        self._product = mass * cosine
        self._likeness = likeness
        self._own = likeness.diagonal()

    def by(self, weights: Floats) -> Widened:
        """Return the profile with the reports added to it, each by its weight (k)."""
        product = self._product + self._likeness.dot(weights)
        square = self._mass**2 + float(weights.dot(self._product + product))
        own = weights * self._own
        product -= own
        # The square of the sum without one of its parts.
        others = square - weights * (product + product + own)
        members: Floats = product / np.sqrt(np.maximum(others, _LEAST))
        return Widened(self._mass, sqrt(max(square, _LEAST)), weights, members)


class Widened(NamedTuple):
    """A widened profile: `mass` as before, its `length` now, and the `weights` of the reports.

    `members` are the cosines (k) of each of the reports to the sum of all others.
    """

    mass: float
    length: float
    weights: Floats
    members: Floats

    def newcomer(self, cosine: float, near: Floats) -> float:
        """Return the cosine of one more report, whose likenesses to the others are `near`."""
        return self.met(cosine, float(near.dot(self.weights)))

    def met(self, cosine: float, reach: float) -> float:
        """Return the same where the sum of `near` times `weights` is known."""
        return (self.mass * cosine + reach) / self.length
