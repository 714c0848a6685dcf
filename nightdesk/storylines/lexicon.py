"""Numbers for words: with numbers, an article meets ten thousand profiles in array steps.

Comes in: articles by the numbers of their words (`nightdesk.text.vocabulary`), stems of profiles.  Goes out:
whole numbers, one a stem.  A stem that the rarity names or that a profile holds has one above zero, for good.
Strangers have one below zero until they are forgotten, so that what articles say takes bounded room.  0 is
for words that tell nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.vectors import LOGS, norm_of
from nightdesk.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nightdesk.storylines.rarity import Rarity

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]
Counts = NDArray[np.intp]

_MOST_STRANGERS = 8_000
"""Words whose stems nobody filed, and that have numbers all the same, at most: names and misspellings, of
which a report brings ten new ones."""

_NOWHERE = np.zeros(0, np.intp)

_UNREAD = np.iinfo(np.int32).min
"""Stands for the number of a word that was not looked up yet."""


class Weighed(NamedTuple):
    """Distinct numbers of an article's terms, rising and above zero; 1 + ln tf of each; that times its
    rarity; and the norm of all its terms, strangers too."""

    rows: Rows
    tallies: Floats
    values: Floats
    norm: float

    def found(self, rows: Rows) -> tuple[Counts, Counts]:
        """Return which of `rows` stand in the article, and where among its own each of them does."""
        return _met(rows, self.rows)


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
        both, at = _met(rows, self.rising)
        return both, self.places.take(at)


def _met(rows: Rows, rising: Rows) -> tuple[Counts, Counts]:
    """Return which of `rows` are among others that rise, and where."""
    if not len(rising):
        return _NOWHERE, _NOWHERE
    at = rising.searchsorted(rows)
    both = (rising.take(at, mode="clip") == rows).nonzero()[0]
    return both, at.take(both)


def _bounds(ordered: Rows) -> Counts:
    """Return where each run of equal numbers begins, and where the last one ends."""
    edge = np.ones(len(ordered) + 1, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=edge[1:-1])
    bounds: Counts = edge.nonzero()[0]
    return bounds


class Lexicon:
    """`stems` by number, `numbers` by stem; it only grows, by the stems of profiles."""

    __slots__ = ("_numbered", "_rare", "_rarity", "_strange", "_told", "numbers", "stems")

    def __init__(self, rarity: Rarity, number: float) -> None:
        """Number the stems of `rarity`; a number that it does not name weighs `number`."""
        self._rarity = rarity
        self.stems: list[str] = [""]
        self.numbers: dict[str, int] = {"": 0}
        self._told = array("d", [0.0])
        self._rare: Floats = np.zeros(1)
        self._numbered = _Numbered(rarity, self.numbers)
        self._strange = np.array([rarity.unknown, number])
        self.file(rarity.stems)

    def __len__(self) -> int:
        return len(self.stems)

    def file(self, stems: Iterable[str]) -> array[int]:
        """Return the numbers of `stems`, which they keep."""
        asked = tuple(stems)
        known = list(map(self.numbers.get, asked))
        return array(
            "i", [self.number(s) if n is None else n for s, n in zip(asked, known, strict=True)]
        )

    def number(self, term: str) -> int:
        """Return the number of a stem, which it keeps."""
        number = self.numbers.get(term)
        if number is None:
            number = self.numbers[term] = len(self.stems)
            self.stems.append(term)
            self._told.append(self._rarity.stem_weight(term))
            # Its words may be among the strangers.
            self._numbered.outdated = True
        return number

    def rare(self) -> Floats:
        """Return what the stem of each number tells."""
        if len(self._rare) < len(self._told):
            self._rare = np.array(self._told, np.float64)
        return self._rare

    def read(self, vocabulary: Vocabulary, words: Rows) -> Rows:
        """Return the numbers of all words of an article, which come by their numbers in `vocabulary`."""
        return self._numbered.read(vocabulary, words)

    def weigh(self, said: Rows) -> Weighed:
        """Weigh an article's words by their numbers: (1 + ln tf) times rarity."""
        ordered = np.sort(said)
        bounds = _bounds(ordered)
        rows = ordered.take(bounds[:-1])
        tallies = LOGS.take(bounds[1:] - bounds[:-1], mode="clip")
        known = int(rows.searchsorted(1))
        values = tallies.copy()
        values[:known] *= self._strange.take(rows[:known] & 1)
        values[known:] *= self.rare().take(rows[known:])
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
        bounds = _bounds(ordered)
        bounds, times = bounds[:-1], bounds[1:] - bounds[:-1]
        telling = ordered[bounds].nonzero()[0]
        bounds, times = bounds[telling], times[telling]
        rows, firsts = ordered[bounds], order[bounds]
        values = LOGS.take(times, mode="clip")
        known = int(rows.searchsorted(1))
        values[:known] *= self._strange[rows[:known] & 1]
        values[known:] *= self.rare()[rows[known:]]
        come = firsts.argsort()
        places = np.empty(len(come), np.intp)
        places[come] = np.arange(len(come))
        values = values[come]
        return Told(firsts[come], values, norm_of(values), rows, places)


class _Numbered:
    """Numbers by word.  Those of strangers that are numbers themselves ("2016") are odd, of others even.

    `_of` has them by what the words are in a vocabulary; `_strange` are those of strangers there.
    """

    __slots__ = (
        "_numbers",
        "_of",
        "_rarity",
        "_reading",
        "_strange",
        "_strangers",
        "_vocabulary",
        "outdated",
    )

    def __init__(self, rarity: Rarity, numbers: dict[str, int]) -> None:
        self._rarity = rarity
        self._numbers = numbers
        self._strangers: dict[str, int] = {}
        self._strange: list[int] = []
        self._vocabulary: Vocabulary | None = None
        self._of = np.zeros(0, np.int32)
        self._reading = Lock()
        self.outdated = True

    def __reduce__(self) -> tuple[type[_Numbered], tuple[Rarity, dict[str, int]]]:
        # A lock stays in its process; all else can be found again.
        return _Numbered, (self._rarity, self._numbers)

    def read(self, vocabulary: Vocabulary, words: Rows) -> Rows:
        """Return the numbers of words that come by those which they have in `vocabulary`."""
        # In the midst of an article nothing may be forgotten: a stranger must not have two numbers.
        with self._reading:
            self._forget_some(vocabulary)
            found = self._of.take(words)
            unread = words[found == _UNREAD]
            if len(unread):
                for word in set(unread.tolist()):
                    number = self._of[word] = self._number(vocabulary.words[word])
                    if number < 0:
                        self._strange.append(word)
                found = self._of.take(words)
            return found

    def _forget_some(self, vocabulary: Vocabulary) -> None:
        if vocabulary is not self._vocabulary:
            self._vocabulary = vocabulary
            self._of = np.full(len(vocabulary.words), _UNREAD, np.int32)
            self._strange.clear()
            self.outdated = True
        if self.outdated or len(self._strangers) > _MOST_STRANGERS:
            self.outdated = False
            self._strangers.clear()
            self._of[self._strange] = _UNREAD
            self._strange.clear()
        lacking = len(vocabulary.words) - len(self._of)
        if lacking > 0:
            more = np.full(lacking + len(self._of) // 8, _UNREAD, np.int32)
            self._of = np.concatenate((self._of, more))

    def _number(self, word: str) -> int:
        term = self._rarity.stem_of[word]
        number = self._numbers.get(term)
        if number is None:
            number = self._strangers.get(term)
        if number is None:
            number = -2 * len(self._strangers) - (1 if term[:1].isdigit() else 2)
            self._strangers[term] = number
        return number
