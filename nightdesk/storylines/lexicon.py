"""Numbers for words: with numbers, an article meets ten thousand profiles in array steps.

Comes in: folded words of articles, stems of profiles.  Goes out: whole numbers, one a stem.  A stem that the
rarity names or that a profile holds has one above zero, for good.  Strangers have one below zero until they
are forgotten, so that what articles say takes bounded room.  0 is for words that tell nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.vectors import LOGS, MOST, norm_of

if TYPE_CHECKING:
    from nightdesk.storylines.rarity import Rarity

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]
Counts = NDArray[np.intp]

_MOST_WORDS = 30_000
"""Words whose numbers are remembered, 3 MB."""

_MOST_STRANGERS = 8_000
"""Of these, words whose stems nobody filed: names and misspellings, of which a report brings ten new ones."""


class Weighed(NamedTuple):
    """Distinct numbers of an article's terms, rising and above zero; 1 + ln tf of each; that times its
    rarity; and the norm of all its terms, strangers too."""

    rows: Rows
    tallies: Floats
    values: Floats
    norm: float


class Told(NamedTuple):
    """An article's terms in the order in which they come up: the word at which each does, its weight, and
    the norm of all.

    `rising` are their numbers in rising order, and `places` where each of these stands.
    """

    firsts: Counts
    values: Floats
    norm: float
    rising: Rows
    places: Counts

    def found(self, rows: Rows) -> tuple[Counts, Counts]:
        """Return which of `rows` stand in the article, and where in this order each of them does."""
        if not len(self.rising):
            return self.firsts, self.places
        at = self.rising.searchsorted(rows)
        both = (self.rising.take(at, mode="clip") == rows).nonzero()[0]
        return both, self.places.take(at.take(both))


class Lexicon:
    """`stems` by number, `numbers` by stem; it only grows, by the stems of profiles."""

    __slots__ = ("_rare", "_rarity", "_strange", "_told", "_words", "numbers", "stems")

    def __init__(self, rarity: Rarity, number: float) -> None:
        """Number the stems of `rarity`; a number that it does not name weighs `number`."""
        self._rarity = rarity
        self.stems: list[str] = [""]
        self.numbers: dict[str, int] = {"": 0}
        self._told = array("d", [0.0])
        self._rare: Floats = np.zeros(1)
        self._words = _Words(rarity, self.numbers)
        self._strange = np.array([rarity.unknown, number])
        self.file(rarity.stems)

    def __len__(self) -> int:
        return len(self.stems)

    def file(self, stems: Iterable[str]) -> array[int]:
        """Return the numbers of `stems`, which they keep."""
        return array("i", map(self.number, stems))

    def number(self, term: str) -> int:
        """Return the number of a stem, which it keeps."""
        number = self.numbers.get(term)
        if number is None:
            number = self.numbers[term] = len(self.stems)
            self.stems.append(term)
            self._told.append(self._rarity.stem_weight(term))
            # Its words may have been strangers.
            self._words.forget()
        return number

    def rare(self) -> Floats:
        """Return what the stem of each number tells."""
        if len(self._rare) < len(self._told):
            self._rare = np.array(self._told, np.float64)
        return self._rare

    def read(self, words: Iterable[str], number: int) -> Rows:
        """Return the numbers of the folded words of an article, of which there are `number`."""
        # Never in the midst of an article: a stranger must not have two numbers.
        self._words.forget_some()
        return np.fromiter(map(self._words.__getitem__, words), np.int32, number)

    def weigh(self, said: Rows) -> Weighed:
        """Weigh an article's words by their numbers: (1 + ln tf) times rarity, as `Reading.weighed` does."""
        ordered = np.sort(said)
        firsts = np.flatnonzero(ordered[1:] != ordered[:-1])
        firsts += 1
        bounds = np.concatenate(((0,), firsts, (len(ordered),)))
        rows = ordered[bounds[:-1]] if len(ordered) else ordered
        tallies = LOGS[np.minimum(bounds[1:] - bounds[:-1], MOST)][: len(rows)]
        known = int(rows.searchsorted(1))
        values = tallies * self._strange[rows & 1]
        values[known:] = tallies[known:] * self.rare()[rows[known:]]
        if known and not rows[known - 1]:
            values[known - 1] = 0.0
        norm = float(values @ values) ** 0.5
        return Weighed(rows[known:], tallies[known:], values[known:], norm)

    def in_order(self, said: Rows) -> Told:
        """Weigh an article's words as `weigh` does, and tell the terms in the order in which they come up.

        A norm is a sum, whose last digit depends on the order.
        """
        order = said.argsort(kind="stable")
        ordered = said[order]
        new = np.ones(len(said), np.bool_)
        new[1:] = ordered[1:] != ordered[:-1]
        bounds = new.nonzero()[0]
        times = np.diff(bounds, append=len(said))
        telling = ordered[bounds].nonzero()[0]
        bounds, times = bounds[telling], times[telling]
        rows, firsts = ordered[bounds], order[bounds]
        values = LOGS[np.minimum(times, MOST)]
        known = int(rows.searchsorted(1))
        values[:known] *= self._strange[rows[:known] & 1]
        values[known:] *= self.rare()[rows[known:]]
        come = firsts.argsort()
        places = np.empty(len(come), np.intp)
        places[come] = np.arange(len(come))
        values = values[come]
        return Told(firsts[come], values, norm_of(values), rows, places)


class _Words(dict[str, int]):
    """Numbers by word.  Those of strangers that are numbers themselves ("2016") are odd, of others even."""

    __slots__ = ("_numbers", "_rarity", "_strangers")

    def __init__(self, rarity: Rarity, numbers: dict[str, int]) -> None:
        super().__init__()
        self._rarity = rarity
        self._numbers = numbers
        self._strangers: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        term = self._rarity.term(word)
        number = self._numbers.get(term)
        if number is None:
            number = self._strangers.get(term)
            if number is None:
                number = -2 * len(self._strangers) - (1 if term[:1].isdigit() else 2)
                self._strangers[term] = number
        self[word] = number
        return number

    def forget_some(self) -> None:
        """Forget strangers where they are too many, and all words where these are."""
        if len(self) > _MOST_WORDS:
            self.forget()
        elif len(self._strangers) > _MOST_STRANGERS:
            known = {word: number for word, number in self.items() if number >= 0}
            self.forget()
            self.update(known)

    def forget(self) -> None:
        """Forget all words, and with them the numbers of strangers."""
        self.clear()
        self._strangers.clear()
