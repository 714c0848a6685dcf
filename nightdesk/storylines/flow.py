"""How much of a storyline reaches a report through the reports between them: random walks with restart.

Comes in: likenesses of reports to a storyline's exemplars and among each other.  Goes out: for each report
the logarithm of its share in a walk that starts at the storyline, goes from report to report as these are
alike, and begins anew at times, relative to the best of them.  Each report keeps only the edges to its few
nearest, so that of two events of one kind the walk stays in its own: the storyline's report and the other
event's may share as many words, but each has nearer neighbours (Zhou et al. 2004, on a graph of nearest
neighbours).  A newcomer gets what its neighbours pass on, without a new walk (Bengio et al. 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_Edges = TypeVar("_Edges", float, Floats)


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
    """Walks over `k` remembered reports: `links` are their likenesses to the storyline (k), `likeness`
    those among each other (k, k).

    `members` says for each walk what reaches each of the reports (walks, k), at most about 1.1.
    """

    __slots__ = ("_best", "_degree", "_least", "_spread", "_walks", "members")

    def __init__(self, walks: Sequence[Walk], links: Floats, likeness: Floats) -> None:
        size = len(links) + 1
        edges = np.zeros((size, size))
        edges[1:, 1:] = likeness
        edges[0, 1:] = edges[1:, 0] = links
        edges.flat[:: size + 1] = 0.0
        self._walks = walks
        self._least = _least_kept(walks, edges)
        sharp = np.array([_sharpened(edges, walk) for walk in walks])
        kept = sharp >= self._least[:, :, None]
        kept |= kept.transpose(0, 2, 1)
        sharp *= kept
        self._degree: Floats = np.add.reduce(sharp, axis=2) + _NOTHING
        root = np.sqrt(self._degree)
        sharp *= np.array([-walk.on for walk in walks])[:, None, None]
        sharp /= root[:, :, None]
        sharp /= root[:, None, :]
        sharp.reshape(len(walks), size * size)[:, :: size + 1] += 1.0
        start = np.zeros((len(walks), size, 1))
        start[:, 0] = 1.0
        solved = np.linalg.solve(sharp, start)
        self._spread: Floats = np.asarray(solved[:, :, 0], np.float64)
        root[[not walk.even for walk in walks]] = 1.0
        shares = np.maximum(self._spread[:, 1:] / root[:, 1:], 0.0)
        self._best: list[list[float]] = np.sort(shares, axis=1)[:, -_BEST:].tolist()
        tops = [max(sum(best) / max(1, len(best)), _NOTHING) for best in self._best]
        self.members: Floats = np.log(shares / np.array(tops)[:, None] + _LEAST)

    def newcomer(self, edges: Floats, nearest: Sequence[float]) -> list[float]:
        """Return what reaches one more report by each walk; `edges` (1 + k) are its likenesses to the
        storyline and to the others, `nearest` the greatest of them, falling, as many as a walk keeps.
        """
        sharp = np.array([_sharpened(edges, walk) for walk in self._walks])
        own = [
            # Powers stand in the same order as likenesses.
            _sharpened(nearest[walk.nearest - 1], walk) if len(edges) > walk.nearest else 0.0
            for walk in self._walks
        ]
        sharp *= sharp >= np.minimum(self._least, np.array(own)[:, None])
        degrees = (np.add.reduce(sharp, axis=1) + _NOTHING).tolist()
        sharp *= self._spread / np.sqrt(self._degree + sharp)
        reached = []
        for walk, best, degree, passed in zip(
            self._walks, self._best, degrees, np.add.reduce(sharp, axis=1).tolist(), strict=True
        ):
            share = max(0.0, walk.on * passed / (degree if walk.even else sqrt(degree)))
            top = sorted((*best, share))[-_BEST:]
            reached.append(log(share / max(sum(top) / len(top), _NOTHING) + _LEAST))
        return reached


def _least_kept(walks: Sequence[Walk], edges: Floats) -> Floats:
    """Return the least of its edges that each node keeps in each walk (walks, 1 + k), sharpened."""
    size = len(edges)
    least = np.zeros((len(walks), size))
    few = [(number, walk) for number, walk in enumerate(walks) if size > walk.nearest + 1]
    if few:
        # Of so few, quicker than to part them at the places that are asked for.
        ordered = np.sort(edges, axis=1)
        for number, walk in few:
            least[number] = _sharpened(ordered[:, size - walk.nearest], walk)
    return least


def _sharpened(edges: _Edges, walk: Walk) -> _Edges:
    result = edges
    for _ in range(walk.sharpness - 1):
        result = result * edges
    return result
