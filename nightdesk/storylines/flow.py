"""How much of a storyline reaches a report through the reports between them: random walks with restart.

Comes in: likenesses of reports to a storyline's exemplars and among each other.  Goes out: for each report
the logarithm of its share in a walk that starts at the storyline, goes from report to report as these are
alike, and begins anew at times, relative to the best of them.  Each report keeps only the edges to its few
nearest, so that of two events of one kind the walk stays in its own: the storyline's report and the other
event's may share as many words, but each has nearer neighbours (Zhou et al. 2004, on a graph of nearest
neighbours).  A newcomer gets what its neighbours pass on, without a new walk (Bengio et al. 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Walk:
    """`nearest` edges of each node are kept, likenesses count to the power of `sharpness`.

    The walk goes on with probability `on`; where it is `even`, a report's share is weighed by its edges,
    so that those with many neighbours have no more than others.
    """

    nearest: int
    sharpness: int
    on: float
    even: bool


WALKS: Final = (Walk(5, 3, 0.8, even=False), Walk(4, 2, 0.9, even=True))

_BEST = 3
"""The walk's shares are relative to the mean of so many of the largest."""

_LEAST = 0.05
"""Added to shares before their logarithm: what is next to nothing is all the same."""

_NOTHING = 1e-9


class Walked:
    """One walk over `k` remembered reports: `links` are their likenesses to the storyline (k), `likeness`
    those among each other (k, k).

    `members` says what reaches each of the reports (k), at most about 1.1.
    """

    __slots__ = ("_best", "_degree", "_least", "_spread", "_walk", "members")

    def __init__(self, walk: Walk, links: Floats, likeness: Floats) -> None:
        size = len(links) + 1
        edges = np.zeros((size, size))
        edges[1:, 1:] = likeness
        edges[0, 1:] = edges[1:, 0] = links
        np.fill_diagonal(edges, 0.0)
        edges = _sharpened(edges, walk)
        self._walk = walk
        self._least = np.zeros(size)
        if size > walk.nearest + 1:
            place = size - walk.nearest
            self._least = np.partition(edges, place, axis=1)[:, place].copy()
            kept = edges >= self._least[:, None]
            edges = edges * (kept | kept.T)
        self._degree = edges.sum(axis=1) + _NOTHING
        root = np.sqrt(self._degree)
        start = np.zeros(size)
        start[0] = 1.0
        passing = np.eye(size) - walk.on * edges / root[:, None] / root
        self._spread = np.linalg.solve(passing, start)
        shares = self._spread[1:] / root[1:] if walk.even else self._spread[1:]
        shares = np.maximum(shares, 0.0)
        self._best: list[float] = np.sort(shares)[-_BEST:].tolist()
        best = sum(self._best) / max(1, len(self._best))
        self.members: Floats = np.log(shares / max(best, _NOTHING) + _LEAST)

    def newcomer(self, edges: Floats) -> float:
        """Return what reaches one more report; `edges` (1 + k) are its likenesses to the storyline and
        to the others.
        """
        walk = self._walk
        edges = _sharpened(edges, walk)
        if len(edges) > walk.nearest:
            place = len(edges) - walk.nearest
            own = np.partition(edges, place)[place]
            edges = edges * ((edges >= own) | (edges >= self._least))
        degree = float(edges.sum()) + _NOTHING
        passed = float(edges.dot(self._spread / np.sqrt(self._degree + edges)))
        share = max(0.0, walk.on * passed / (degree if walk.even else sqrt(degree)))
        best = sorted((*self._best, share))[-_BEST:]
        return log(share / max(sum(best) / len(best), _NOTHING) + _LEAST)


def _sharpened(edges: Floats, walk: Walk) -> Floats:
    result = edges
    for _ in range(walk.sharpness - 1):
        result = result * edges
    return result
