"""The likenesses of remembered reports among each other, as whole numbers: a quarter of the size, and as fine
as their last digits matter.
"""

from __future__ import annotations

import cython

from nightdesk.numbers import Reals, Room, WholeRoom, Wholes

if not cython.compiled:

    def rint(value: float) -> float:
        """Return the nearest whole number, of two the even one."""
        return float(round(value))


_FINE = 65_535.0
"""Likenesses are kept in such parts."""


def join(
    before: Wholes, met: Reals, width: int, among: Reals, kept: Wholes, into: WholeRoom
) -> None:
    """Write a table of the reports at the places `kept`, of some that were compared and of new ones.

    `before` has the likenesses of the former (s * s), `met` those of the new ones to them, the last s of each
    row of `width`, `among` those of the new ones (p * p); places go on from the former to the latter.
    """
    size, old = len(kept), _root(len(before))
    new = _root(len(among))
    for one in range(size):
        for other in range(one + 1):
            # Neither overtakes the other: `at` is the later one.
            at, to = kept[one], kept[other]
            if at < old:
                found = before[at * old + to]
            elif to < old:
                found = _whole(met[(at - old + 1) * width - old + to])
            else:
                found = _whole(among[(at - old) * new + to - old])
            into[one * size + other] = into[other * size + one] = found


def part(table: Wholes, into: Room) -> None:
    """Write the likenesses that a table stands for."""
    for at in range(len(table)):
        into[at] = table[at] / _FINE


def _whole(likeness: float) -> int:
    return int(rint(likeness * _FINE))


def _root(square: int) -> int:
    """Return how long the side of a square is."""
    side = 0
    while side * side < square:
        side += 1
    return side
