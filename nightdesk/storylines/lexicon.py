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

from nightdesk.storylines import tallies
from nightdesk.storylines.vectors import LOGS, norm_of
from nightdesk.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nightdesk.storylines.rarity import Rarity

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]

_MOST_STRANGERS = 8_000
"""Words whose stems nobody filed, and that have numbers all the same, at most: names and misspellings, of
which a report brings ten new ones."""

_UNREAD = np.iinfo(np.int32).min
"""Stands for the number of a word that was not looked up yet."""


class Told(NamedTuple):
    """An article's terms in the order in which they come up: their numbers, the word at which each does,
    1 + ln tf of each, that times its rarity, and the norm of all.

    Those that tell nothing are left out.  By `slots` they are found again.  The first `plain` of them are
    words; what follows are days, which count for no more than the words that two texts have in common.
    """

    numbers: Rows
    firsts: Rows
    tallies: Floats
    values: Floats
    norm: float
    slots: Rows
    plain: int

    def found(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return which of `rows` stand in the article, and where in this order each of them does."""
        both, at = np.empty(len(rows), np.int32), np.empty(len(rows), np.int32)
        met = tallies.find(self.numbers.data, self.slots.data, rows.data, both.data, at.data)
        return both[:met], at[:met]


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
        self._strange = np.array([rarity.stranger, number])
        self.file(rarity.stems)
        self.file(rarity.names)
        self.file(rarity.bursts)

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
            number = len(self.stems)
            self.stems.append(term)
            self._told.append(self._rarity.stem_weight(term))
            # Last: another thread may read it as soon as it has a number.
            self.numbers[term] = number
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

    def weigh(self, said: Rows, title: int) -> Told:
        """Weigh an article's words by their numbers: (1 + ln tf) times rarity.

        The first `title` words count twice.
        """
        slots = np.empty(1 << len(said).bit_length(), np.int32)
        slots.fill(-1)
        numbers, firsts, times = np.empty((3, len(said)), np.int32)
        distinct = tallies.count(
            said.data, title, slots.data, numbers.data, firsts.data, times.data
        )
        numbers, firsts, times = numbers[:distinct], firsts[:distinct], times[:distinct]
        logs, values = np.empty(distinct), np.empty(distinct)
        tallies.weigh(
            numbers.data,
            times.data,
            LOGS.data,
            self.rare().data,
            self._strange.data,
            logs.data,
            values.data,
        )
        return Told(numbers, firsts, logs, values, norm_of(values), slots, distinct)


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
