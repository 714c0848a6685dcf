"""Terms of many profiles: rows of bytes, one for each place, which are added up whole.

Comes in: what the terms are worth at which places, once; then an article's terms, many times.  Goes out:
what they add up to, by place, too much by the rounding that `_table` bounds and never too little.  To add
a row takes less than a tenth of a nanosecond a storyline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.lexicon import Rows
from nightdesk.storylines.postings import Numbers

Floats = NDArray[np.float64]

_LARGEST = 255
"""The bytes of one place come to no more, so that sums of them are bytes as well."""


@dataclass(frozen=True)
class Wide:
    """Read-only.  `table` has a row for each wide term, over `size` places; `row_of` says which one a term
    has, by its number, -1 for none.  `steps` is what 1 stands for, by place.
    """

    size: int
    row_of: Numbers
    table: tuple[NDArray[np.uint8], ...]
    steps: NDArray[np.float32]

    @classmethod
    def of(
        cls, common: Numbers, rows: Numbers, places: Numbers, worth: Floats, terms: int, size: int
    ) -> Wide:
        """Take the terms `common` out of (row, place, worth); `terms` are all that have a number."""
        row_of = np.full(terms, -1, np.int64)
        row_of[common] = np.arange(len(common))
        taken = row_of[rows] >= 0
        table, steps = _table(len(common), size, row_of[rows[taken]], places[taken], worth[taken])
        return cls(size, row_of, tuple(table), steps)

    def sums(self, rows: Rows, tallies: Floats) -> NDArray[np.float32]:
        """Add up wide rows, those of words that stand equally often in the article together."""
        filed = ((rows > 0) & (rows < len(self.row_of))).nonzero()[0]
        taken = filed[self.row_of[rows[filed]] >= 0]
        wide = self.row_of[rows[taken]]
        levels, level_of = np.unique(tallies[taken], return_inverse=True)
        sums = np.zeros((len(levels), self.size), np.uint8)
        by_level = list(sums)
        table, add = self.table, np.add
        for row, level in zip(wide.tolist(), level_of.tolist(), strict=True):
            add(by_level[level], table[row], by_level[level])
        total: NDArray[np.float32] = levels.astype(np.float32) @ sums.astype(np.float32)
        total *= self.steps
        return total


def _table(
    number: int, size: int, rows: Numbers, places: Numbers, worth: Floats
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the rows of bytes and the steps.

    A byte is what a term is worth in a profile, its value times what it tells, in steps and rounded up: too
    much by less than one step.  An article has the bytes of the terms that it shares with the profile, times
    their tallies, through its norm.  So its cosine is too high by less than

        step * sum of the tallies of shared wide terms / norm of the article.

    The step is (sum of worth) / (255 - n) with n wide terms in the profile, and the values of a profile
    are of length one: by Cauchy and Schwarz, step <= |rare| / (255 - n), |rare| being the length of
    what its terms tell.  By the same, with s terms shared, the tallies through the norm come to
    sqrt(s) / (the least that one of them tells) at most.  So the excess is small, sqrt(s * n) / (255 - n),
    where the terms of a profile tell about the same, and grows where an article shares but one that
    tells far less than the others.
    """
    held = np.bincount(places, minlength=size)
    if held.max(initial=0) >= _LARGEST:
        raise ValueError(f"a profile of {held.max()} common terms: fewer than {_LARGEST} fit")
    # To round up adds less than one for each term, and the most that an article can hold is all of them.
    steps = np.bincount(places, worth, size) / np.maximum(1, _LARGEST - held)
    steps[steps == 0] = 1.0
    table = np.zeros((number, size), np.uint8)
    table[rows, places] = np.ceil(worth / steps[places])
    return table, steps.astype(np.float32)
