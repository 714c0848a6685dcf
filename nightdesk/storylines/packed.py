"""Heaviest words of a text as whole numbers: small to send and keep, and compared without rounding.

Comes in: weights by word.  Goes out: `Packed`, hashes of words beside weights in 4095ths, and how much
two of them have in common.  Sums of whole numbers do not depend on their order, so a likeness is the
same before and after a restart, one by one or for all at once.

Where an encoder told the meaning of both texts, it has its share in their likeness (`blend.py`).
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import lt
from struct import unpack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightdesk.dense.vectors import cosines
from nightdesk.storylines.blend import blended

Floats = NDArray[np.float64]
Said = NDArray[np.uint64]
Rows = NDArray[np.int64]
Counts = NDArray[np.intp]

TERMS = 96
"""Heaviest words kept of a text."""

_UNIT = 4095
_WHOLE = float(_UNIT * _UNIT)
_HASH, _WEIGHT = np.dtype("<u4"), np.dtype("<u2")
_HASH_AT, _PLACE_AT = 32, 16
_REST, _WEIGHTS = (1 << _HASH_AT) - 1, (1 << _PLACE_AT) - 1


@dataclass(frozen=True, slots=True)
class Packed:
    """`hashes` of words (CRC-32, rising, each once) and `weights` beside them: 6 bytes a word.

    `meaning` is the text's vector (`nightdesk.dense`), empty where no encoder read it.
    """

    hashes: bytes = b""
    weights: bytes = b""
    meaning: bytes = b""

    @classmethod
    def of(cls, words: Sequence[str], values: Floats, norm: float) -> Packed:
        """Pack the `TERMS` heaviest of `words`, whose `values` belong to a vector of length `norm`."""
        if not norm:
            return cls()
        order = np.argsort(-values, kind="stable")[: TERMS + 1]
        if len(order) > TERMS:
            order = _cut(words, values, order)
        weights = np.rint(values[order] / norm * _UNIT).astype(np.int64)
        order, weights = order[weights > 0], weights[weights > 0]
        named = (words[at].encode("utf-8", "surrogatepass") for at in order.tolist())
        hashes = np.fromiter(map(zlib.crc32, named), np.int64, len(order))
        rising = np.argsort(hashes)
        hashes, weights = hashes[rising], np.minimum(_UNIT, weights[rising])
        if (hashes[1:] == hashes[:-1]).any():
            return cls._of({words[at]: float(values[at]) / norm for at in order.tolist()})
        return cls(hashes.astype(_HASH).tobytes(), weights.astype(_WEIGHT).tobytes())

    @classmethod
    def _of(cls, vector: Mapping[str, float]) -> Packed:
        table: dict[int, int] = {}
        for word, value in vector.items():
            weight = round(value * _UNIT)
            if weight > 0:
                hashed = zlib.crc32(word.encode("utf-8", "surrogatepass"))
                table[hashed] = max(weight, table.get(hashed, 0))
        hashes = sorted(table)
        weights = [min(_UNIT, table[hashed]) for hashed in hashes]
        return cls(np.array(hashes, _HASH).tobytes(), np.array(weights, _WEIGHT).tobytes())

    def __len__(self) -> int:
        return len(self.weights) // _WEIGHT.itemsize

    def arrays(self) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
        """Return hashes and weights as arrays."""
        return np.frombuffer(self.hashes, _HASH), np.frombuffer(self.weights, _WEIGHT)

    def to_text(self) -> str:
        """Return the words as ASCII, for messages and checkpoints."""
        return b64encode(self.hashes + self.weights).decode()

    @classmethod
    def from_text(cls, text: str, meaning: bytes = b"") -> Packed:
        """Read what `to_text` wrote, beside a vector.  Raises ValueError for what it never wrote."""
        data = b64decode(text, validate=True)
        number, rest = divmod(len(data), _HASH.itemsize + _WEIGHT.itemsize)
        if rest or number > TERMS:
            raise ValueError("these are no packed words")
        cut = number * _HASH.itemsize
        numbers = unpack(f"<{number}I{number}H", data)
        hashes, weights = numbers[:number], numbers[number:]
        if not all(map(lt, hashes, hashes[1:])) or max(weights, default=0) > _UNIT:
            raise ValueError("these are no packed words")
        return cls(data[:cut], data[cut:], meaning)

    def likeness_to_itself(self) -> float:
        """Return what a shelf says of a text and itself: one, less what was too light to keep."""
        weights = self.arrays()[1].astype(np.float64)
        return min(1.0, float(weights @ weights) / _WHOLE)


class Shelf:
    """Packed texts side by side, so that one text is compared with all of them in a few array steps.

    Each word of each text is one number: its hash, then the place of its text, then its weight.  They
    rise, so that a word is found in all texts at once.
    """

    __slots__ = ("_meanings", "_said", "size")

    def __init__(self, texts: Sequence[Packed]) -> None:
        self.size = len(texts)
        hashes, places, weights = _side_by_side(texts)
        hashes <<= _HASH_AT
        places <<= _PLACE_AT
        self._said = _sorted(hashes | places | weights)
        self._meanings = _told([text.meaning for text in texts])

    @classmethod
    def _of(cls, said: Said, size: int, meanings: tuple[bytes, ...]) -> Shelf:
        shelf = cls.__new__(cls)
        shelf._said, shelf.size, shelf._meanings = said, size, meanings
        return shelf

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shelf) and self.texts() == other.texts()

    __hash__ = None  # type: ignore[assignment]

    def followed_by(self, more: Shelf) -> Shelf:
        """Return the shelf with the texts of another at its end."""
        moved = more._said + np.uint64(self.size << _PLACE_AT)
        told = _told([*self.meanings(), *more.meanings()])
        return Shelf._of(_sorted(np.concatenate((self._said, moved))), self.size + more.size, told)

    def only(self, places: Sequence[int]) -> Shelf:
        """Return the shelf with the texts at `places` alone, which are rising."""
        moves = np.zeros(self.size, np.uint64)
        chosen = np.zeros(self.size, np.bool_)
        chosen[places] = True
        moves[places] = np.array(places, np.uint64) - np.arange(len(places), dtype=np.uint64)
        own = self._places()
        kept = chosen[own]
        told = self.meanings()
        # No text overtakes another, so what rose rises still.
        said = self._said[kept] - (moves[own[kept]] << _PLACE_AT)
        return Shelf._of(said, len(places), _told([told[place] for place in places]))

    def texts(self) -> list[Packed]:
        """Return the texts."""
        own = self._places()
        said = self._said[np.argsort(own, kind="stable")]
        hashes = (said >> _HASH_AT).astype(_HASH)
        weights = (said & _WEIGHTS).astype(_WEIGHT)
        ends = np.cumsum(np.bincount(own, minlength=self.size)).tolist()
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
        rows, times = self._found(hashes)
        products = (rows & _WEIGHTS) * weights.astype(np.float64).repeat(times)
        sums = np.bincount(rows >> _PLACE_AT, products, self.size)
        return self._blended(_cosines(sums), text.meaning)

    def likenesses(self, texts: Sequence[Packed]) -> Floats:
        """Return how like each of `texts` and each text of the shelf are: (m, n)."""
        hashes, places, weights = _side_by_side(texts)
        rows, times = self._found(hashes)
        products = (rows & _WEIGHTS) * weights.astype(np.float64).repeat(times)
        at = (rows >> _PLACE_AT) + (places.astype(np.int64) * self.size).repeat(times)
        sums = np.bincount(at, products, len(texts) * self.size)
        words = _cosines(sums.reshape(len(texts), self.size))
        if not self._meanings:
            return words
        pairs = zip(words, texts, strict=True)
        both = [self._blended(row, text.meaning) for row, text in pairs]
        return np.array(both).reshape(words.shape)

    def _found(self, hashes: NDArray[np.unsignedinteger]) -> tuple[Rows, Counts]:
        """Return place and weight of each text's word that is one of `hashes`, in their order, and how
        many there are of each.
        """
        least = hashes.astype(np.uint64)
        least <<= _HASH_AT
        begin = self._said.searchsorted(least)
        least |= _REST
        times = self._said.searchsorted(least, side="right")
        times -= begin
        ends = times.cumsum()
        begin += times
        begin -= ends
        at = begin.repeat(times)
        at += np.arange(len(at))
        return (self._said[at] & _REST).astype(np.int64), times

    def _places(self) -> Rows:
        return ((self._said & _REST) >> _PLACE_AT).astype(np.int64)

    def _blended(self, words: Floats, meaning: bytes) -> Floats:
        if not meaning or not self._meanings:
            return words
        return blended(words, cosines(meaning, self._meanings))


def _side_by_side(texts: Sequence[Packed]) -> tuple[Said, Said, Said]:
    """Return the hashes of all words, the place of the text that each stands in, and its weight."""
    hashes = np.frombuffer(b"".join([text.hashes for text in texts]), _HASH)
    weights = np.frombuffer(b"".join([text.weights for text in texts]), _WEIGHT)
    lengths = [len(text) for text in texts]
    places = np.arange(len(texts), dtype=np.uint64).repeat(np.array(lengths, np.intp))
    return hashes.astype(np.uint64), places, weights.astype(np.uint64)


def _sorted(said: Said) -> Said:
    # Of a few runs that rise, this merges; other ways to sort take twenty times as long.
    said.sort(kind="stable")
    return said


def _cosines(sums: NDArray[Any]) -> Floats:
    """Return cosines of sums of products: whole numbers below 2^53, exact in any order."""
    result: Floats = np.minimum(sums / _WHOLE, 1.0)
    return result


def _told(meanings: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return vectors side by side; nothing where none is known, so that nobody need look."""
    return tuple(meanings) if any(meanings) else ()


def _cut(words: Sequence[str], values: Floats, order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Keep `TERMS` of `order`; where the last are equally heavy, the alphabet decides."""
    last = values[order[TERMS - 1]]
    if values[order[TERMS]] < last:
        return order[:TERMS]
    heavier = np.flatnonzero(values > last)
    ties = sorted(np.flatnonzero(values == last).tolist(), key=lambda at: words[at])
    return np.concatenate((heavier, np.array(ties[: TERMS - len(heavier)], np.intp)))
