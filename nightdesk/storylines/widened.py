"""The profile of a storyline with reports added to it, each by a weight: how near does everything come?

Comes in: cosines of reports to the profile and among each other, and weights.  Goes out: cosines to the sum.
A report is never compared with itself: what it added is taken out again (Rocchio 1971 for the sum, without
the negative term).  Nothing is stored, so that a report which no longer counts leaves no trace.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST = 1e-4
"""The square of a sum's length is at least this: a storyline's own part never vanishes."""


class Widened:
    """`mass` is the length of the profile before it is scaled to one, in which the weights are given."""

    __slots__ = ("_cosine", "_likeness", "_mass", "_reach", "_square", "_weights")

    def __init__(self, mass: float, cosine: Floats, likeness: Floats, weights: Floats) -> None:
        self._mass = mass
        self._cosine = cosine
        self._likeness = likeness
        self._weights = weights
        self._reach = likeness @ weights
        self._square = mass * mass + float(weights @ (2.0 * mass * cosine + self._reach))

    def members(self) -> Floats:
        """Return the cosine of each of the reports to the sum of all others."""
        weights, reach = self._weights, self._reach
        own = self._likeness.diagonal()
        product = self._mass * self._cosine + reach
        square = self._square - weights * (2.0 * product - weights * own)
        result: Floats = (product - weights * own) / np.sqrt(np.maximum(square, _LEAST))
        return result

    def newcomer(self, cosine: float, near: Floats) -> float:
        """Return the cosine of one more report, whose likenesses to the others are `near`."""
        product = self._mass * cosine + float(near @ self._weights)
        return product / sqrt(max(self._square, _LEAST))
