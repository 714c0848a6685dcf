"""Lists of numbers by row, side by side in one array: what an inverted index is made of.

Comes in: (row, entry) pairs.  Goes out: the entries of any rows at once, in a few array steps.  An entry
is any whole number.  Read-only: `with_more` returns new lists and leaves the old ones as they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Entries = NDArray[np.integer]


class Postings:
    """The entries of row `n` are those from `starts[n]` to `starts[n + 1]`."""

    __slots__ = ("entries", "starts")

    def __init__(self, lengths: Numbers, entries: Entries) -> None:
        self.starts = np.zeros(len(lengths) + 1, np.int64)
        lengths.cumsum(out=self.starts[1:])
        self.entries = entries

    @classmethod
    def of(cls, size: int, rows: Numbers, entries: Entries) -> Postings:
        """File `entries[i]` under `rows[i]`, of `size` rows; those of one row keep their order."""
        order = np.argsort(rows, kind="stable")
        return cls(np.bincount(rows, minlength=size).astype(np.int64), entries[order])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, rows: NDArray[np.integer]) -> tuple[Entries, Numbers]:
        """Return the entries of `rows`, one list after the other, and the length of each list."""
        begin = self.starts.take(rows)
        lengths = self.starts.take(rows + 1) - begin
        begin += lengths
        begin -= lengths.cumsum()
        at = begin.repeat(lengths)
        at += np.arange(len(at))
        return self.entries.take(at), lengths

    def with_more(self, size: int, rows: Numbers, entries: Entries) -> Postings:
        """Return these lists with more entries at their ends; new rows come after the old ones."""
        order = np.argsort(rows, kind="stable")
        lengths = np.concatenate((np.diff(self.starts), np.zeros(size - len(self), np.int64)))
        ends = np.cumsum(lengths)
        longer = np.insert(self.entries, ends[rows[order]], entries[order])
        return Postings(lengths + np.bincount(rows, minlength=size), longer)
