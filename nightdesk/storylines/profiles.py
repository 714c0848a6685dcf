"""The profiles of all storylines as one inverted index: an article's likeness to each in a few array steps.

Comes in: profiles (term -> weight, of length one), once; then readings, many times.  Goes out: cosines
and title shares, by place.  Cosines may be too high by the rounding that `_table` bounds, never too low: they
are for shutting out what cannot suffice.

A term of many profiles is a row of bytes, rounded up, one for each place: rows are added up whole, which
takes less than a tenth of a nanosecond a storyline.  The other terms are lists of (place, value), packed into
one 64-bit number, so that they are fetched at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.postings import Numbers, Postings
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.vectors import Terms, tallies

Floats = NDArray[np.float64]

_NO_ROW = 0
"""The row of all words that no profile has."""

WIDE_FROM = 128
_WIDE_SHARE = 25
"""A term of more profiles than the first, and than 1 in so many, gets a row of bytes: to add up a row of
10,000 takes as long as to add up a list of some 300."""

_LARGEST = 255
"""The bytes of one place come to no more, so that sums of them are bytes as well."""


@dataclass(frozen=True)
class Profiles:
    """Read-only.  `rows` numbers the terms, and all others whose rarity is known; by row, `rare` is
    what a term tells, and `lists` the profiles that have it.

    `wide` has a row of bytes for each wide term, over the places there were `at_first`; `wide_of` says
    which row of `wide` a term has, -1 for none.  `steps` is what 1 stands for, by place.
    """

    size: int
    at_first: int
    rarity: Rarity
    rows: dict[str, int]
    rare: Floats
    lists: Postings
    wide_of: Numbers
    wide: tuple[NDArray[np.uint8], ...]
    steps: NDArray[np.float32]

    @classmethod
    def of(
        cls, profiles: Sequence[Terms], rarity: Rarity, *, wide_from: int = WIDE_FROM
    ) -> Profiles:
        """Build the index of profiles that were weighed with `rarity`."""
        size = len(profiles)
        rows = {"": _NO_ROW}
        for term in rarity.stems:
            rows.setdefault(term, len(rows))
        filed, entries = _filed(rows, profiles, 0)
        lengths = np.bincount(filed, minlength=len(rows))
        wide = np.flatnonzero(lengths > max(wide_from, size / _WIDE_SHARE))
        wide_of = np.full(len(rows), -1, np.int64)
        wide_of[wide] = np.arange(len(wide))
        narrow = wide_of[filed] < 0
        rare = _rare(rows, rarity)
        table, steps = _table(
            len(wide), size, wide_of[filed[~narrow]], entries[~narrow], rare[wide]
        )
        lists = Postings.of(len(rows), filed[narrow], entries[narrow])
        return cls(size, size, rarity, rows, rare, lists, wide_of, tuple(table), steps)

    def with_more(self, profiles: Sequence[Terms]) -> Profiles:
        """Return the index with more profiles at its end."""
        rows = self.rows.copy()
        filed, entries = _filed(rows, profiles, self.size)
        lists = self.lists.with_more(len(rows), filed, entries)
        none = np.full(len(rows) - len(self.rows), -1, np.int64)
        wide_of = np.concatenate((self.wide_of, none))
        return replace(
            self,
            size=self.size + len(profiles),
            rows=rows,
            rare=np.concatenate((self.rare, _rare(list(rows)[len(self.rows) :], self.rarity))),
            lists=lists,
            wide_of=wide_of,
        )

    def cosines(self, reading: Reading) -> Floats:
        """Return the cosine of the article to each profile."""
        terms = reading.terms(self.rarity)
        rows = self._rows_of(terms, len(terms))
        rare = self.rare[rows]
        unknown = np.flatnonzero(rows == _NO_ROW)
        if len(unknown):
            named = list(terms)
            rare[unknown] = [self.rarity.stem_weight(named[at]) for at in unknown.tolist()]
        weighed, norm = reading.weighed(self.rarity, rare)
        if not norm:
            return np.zeros(self.size)
        entries, lengths = self.lists.take(rows)
        places, values = _unpacked(entries)
        values = values * np.repeat(weighed.astype(np.float32), lengths)
        cosines = _sums(places, values, self.size)
        if self.wide:
            cosines[: self.at_first] += self._wide_sums(rows, list(terms.values()))
        cosines /= norm
        return cosines

    def title_shares(self, reading: Reading, places: Numbers) -> Floats:
        """Return which share of the title's weight is in the profiles at `places` (ascending)."""
        title, total = reading.title_weights(self.rarity)
        if not total:
            return np.zeros(len(places))
        weighed = np.fromiter(title.values(), np.float64, len(title))
        rows = self._rows_of(title, len(title))
        entries, lengths = self.lists.take(rows)
        shares = _sums(entries >> 32, np.repeat(weighed, lengths), self.size)[places]
        if self.wide:
            before = places[: np.searchsorted(places, self.at_first)]
            for row, weight in zip(self.wide_of[rows].tolist(), title.values(), strict=True):
                if row >= 0:
                    shares[: len(before)] += weight * (self.wide[row][before] > 0)
        return shares / total

    def _rows_of(self, words: Iterable[str], number: int) -> Numbers:
        return np.fromiter(map(self.rows.get, words, repeat(_NO_ROW)), np.int64, number)

    def _wide_sums(self, rows: Numbers, times: list[int]) -> NDArray[np.float32]:
        """Add up wide rows, those of words that stand equally often in the article together."""
        levels = {str(often): often for often in set(times)}
        sums = np.zeros((len(levels), self.at_first), np.uint8)
        by_times = dict(zip(levels.values(), sums, strict=True))
        wide, add = self.wide, np.add
        for row, often in zip(self.wide_of[rows].tolist(), times, strict=True):
            if row >= 0:
                add(by_times[often], wide[row], by_times[often])
        total: NDArray[np.float32] = tallies(levels).astype(np.float32) @ sums.astype(np.float32)
        total *= self.steps
        return total


