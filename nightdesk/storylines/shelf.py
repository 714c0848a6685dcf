"""The words of many texts side by side, so that one text is compared with all of them in a few array steps.

Comes in: packed texts.  Goes out: a `Shelf`, which says how like each of its texts and another are.  It is an
inverted index: a word that several texts have is kept once, with its place and weight in each of them, so a
busy storyline's shelf takes some six bytes for each word of each text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.dense.vectors import cosines
from nightdesk.numbers import Wholes, side_by_side
from nightdesk.storylines import overlap
from nightdesk.storylines.blend import blended
from nightdesk.storylines.packed import HASH, WEIGHT, WHOLE, Packed

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

_WORD, _PLACE = np.dtype("<u8"), np.dtype("<u2")
"""A word of a text as one number, so that all can be sorted: its hash, then the place of its text, then its
weight."""


class Texts(NamedTuple):
    """Packed texts side by side: each word of each as one number, rising, and the vector of each."""

    said: Words
    meanings: tuple[bytes, ...]

    @classmethod
    def of(cls, texts: Sequence[Packed]) -> Texts:
        """Put texts side by side, at places from 0 on."""
        said = np.empty(sum(map(len, texts)), _WORD)
        filled = 0
        for place, text in enumerate(texts):
            filled = overlap.say(*text.words(), place, said.data, filled)
        # Of a few runs that rise, this merges; other ways to sort take twenty times as long.
        said.sort(kind="stable")
        return cls(said, tuple([text.meaning for text in texts]))

    @property
    def size(self) -> int:
        """How many texts they are."""
        return len(self.meanings)

    def among(self) -> Floats:
        """Return how like they are among each other: (n, n), each one's likeness to itself too."""
        shares, days = np.zeros((2, self.size, self.size))
        overlap.among(self.said.data, self.size, WHOLE, side_by_side(shares), side_by_side(days))
        if any(self.meanings):
            for row, meaning in zip(shares, self.meanings, strict=True):
                row[:] = _blended(row, meaning, self.meanings)
        return shares


class Shelf:
    """Packed texts, at places from 0 on.

    `_hashes` are the distinct words, rising; `_starts` says where the texts of each begin in `_places` and
    `_weights`, and ends with their number.
    """

    __slots__ = ("_hashes", "_meanings", "_places", "_starts", "_weights", "size")

    def __init__(self, texts: Sequence[Packed]) -> None:
        self._file(*Texts.of(texts))

    def _file(self, said: Words, meanings: Sequence[bytes]) -> None:
        """Keep words that rise."""
        self.size = size = len(meanings)
        hashes = np.empty(len(said), HASH)
        # As few bytes as they need: these arrays are most of what a storyline remembers.
        starts = np.empty(len(said) + 1, np.min_scalar_type(len(said)))
        self._places = np.empty(len(said), np.min_scalar_type(size))
        self._weights = np.empty(len(said), WEIGHT)
        words = overlap.file(
            said.data, hashes.data, starts.data, self._places.data, self._weights.data
        )
        self._hashes, self._starts = hashes[:words].copy(), starts[: words + 1].copy()
        self._meanings = _told(meanings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shelf) and self.texts() == other.texts()

    __hash__ = None  # type: ignore[assignment]

    def changed(self, more: Texts, kept: Sequence[int] | None = None) -> Shelf:
        """Return the shelf with more texts at its end, and then only those at the places `kept`.

        These rise; all are kept where it is None.
        """
        size, meanings = self.size + more.size, (*self.meanings(), *more.meanings)
        renamed = np.arange(size, dtype=np.int32)
        if kept is not None and len(kept) < size:
            renamed.fill(-1)
            renamed[kept] = np.arange(len(kept))
            meanings = tuple([meanings[place] for place in kept])
        said = np.empty(len(self._weights) + len(more.said), _WORD)
        left = overlap.merge(*self._words(), more.said.data, renamed.data, self.size, said.data)
        shelf = Shelf.__new__(Shelf)
        shelf._file(said[:left], meanings)
        return shelf

    def only(self, places: Sequence[int]) -> Shelf:
        """Return the shelf with the texts at `places` alone, which are rising."""
        return self.changed(Texts.of(()), places)

    def all(self) -> Texts:
        """Return the texts side by side."""
        said = np.empty(len(self._weights), _WORD)
        overlap.merge(
            *self._words(),
            said[:0].data,
            np.arange(self.size, dtype=np.int32).data,
            self.size,
            said.data,
        )
        return Texts(said, self.meanings())

    def texts(self) -> list[Packed]:
        """Return the texts, one by one."""
        hashes, places, weights = _parts(self.all().said)
        order = places.argsort(kind="stable")
        hashes, weights = hashes[order], weights[order]
        ends = np.cumsum(np.bincount(places, minlength=self.size)).tolist()
        return [
            Packed(hashes[start:end].tobytes(), weights[start:end].tobytes(), meaning)
            for (start, end), meaning in zip(pairwise((0, *ends)), self.meanings(), strict=True)
        ]

    def meanings(self) -> tuple[bytes, ...]:
        """Return the vector of each text, empty where it has none."""
        return self._meanings or (b"",) * self.size

    def likeness(self, text: Packed) -> Floats:
        """Return how like `text` and each text of the shelf are, 0 to 1: the cosine of their words, in which
        days that both name count for no more than all else that they have in common.
        """
        shares, days = np.zeros((2, self.size))
        overlap.meet(*self._words(), *text.words(), WHOLE, side_by_side(shares), side_by_side(days))
        return _blended(shares, text.meaning, self._meanings)

    def likenesses(self, texts: Sequence[Packed]) -> Floats:
        """Return how like each of `texts` and each text of the shelf are: (m, n)."""
        rows = [self.likeness(text) for text in texts]
        return np.array(rows).reshape(len(texts), self.size)

    def _words(self) -> tuple[Wholes, Wholes, Wholes, Wholes]:
        """Return the words as loops take them."""
        return self._hashes.data, self._starts.data, self._places.data, self._weights.data


def _blended(words: Floats, meaning: bytes, meanings: Sequence[bytes]) -> Floats:
    if not meaning or not meanings:
        return words
    return blended(words, cosines(meaning, meanings))


def _parts(said: Words) -> tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint16]]:
    """Return hashes, places and weights where they stand in words that are one number each."""
    quarters = said.view(_PLACE)
    return said.view(HASH)[1::2], quarters[1::4], quarters[::4]


def _side_by_side(texts: Sequence[Packed]) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
    """Return the hashes of all words and their weights."""
    hashes = np.frombuffer(b"".join([text.hashes for text in texts]), HASH)
    return hashes, np.frombuffer(b"".join([text.weights for text in texts]), WEIGHT)


def _told(meanings: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return vectors side by side; nothing where none is known, so that nobody need look."""
    return tuple(meanings) if any(meanings) else ()
