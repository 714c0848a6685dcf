"""Words by number: a chunk is folded once, and after that a whole text is read in one pass.

Comes in: texts.  Goes out: the numbers of their folded words, and where each chunk stands.  What was met is
remembered until it is too much; then a new vocabulary begins, with other numbers.
"""

from __future__ import annotations

import secrets
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.text.chunks import Table, counted, spread

Numbers = NDArray[np.int32]

_BITS = 18
_MOST_CHUNKS = 90_000
_MOST_WORDS = 60_000
"""Of chunks and of words so many are remembered: 4 MB of tables and up to 9 MB of words."""

_ROOM = 3 << (_BITS - 2)
"""No text fills the table further, whatever it says."""

_CODES = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"


class Read(NamedTuple):
    """The words of a text by number, where its chunks start and end, and the number of the first word of
    each chunk."""

    numbers: Numbers
    starts: Numbers
    ends: Numbers
    firsts: Numbers


_NOTHING = Read(*[np.zeros(0, np.int32)] * 4)


class Vocabulary:
    """`words` by number; `fold` tells the words of a chunk.

    The `first` numbers are those of words that are looked for in every text.  A table has for each chunk the
    number of its word, or where in `_several` those of its words stand.
    """

    def __init__(self, fold: Callable[[str], Iterable[str]], first: Iterable[str] = ()) -> None:
        self.words: list[str] = []
        self._fold = fold
        self._numbers: dict[str, int] = {}
        # Nobody who writes feeds can know the base, and so none can write words that are taken for others.
        self._table = Table(secrets.randbits(64) | 1, _BITS, np.zeros(2 << _BITS, np.uint64).data)
        self._several = array("i")
        self._chunks = 0
        self._learning = Lock()
        self.first = len(self.learned(dict.fromkeys(first)))

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

    def read(self, text: str) -> Read:
        """Return what a text says."""
        if not text:
            return _NOTHING
        most = (len(text) + 1) // 2
        starts, ends, codes = _room(most), _room(most), _room(most)
        strange: list[int] = []
        said = _codes(text)
        size = self._table.cut(said, starts.data, ends.data, codes.data, strange)
        starts, ends, codes = starts[:size], ends[:size], codes[:size]
        several: Sequence[int] = self._several
        if strange:
            chunks = [(at, int(starts[at]), int(ends[at])) for at in strange]
            several = self._learn([(at, text[a:b], said[a:b]) for at, a, b in chunks], codes)
        numbers, firsts = _room(counted(codes.data, several)), _room(size)
        spread(codes.data, several, numbers.data, firsts.data)
        return Read(numbers, starts, ends, firsts)

    def _learn(
        self, strange: Iterable[tuple[int, str, memoryview]], codes: Numbers
    ) -> Sequence[int]:
        """Write the codes of chunks that the table did not have; return `_several`, and behind it the
        words of those that it does not take."""
        with self._learning:
            apart = []
            for chunk, said, characters in strange:
                code = self._told(said, self._table.key(characters))
                if isinstance(code, int):
                    codes[chunk] = code
                else:
                    apart.append((chunk, code))
            if not apart:
                return self._several
            several = self._several[:]
        for chunk, numbers in apart:
            codes[chunk] = _filed(numbers, several)
        return several

    def _told(self, chunk: str, key: int) -> int | tuple[int, ...]:
        """Return the code of a chunk, or its words where the table does not take it."""
        code = self._table.code(key)
        if code >= 0:
            return code
        numbers = tuple(map(self._numbered, self._fold(chunk)))
        if not key or self._chunks >= _ROOM:
            return numbers
        code = _filed(numbers, self._several)
        self._chunks += 1
        self._table.keep(key, code)
        return code

    def _numbered(self, word: str) -> int:
        number = self._numbers.get(word)
        if number is None:
            number = len(self.words)
            # The word first: another thread may read it as soon as it has a number.
            self.words.append(word)
            self._numbers[word] = number
        return number


def _room(size: int) -> Numbers:
    return np.empty(size, np.int32)


def _filed(numbers: tuple[int, ...], several: array[int]) -> int:
    """Return the code of a chunk with these words, of which `several` may take note."""
    if len(numbers) == 1:
        return 2 * numbers[0]
    code = 2 * len(several) + 1
    several.append(len(numbers))
    several.extend(numbers)
    return code


def _codes(text: str) -> memoryview:
    """Return the characters of a text as numbers."""
    return memoryview(text.encode(_CODES, "surrogatepass")).cast("I")