def _table(
    number: int, size: int, rows: Numbers, entries: Numbers, rare: Floats
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the rows of bytes and the steps; `rare` is what the term of each row tells.

    A byte is what a term is worth in a profile, its value times `rare`, in steps and rounded up: too much
    by less than one step.  An article has the bytes of the terms that it shares with the profile, times
    their tallies, through its norm.  So its cosine is too high by less than

        step * sum of the tallies of shared wide terms / norm of the article.

    The step is (sum of worth) / (255 - n) with n wide terms in the profile, and the values of a profile
    are of length one: by Cauchy and Schwarz, step <= |rare| / (255 - n), |rare| being the length of
    what its terms tell.  By the same, with s terms shared, the tallies through the norm come to
    sqrt(s) / (the least that one of them tells) at most.  So the excess is small, sqrt(s * n) / (255 - n),
    where the terms of a profile tell about the same, and grows where an article shares but one that
    tells far less than the others.
    """
    places, values = _unpacked(entries)
    worth = values * rare[rows]
    held = np.bincount(places, minlength=size)
    if held.max(initial=0) >= _LARGEST:
        raise ValueError(f"a profile of {held.max()} common terms: fewer than {_LARGEST} fit")
    # To round up adds less than one for each term, and the most that an article can hold is all of them.
    steps = np.bincount(places, worth, size) / np.maximum(1, _LARGEST - held)
    steps[steps == 0] = 1.0
    table = np.zeros((number, size), np.uint8)
    table[rows, places] = np.ceil(worth / steps[places])
    return table, steps.astype(np.float32)


def _filed(rows: dict[str, int], profiles: Sequence[Terms], first: int) -> tuple[Numbers, Numbers]:
    """Number the terms in `rows`; return the row and the packed (place, value) of each of them."""
    filed = [np.zeros(0, np.int64)]
    entries = [np.zeros(0, np.int64)]
    for place, profile in enumerate(profiles, start=first):
        numbered = (rows.setdefault(term, len(rows)) for term in profile.words)
        filed.append(np.fromiter(numbered, np.int64, len(profile)))
        values = np.array(profile.weights, np.float32)
        entries.append((place << 32) | values.view(np.int32).astype(np.int64))
    return np.concatenate(filed), np.concatenate(entries)


def _rare(words: Iterable[str], rarity: Rarity) -> Floats:
    return np.array([rarity.stem_weight(word) for word in words], np.float64)


def _unpacked(entries: Numbers) -> tuple[Numbers, NDArray[np.float32]]:
    """Return places and values.  Weights are positive, so the sign bit of a value is never set."""
    return entries >> 32, entries.astype(np.int32).view(np.float32)


def _sums(places: Numbers, values: NDArray[np.floating], size: int) -> Floats:
    """Return the sum of the values of each place.  Of no values at all, numpy makes whole numbers."""
    return np.bincount(places, values, size).astype(np.float64, copy=False)
