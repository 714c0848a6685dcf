"""The words of many texts side by side, so that one text is compared with all of them in a few array steps.

Comes in: packed texts.  Goes out: a `Shelf`, which says how like each of its texts and another are.  It is an
inverted index: a word that several texts have is kept once, with its place and weight in each of them, so a
busy storyline's shelf takes some six bytes for each word of each text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nightdesk.dense.vectors import cosines
from nightdesk.numbers import side_by_side
from nightdesk.storylines import overlap
from nightdesk.storylines.blend import blended
from nightdesk.storylines.packed import HASH, WEIGHT, WHOLE, Packed

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]
Counts = NDArray[np.intp]

_WORD, _PLACE = np.dtype("<u8"), np.dtype("<u2")
"""A word of a text as one number, so that all can be sorted: its hash, then the place of its text, then its
weight."""

_START, _SMALL = np.dtype("<u2"), np.dtype("u1")
_MOST_SMALL, _MOST_PLACES = 65_535, 256


class Shelf:
    """Packed texts, at places from 0 on.

    `_hashes` are the distinct words, rising; `_starts` says where the texts of each begin in `_places` and
    `_weights`, and ends with their number.
    """

    __slots__ = ("_hashes", "_meanings", "_places", "_starts", "_weights", "size")

    def __init__(self, texts: Sequence[Packed]) -> None:
        said = np.empty(sum(map(len, texts)), _WORD)
        hashes, places, weights = _parts(said)
        hashes[:], weights[:] = _side_by_side(texts)
        places[:] = _columns(texts)
        # Of a few runs that rise, this merges; other ways to sort take twenty times as long.
        said.sort(kind="stable")
        self._file(said, len(texts), [text.meaning for text in texts])

    def _file(self, said: Words, size: int, meanings: Sequence[bytes]) -> None:
        """Keep words that rise."""
        self.size = size
        hashes = np.empty(len(said), HASH)
        # As few bytes as they need: these arrays are most of what a storyline remembers.
        starts = np.empty(len(said) + 1, _START if len(said) <= _MOST_SMALL else HASH)
        self._places = np.empty(len(said), _SMALL if size <= _MOST_PLACES else _PLACE)
        self._weights = np.empty(len(said), WEIGHT)
        words = overlap.file(
            said.data, hashes.data, starts.data, self._places.data, self._weights.data
        )
        self._hashes, self._starts = hashes[:words].copy(), starts[: words + 1].copy()
        self._meanings = _told(meanings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shelf) and self.texts() == other.texts()

    __hash__ = None  # type: ignore[assignment]

    def changed(self, more: Shelf, kept: Sequence[int] | None = None) -> Shelf:
        """Return the shelf with those of another at its end, and then only the texts at the places `kept`.

        These rise; all are kept where it is None.
        """
        size, told = self.size + more.size, [*self.meanings(), *more.meanings()]
        renamed = np.arange(size, dtype=np.int32)
        if kept is not None and len(kept) < size:
            renamed.fill(-1)
            renamed[kept] = np.arange(len(kept))
            told = [told[place] for place in kept]
        said = np.empty(len(self._weights) + len(more._weights), _WORD)
        left = overlap.merge(
            self._said().data, more._said().data, renamed.data, self.size, said.data
        )
        shelf = Shelf.__new__(Shelf)
        shelf._file(said[:left], len(told), told)
        return shelf

    def _said(self) -> Words:
        """Return each word of each text as one number, rising."""
        said = np.empty(len(self._weights), _WORD)
        hashes, starts, places, weights = self._words()
        overlap.say(hashes, starts, places, weights, said.data)
        return said

    def only(self, places: Sequence[int]) -> Shelf:
        """Return the shelf with the texts at `places` alone, which are rising."""
        return self.changed(Shelf(()), places)

    def texts(self) -> list[Packed]:
        """Return the texts."""
        order = self._places.argsort(kind="stable")
        hashes = self._hashes.repeat(self._lengths())[order]
        weights = self._weights[order]
        ends = np.cumsum(np.bincount(self._places, minlength=self.size)).tolist()
        return [
            Packed(hashes[start:end].tobytes(), weights[start:end].tobytes(), meaning)
            for (start, end), meaning in zip(pairwise((0, *ends)), self.meanings(), strict=True)
        ]

    def meanings(self) -> tuple[bytes, ...]:
        """Return the vector of each text, empty where it has none."""
        return self._meanings or (b"",) * self.size

    def likeness(self, text: Packed) -> Floats:
        """Return how like `text` and each text of the shelf are, 0 to 1: the cosine of their words."""
        shares = np.zeros(self.size)
        hashes, starts, places, weights = self._words()
        said, heavy = text.arrays()
        overlap.meet(
            hashes, starts, places, weights, said.data, heavy.data, WHOLE, side_by_side(shares)
        )
        return self._blended(shares, text.meaning)

    def likenesses(self, texts: Sequence[Packed]) -> Floats:
        """Return how like each of `texts` and each text of the shelf are: (m, n)."""
        rows = [self.likeness(text) for text in texts]
        return np.array(rows).reshape(len(texts), self.size)

    def among(self) -> Floats:
        """Return how like its texts are among each other: (n, n), each one's likeness to itself too."""
        shares = np.zeros(self.size * self.size)
        _, starts, places, weights = self._words()
        overlap.among(starts, places, weights, self.size, WHOLE, side_by_side(shares))
        return self._all_blended(shares.reshape(self.size, self.size), self.meanings())

    def _words(self) -> tuple[memoryview, memoryview, memoryview, memoryview]:
        """Return the words as loops take them."""
        return self._hashes.data, self._starts.data, self._places.data, self._weights.data

    def _lengths(self) -> Counts:
        """Return how many texts have each word."""
        starts = self._starts.astype(np.intp)
        lengths: Counts = starts[1:] - starts[:-1]
        return lengths

    def _blended(self, words: Floats, meaning: bytes) -> Floats:
        if not meaning or not self._meanings:
            return words
        return blended(words, cosines(meaning, self._meanings))

    def _all_blended(self, rows: Floats, meanings: Sequence[bytes]) -> Floats:
        if not self._meanings:
            return rows
        pairs = zip(rows, meanings, strict=True)
        return np.array([self._blended(row, meaning) for row, meaning in pairs]).reshape(rows.shape)


def _parts(said: Words) -> tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint16]]:
    """Return hashes, places and weights where they stand in words that are one number each."""
    quarters = said.view(_PLACE)
    return said.view(HASH)[1::2], quarters[1::4], quarters[::4]


def _side_by_side(texts: Sequence[Packed]) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    """Return the hashes of all words and their weights."""
    hashes = np.frombuffer(b"".join([text.hashes for text in texts]), HASH)
    return hashes, np.frombuffer(b"".join([text.weights for text in texts]), WEIGHT)


def _columns(texts: Sequence[Packed]) -> Counts:
    """Return for each word of all texts the place of its text."""
    return np.arange(len(texts)).repeat(np.array([len(text) for text in texts], np.intp))


def _told(meanings: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return vectors side by side; nothing where none is known, so that nobody need look."""
    return tuple(meanings) if any(meanings) else ()
