"""How much of a storyline reaches a report through the reports between them: random walks with restart.

Comes in: likenesses of reports to a storyline's exemplars and among each other.  Goes out: for each report
the logarithm of its share in a walk that starts at the storyline, goes from report to report as these are
alike, and begins anew at times, relative to the best of them.  Each report keeps only the edges to its few
nearest, so that of two events of one kind the walk stays in its own: the storyline's report and the other
event's may share as many words, but each has nearer neighbours (Zhou et al. 2004, on a graph of nearest
neighbours).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


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


def flows(
    links: Floats, likeness: Floats, asked_links: Floats, asked: Floats, mine: Numbers
) -> Floats:
    """Return for each of `m` asked reports what reaches it in each of `WALKS`: (m, 2), at most about 1.1.

    `links` are the likenesses of `k` remembered reports to the storyline, `likeness` those among each
    other (k, k); `asked_links` (m) and `asked` (m, k) are those of the asked; `mine` says which of
    the remembered ones each is itself, -1 for none.
    """
    if np.array_equal(mine, np.arange(len(links))):
        return np.stack([_shares(links, likeness, walk) for walk in WALKS], axis=1)
    found = np.empty((len(mine), len(WALKS)))
    for row, own in enumerate(mine.tolist()):
        others = np.arange(len(links)) != own
        near = asked[row, others]
        size = len(near) + 1
        grid = np.zeros((size, size))
        grid[:-1, :-1] = likeness[np.ix_(others, others)]
        grid[-1, :-1] = grid[:-1, -1] = near
        linked = np.append(links[others], asked_links[row])
        found[row] = [_shares(linked, grid, walk)[-1] for walk in WALKS]
    return found


def _shares(links: Floats, likeness: Floats, walk: Walk) -> Floats:
    """Return the logarithm of each report's share of the walk, relative to the best ones."""
    size = len(links)
    edges = np.zeros((size + 1, size + 1))
    edges[1:, 1:] = likeness
    edges[0, 1:] = edges[1:, 0] = links
    np.fill_diagonal(edges, 0.0)
    plain = edges
    for _ in range(walk.sharpness - 1):
        edges = edges * plain
    if size > walk.nearest:
        least = np.partition(edges, size + 1 - walk.nearest, axis=1)[:, size + 1 - walk.nearest]
        kept = edges >= least[:, None]
        edges *= kept | kept.T
    degree = np.sqrt(edges.sum(axis=1) + _NOTHING)
    start = np.zeros(size + 1)
    start[0] = 1.0
    spread = np.eye(size + 1) - walk.on * edges / degree[:, None] / degree
    share = np.linalg.solve(spread, start)[1:]
    if walk.even:
        share = share / degree[1:]
    best = np.sort(share)[-_BEST:].mean()
    result: Floats = np.log(np.maximum(share, 0.0) / max(best, _NOTHING) + _LEAST)
    return result
