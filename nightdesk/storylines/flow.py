"""How much of a storyline reaches a report through the reports between them: random walks with restart.

Comes in: likenesses of reports to a storyline's exemplars and among each other.  Goes out: for each report
the logarithm of its share in a walk that starts at the storyline, goes from report to report as these are
alike, and begins anew at times, relative to the best of them.  Each report keeps only the edges to its few
nearest, so that of two events of one kind the walk stays in its own: the storyline's report and the other
event's may share as many words, but each has nearer neighbours (Zhou et al. 2004, on a graph of nearest
neighbours).  A newcomer gets what its neighbours pass on, without a new walk (Bengio et al. 2004).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final, NamedTuple

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
"""Those that keep more edges stand first."""

_BEST = 3
"""The walk's shares are relative to the mean of so many of the largest."""

_LEAST = 0.05
"""Added to shares before their logarithm: what is next to nothing is all the same."""

_NOTHING = 1e-9


class _Passage(NamedTuple):
    """What a newcomer asks of one walk: by node, the storyline's first, the least edge that it keeps, its
    degree, and its part of the walk; and the largest shares.

    A newcomer has edges to a few nodes: these are looked up one by one.
    """

    walk: Walk
    least: array[float]
    degree: array[float]
    spread: array[float]
    best: list[float]

    def kept(
        self, edges: Sequence[float], nearest: Sequence[float], among: Iterable[int]
    ) -> list[int]:
        """Return which of a newcomer's edges are kept, by itself or by the node at their other end."""
        least, number = self.least, self.walk.nearest
        own = nearest[number - 1] if len(edges) > number else 0.0
        return [at for at in among if edges[at] >= own or edges[at] >= least[at]]

    def reached(self, edges: Sequence[float], kept: Sequence[int]) -> float:
        """Return what reaches a newcomer by the walk, along the edges that are `kept`."""
        walk, degrees, spread = self.walk, self.degree, self.spread
        degree, passed = _NOTHING, 0.0
        for at in kept:
            sharp = edges[at] ** walk.sharpness
            degree += sharp
            passed += sharp * (spread[at] / sqrt(degrees[at] + sharp))
        share = max(0.0, walk.on * passed / (degree if walk.even else sqrt(degree)))
        top = sorted((*self.best, share))[-_BEST:]
        return log(share / max(sum(top) / len(top), _NOTHING) + _LEAST)


class Walked:
    """Walks over `k` remembered reports: `links` are their likenesses to the storyline (k), `likeness`
    those among each other (k, k).

    `members` says for each walk what reaches each of the reports (walks, k), at most about 1.1.
    """

    __slots__ = ("_passages", "members")

    def __init__(self, walks: Sequence[Walk], links: Floats, likeness: Floats) -> None:
        size = len(links) + 1
        edges = np.zeros((size, size))
        edges[1:, 1:] = likeness
        edges[0, 1:] = edges[1:, 0] = links
        edges.reshape(-1)[:: size + 1] = 0.0
        least = _least_kept(walks, edges)
        sharp = np.empty((len(walks), size, size))
        for own, walk in zip(sharp, walks, strict=True):
            own[:] = edges
            for _ in range(walk.sharpness - 1):
                np.multiply(own, edges, out=own)
        # An edge is kept where either of its nodes keeps it.
        sharp *= edges >= np.minimum(least[:, :, None], least[:, None, :])
        degree = sharp.reshape(-1, size).dot(np.ones(size)).reshape(-1, size) + _NOTHING
        root = 1.0 / np.sqrt(degree)
        sharp *= (root * [[-walk.on] for walk in walks])[:, :, None] * root[:, None, :]
        sharp.reshape(len(walks), size * size)[:, :: size + 1] = 1.0
        start = np.zeros((len(walks), size, 1))
        start[:, 0] = 1.0
        solved = np.linalg.solve(sharp, start)
        spread: Floats = np.asarray(solved[:, :, 0], np.float64)
        for own, walk in zip(root, walks, strict=True):
            own[:] = own if walk.even else 1.0
        shares = np.maximum(spread[:, 1:] * root[:, 1:], 0.0)
        bests: list[list[float]] = np.sort(shares, axis=1)[:, -_BEST:].tolist()
        tops = [max(sum(best) / max(1, len(best)), _NOTHING) for best in bests]
        self.members: Floats = np.log(shares / np.array(tops)[:, None] + _LEAST)
        self._passages = [
            _Passage(walk, _small(least[at]), _small(degree[at]), _small(spread[at]), bests[at])
            for at, walk in enumerate(walks)
        ]

    def newcomer(self, edges: Sequence[float], nearest: Sequence[float]) -> list[float]:
        """Return what reaches one more report by each walk; `edges` (1 + k) are its likenesses to the
        storyline and to the others, `nearest` the greatest of them, falling, as many as a walk keeps.
        """
        reached = []
        kept: Iterable[int] = range(len(edges))
        for passage in self._passages:
            # Who keeps fewer edges keeps none that the walk before lets go.
            kept = found = passage.kept(edges, nearest, kept)
            reached.append(passage.reached(edges, found))
        return reached


def _small(row: Floats) -> array[float]:
    """Return numbers that are looked up one by one."""
    return array("d", row.tobytes())


def _least_kept(walks: Sequence[Walk], edges: Floats) -> Floats:
    """Return the least of its edges that each node keeps in each walk (walks, 1 + k)."""
    size = len(edges)
    least = np.zeros((len(walks), size))
    few = [(number, walk) for number, walk in enumerate(walks) if size > walk.nearest + 1]
    if few:
        # Of so few, quicker than to part them at the places that are asked for.
        ordered = np.sort(edges, axis=1)
        for number, walk in few:
            least[number] = ordered[:, size - walk.nearest]
    return least
