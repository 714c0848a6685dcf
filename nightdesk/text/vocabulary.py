"""Words by number: a chunk is folded once, and after that a whole text is read in a few array steps.

Comes in: chunks with their keys.  Goes out: the numbers of the folded words of a text.  What was met is
remembered until it is too much; then a new vocabulary begins, with other numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from nightdesk.text.chunks import NO_KEY, Chunks
from nightdesk.text.polynomial import Places

Numbers = NDArray[np.int32]

_BITS = 18
_MOST_CHUNKS = 90_000
_MOST_WORDS = 60_000
"""Of chunks and of words so many are remembered: 3 MB of tables and up to 9 MB of words."""

_EMPTY = 1
"""Key of an empty place of the table; not `NO_KEY`, or a chunk without one would be found there."""

_ROOM = 3 << (_BITS - 2)
"""No text fills the table further, whatever it says."""


class Vocabulary:
    """`words` by number; `fold` tells the words of a chunk.

    A table has for the key of each chunk the number of its word; where it has none or several, minus one
    minus the place of their numbers in `_several`.
    """

    def __init__(self, fold: Callable[[str], Iterable[str]]) -> None:
        self.words: list[str] = []
        self._fold = fold
        self._numbers: dict[str, int] = {}
        self._keys = np.full(1 << _BITS, _EMPTY, np.uint64)
        self._found = np.zeros(1 << _BITS, np.int32)
        self._several: list[tuple[int, ...]] = []
        self._chunks = 0
        self._learning = Lock()

    @property
    def full(self) -> bool:
        """Whether a new one should begin."""
        return self._chunks >= _MOST_CHUNKS or len(self.words) >= _MOST_WORDS

    def number(self, word: str) -> int:
        """Return the number of a word, -1 where no text said it."""
        return self._numbers.get(word, -1)

    def learned(self, words: Iterable[str]) -> Numbers:
        """Return the numbers of some words, which they keep."""
        with self._learning:
            return np.array([*map(self._numbered, words)], np.int32)

    def read(self, text: str, chunks: Chunks) -> tuple[Numbers, Places | None]:
        """Return the numbers of the words of `text`, and the number of the first word of each chunk.

        The latter is None where each chunk is one word.
        """
        slots = (chunks.keys >> np.uint64(64 - _BITS)).astype(np.intp)
        # Keys first: `_learn` writes them last, maybe in another thread.
        strange = (self._keys.take(slots) != chunks.keys).nonzero()[0].tolist()
        found = self._found.take(slots)
        long: dict[int, tuple[int, ...]] = {}
        for at in strange:
            code = self._told(int(chunks.keys[at]), text[chunks.starts[at] : chunks.ends[at]])
            if isinstance(code, int):
                found[at] = code
            else:
                found[at], long[at] = -1, code
        several = found < 0
        places = several.nonzero()[0]
        if not len(places):
            return found, None
        codes = zip(places.tolist(), found.take(places).tolist(), strict=True)
        told = [long[at] if at in long else self._several[-1 - code] for at, code in codes]
        counts = np.ones(len(found), np.intp)
        counts[places] = list(map(len, told))
        numbers = found.repeat(counts)
        numbers[several.repeat(counts)] = list(chain.from_iterable(told))
        return numbers, counts.cumsum() - counts

    def _told(self, key: int, chunk: str) -> int | tuple[int, ...]:
        """Return what the table has for a chunk, or its words where the table does not take it."""
        with self._learning:
            slot = key >> (64 - _BITS)
            while (held := int(self._keys[slot])) != _EMPTY:
                if held == key:
                    return int(self._found[slot])
                slot = (slot + 1) % (1 << _BITS)
            numbers = tuple(map(self._numbered, self._fold(chunk)))
            if key == NO_KEY or self._chunks >= _ROOM:
                return numbers
            code = numbers[0] if len(numbers) == 1 else -1 - len(self._several)
            if code < 0:
                self._several.append(numbers)
            self._chunks += 1
            self._found[slot] = code
            self._keys[slot] = key
            return code

    def _numbered(self, word: str) -> int:
        number = self._numbers.get(word)
        if number is None:
            number = len(self.words)
            # The word first: another thread may read it as soon as it has a number.
            self.words.append(word)
            self._numbers[word] = number
        return number
