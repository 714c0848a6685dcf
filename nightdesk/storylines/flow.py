"""How much of a storyline reaches a report through the reports between them: random walks with restart.

Comes in: likenesses of reports to a storyline's exemplars and among each other.  Goes out: for each report
the logarithm of its share in a walk that starts at the storyline, goes from report to report as these are
alike, and begins anew at times, relative to the best of them.  Each report keeps only the edges to its few
nearest, so that of two events of one kind the walk stays in its own: the storyline's report and the other
event's may share as many words, but each has nearer neighbours (Zhou et al. 2004, on a graph of nearest
neighbours).  A newcomer gets what its neighbours pass on, without a new walk (Bengio et al. 2004).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cython

from nightdesk.numbers import Reals, Room
from nightdesk.storylines.greatest import MOST, greatest, mean, mean_with, zeros

if not cython.compiled:
    from math import log, sqrt


class Walk(NamedTuple):
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
    """One walk over `k` remembered reports.

    By node, the storyline's first (1 + k), there are the `least` edge that it keeps, its `degree`, and its
    part of the walk, `spread`; and the largest shares, `best`, of which so many are `known`.
    """

    __slots__ = ("best", "degree", "even", "known", "least", "nearest", "on", "sharpness", "spread")

    def __init__(self, walk: Walk, reports: int) -> None:
        self.nearest, self.sharpness, self.on, self.even = walk
        size = reports + 1
        # Side by side, since a storyline keeps them: apart they would take twice as much.
        rows = zeros(3 * size + _BEST)
        self.least, self.degree = rows[:size], rows[size : 2 * size]
        self.spread, self.best, self.known = rows[2 * size : 3 * size], rows[3 * size :], 0

    def newcomer(self, link: float, met: Reals, first: int, top: Reals) -> float:
        """Return what reaches one more report.

        `link` is its likeness to the storyline, `met` from `first` on that to the reports; `top` are the
        greatest of all these, falling.
        """
        size = len(self.least)
        own = top[self.nearest - 1] if size > self.nearest else 0.0
        degree, passed = _NOTHING, 0.0
        for at in range(size):
            edge = met[first + at - 1] if at else link
            # An edge is kept where either of its ends keeps it.
            if edge >= own or edge >= self.least[at]:
                sharp = _power(edge, self.sharpness)
                degree += sharp
                passed += sharp * self.spread[at] / sqrt(self.degree[at] + sharp)
        share = self.on * passed / (degree if self.even else sqrt(degree))
        share = share if share > 0.0 else 0.0
        return _level(share, mean_with(self.best, self.known, _BEST, share))

    def members(self) -> Room:
        """Return what reaches each of the reports (k), at most about 1.1."""
        members, usual = self.shares(), mean(self.best, self.known)
        for one in range(len(members)):
            members[one] = _level(members[one], usual)
        return members

    def shares(self) -> Room:
        """Return which share of the walk each of the reports (k) has."""
        shares = zeros(len(self.spread) - 1)
        for one in range(len(shares)):
            share = self.spread[one + 1]
            if self.even:
                share /= sqrt(self.degree[one + 1])
            shares[one] = share if share > 0.0 else 0.0
        return shares


def walked(walk: Walk, links: Reals, likeness: Reals) -> Walked:
    """Walk over reports: `links` (k) are their likenesses to the storyline, `likeness` (k * k, row by row)
    those among each other.
    """
    reports = len(links)
    size = reports + 1
    found = Walked(walk, reports)
    edges = zeros(size * size)
    for one in range(reports):
        row = (one + 1) * size
        edges[one + 1] = edges[row] = links[one]
        for other in range(reports):
            if other != one:
                edges[row + other + 1] = likeness[one * reports + other]
    if size > found.nearest + 1:
        top = zeros(MOST)
        for one in range(size):
            greatest(edges, one * size, (one + 1) * size, found.nearest, top)
            found.least[one] = top[found.nearest - 1]
    _sharpen(found, edges)
    _spread(found, edges)
    shares = found.shares()
    found.known = greatest(shares, 0, reports, _BEST, found.best)
    return found


def _sharpen(found: Walked, edges: Room) -> None:
    """Keep edges, and write the degree of each node."""
    size = len(found.least)
    for one in range(size):
        own, degree = found.least[one], _NOTHING
        for other in range(size):
            at = one * size + other
            edge = edges[at]
            if edge >= own or edge >= found.least[other]:
                edge = _power(edge, found.sharpness)
                degree += edge
                edges[at] = edge
            else:
                edges[at] = 0.0
        found.degree[one] = degree


def _spread(found: Walked, edges: Room) -> None:
    """Write what each node has of the walk: solve (1 - on * edges scaled by degrees) spread = start.

    What is solved is symmetric and its diagonal prevails, so that elimination needs no other order.
    """
    size = len(found.least)
    root, spread = zeros(size), found.spread
    for one in range(size):
        root[one] = 1.0 / sqrt(found.degree[one])
    for one in range(size):
        for other in range(size):
            edges[one * size + other] *= -found.on * root[one] * root[other]
        edges[one * size + one] = 1.0
    spread[0] = 1.0
    for pivot in range(size):
        row = pivot * size
        for one in range(pivot + 1, size):
            factor = edges[row + one] / edges[row + pivot]
            if factor:
                own = one * size
                for other in range(one, size):
                    edges[own + other] -= factor * edges[row + other]
                spread[one] -= factor * spread[pivot]
    for step in range(size):
        pivot = size - 1 - step
        row, value = pivot * size, spread[pivot]
        for other in range(pivot + 1, size):
            value -= edges[row + other] * spread[other]
        spread[pivot] = value / edges[row + pivot]


def _power(base: float, exponent: int) -> float:
    result = base
    for _ in range(exponent - 1):
        result *= base
    return result


def _level(share: float, usual: float) -> float:
    """Return the logarithm of a share, relative to the usual one."""
    return log(share / (usual if usual > _NOTHING else _NOTHING) + _LEAST)
