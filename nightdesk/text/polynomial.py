"""Hashes of many stretches of one array at once: Rabin and Karp's polynomial, modulo 2^64.

Comes in: whole numbers, and where stretches of them start and end.  Goes out: a hash of each stretch, the
same wherever it stands, from sums up to each place.  Low bits are weak, and who knows the base can find
two stretches of one hash.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Places = NDArray[np.intp]

_BITS = 64
_AT_FIRST = 1 << 12
_LARGEST = 1 << 16
"""Powers that are remembered at first, and at most: half a megabyte."""


class Polynomial:
    """c0 + c1 B + c2 B^2 … of the numbers c of a stretch, for an odd base B."""

    __slots__ = ("_base", "_inverse", "_tables")

    def __init__(self, base: int) -> None:
        self._base, self._inverse = base, pow(base, -1, 1 << _BITS)
        self._tables = np.ones(0, np.uint64), np.ones(0, np.uint64)

    def hashes(self, data: NDArray[np.unsignedinteger], starts: Places, ends: Places) -> Hashes:
        """Return the hash of each stretch; starts and ends rise."""
        if len(data) <= _LARGEST:
            return self._block(data, starts, ends)
        found = np.empty(len(starts), np.uint64)
        first = 0
        while first < len(starts):
            begin = int(starts[first])
            # What is longer than a block makes one of its own.
            last = max(first + 1, int(ends.searchsorted(begin + _LARGEST, side="right")))
            part = data[begin : int(ends[last - 1])]
            found[first:last] = self._block(
                part, starts[first:last] - begin, ends[first:last] - begin
            )
            first = last
        return found

    def _block(self, data: NDArray[np.unsignedinteger], starts: Places, ends: Places) -> Hashes:
        size = len(data)
        powers, inverses = self._powers_up_to(size)
        values = data.astype(np.uint64)
        values *= powers[:size]
        sums = np.zeros(size + 1, np.uint64)
        values.cumsum(out=sums[1:])
        found = sums.take(ends)
        found -= sums.take(starts)
        found *= inverses.take(starts)
        return found

    def _powers_up_to(self, size: int) -> tuple[Hashes, Hashes]:
        """Return powers of the base and of its inverse, `size` of each at least."""
        tables = self._tables
        if size > len(tables[0]):
            length = max(_AT_FIRST, 1 << (size - 1).bit_length())
            tables = _powers(self._base, length), _powers(self._inverse, length)
            if length <= _LARGEST:
                self._tables = tables
        return tables


def _powers(base: int, number: int) -> Hashes:
    powers = np.full(number, base, np.uint64)
    powers[0] = 1
    return np.cumprod(powers, out=powers)
