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
    """`mass` is the length of the profile before it is scaled to one, in which the weights are given.

    `members` are the cosines (k) of each of the reports to the sum of all others.
    """

    __slots__ = ("_length", "_mass", "members", "weights")

    def __init__(self, mass: float, cosine: Floats, likeness: Floats, weights: Floats) -> None:
        self._mass = mass
        self.weights = weights
        reach = likeness @ weights
        square = mass * mass + float(weights @ (2.0 * mass * cosine + reach))
        self._length = sqrt(max(square, _LEAST))
        own = likeness.diagonal()
        product = mass * cosine + reach
        others = square - weights * (2.0 * product - weights * own)
        self.members: Floats = (product - weights * own) / np.sqrt(np.maximum(others, _LEAST))

    def newcomer(self, cosine: float, near: Floats) -> float:
        """Return the cosine of one more report, whose likenesses to the others are `near`."""
        return self.met(cosine, float(near.dot(self.weights)))

    def met(self, cosine: float, reach: float) -> float:
        """Return the same where the sum of `near` times `weights` is known."""
        return (self._mass * cosine + reach) / self._length
