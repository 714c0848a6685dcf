"""The words of many texts side by side, so that one text is compared with all of them in a few array steps.

Comes in: packed texts.  Goes out: a `Shelf`, which says how like each of its texts and another are.  It is an
inverted index: a word that several texts have is kept once, with its place and weight in each of them, so a
busy storyline's shelf takes some six bytes for each word of each text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightdesk.dense.vectors import cosines
from nightdesk.storylines.blend import blended
from nightdesk.storylines.packed import HASH, WEIGHT, WHOLE, Packed

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]
Counts = NDArray[np.intp]

_WORD, _PLACE = np.dtype("<u8"), np.dtype("<u2")
"""A word of a text as one number, so that all can be sorted: its hash, then the place of its text, then its
weight."""


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
        self._file(said, len(texts), [text.meaning for text in texts])

    def _file(self, said: Words, size: int, meanings: Sequence[bytes]) -> None:
        # Of a few runs that rise, this merges; other ways to sort take twenty times as long.
        said.sort(kind="stable")
        hashes, places, weights = _parts(said)
        first = np.empty(len(said) + 1, np.bool_)
        first[0] = first[-1] = True
        np.not_equal(hashes[1:], hashes[:-1], out=first[1:-1])
        starts = first.nonzero()[0]
        self.size = size
        self._hashes = hashes[starts[:-1]]
        # As few bytes as they need: these arrays are most of what a storyline remembers.
        self._starts = starts.astype(np.min_scalar_type(len(said)))
        self._places = places.astype(np.min_scalar_type(size))
        self._weights = weights.copy()
        self._meanings = _told(meanings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shelf) and self.texts() == other.texts()

    __hash__ = None  # type: ignore[assignment]

    def changed(self, more: Shelf, kept: Sequence[int] | None = None) -> Shelf:
        """Return the shelf with those of another at its end, and then only the texts at the places `kept`.

        These rise; all are kept where it is None.
        """
        own, size = len(self._weights), self.size + more.size
        said = np.empty(own + len(more._weights), _WORD)
        self._say(said[:own], 0)
        more._say(said[own:], self.size)
        told = [*self.meanings(), *more.meanings()]
        if kept is not None and len(kept) < size:
            chosen = np.zeros(size, np.bool_)
            chosen[kept] = True
            said = said[chosen.take(_parts(said)[1])]
            places = _parts(said)[1]
            # No text overtakes another, so what rose rises still.
            places[:] = (chosen.cumsum() - 1).astype(_PLACE).take(places)
            size, told = len(kept), [told[place] for place in kept]
        shelf = Shelf.__new__(Shelf)
        shelf._file(said, size, told)
        return shelf

    def _say(self, said: Words, first: int) -> None:
        """Write each word of each text, rising; the texts are at places from `first` on."""
        hashes, places, weights = _parts(said)
        hashes[:] = self._hashes.repeat(self._lengths())
        places[:], weights[:] = self._places, self._weights
        places += first

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
        hashes, weights = text.arrays()
        at, times = self._found(hashes)
        products = weights.astype(np.float64).repeat(times)
        products *= self._weights.take(at)
        sums = np.bincount(self._places.take(at), products, self.size)
        return self._blended(_cosines(sums), text.meaning)

    def likenesses(self, texts: Sequence[Packed]) -> Floats:
        """Return how like each of `texts` and each text of the shelf are: (m, n)."""
        hashes, weights = _side_by_side(texts)
        at, times = self._found(hashes)
        products = weights.astype(np.float64).repeat(times)
        products *= self._weights.take(at)
        cells = (_columns(texts) * self.size).repeat(times)
        cells += self._places.take(at)
        sums = np.bincount(cells, products, len(texts) * self.size)
        found = _cosines(sums.reshape(len(texts), self.size))
        return self._all_blended(found, [text.meaning for text in texts])

    def among(self) -> Floats:
        """Return how like its texts are among each other: (n, n), each one's likeness to itself too."""
        table = np.zeros((len(self._hashes), self.size))
        table[np.arange(len(table)).repeat(self._lengths()), self._places] = self._weights
        return self._all_blended(_cosines(table.T.dot(table)), self.meanings())

    def _found(self, hashes: NDArray[np.uint32]) -> tuple[Counts, Counts]:
        """Return where texts have words that are among `hashes`, in their order, and how many each has."""
        # Of a word that no text has, both are the same place.
        first, after = self._hashes.searchsorted(hashes), self._hashes.searchsorted(hashes, "right")
        ends = self._starts.take(after)
        times = (ends - self._starts.take(first)).astype(np.intp)
        return _ranges(ends, times), times

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


def _ranges(ends: NDArray[Any], times: Counts) -> Counts:
    """Return so many whole numbers up to each of `ends`, which is left out, one range after the other."""
    found: Counts = (ends - times.cumsum()).repeat(times)
    found += np.arange(len(found))
    return found


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


def _cosines(sums: NDArray[Any]) -> Floats:
    """Return cosines of sums of products: whole numbers below 2^53, exact in any order."""
    result: Floats = np.minimum(sums / WHOLE, 1.0)
    return result


def _told(meanings: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return vectors side by side; nothing where none is known, so that nobody need look."""
    return tuple(meanings) if any(meanings) else ()
