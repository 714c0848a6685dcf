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

import numpy as np
from numpy.typing import NDArray

from nightdesk.dense.vectors import cosines
from nightdesk.storylines.blend import blended

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint32]
Weights = NDArray[np.uint16]
Ends = NDArray[np.int32]

TERMS = 96
"""Heaviest words kept of a text."""

_UNIT = 4095
_WHOLE = float(_UNIT * _UNIT)
_HASH, _WEIGHT = np.dtype("<u4"), np.dtype("<u2")


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
        found = cls(data[:cut], data[cut:], meaning)
        hashes, weights = found.arrays()
        if (hashes[1:] <= hashes[:-1]).any() or weights.max(initial=0) > _UNIT:
            raise ValueError("these are no packed words")
        return found

    def likeness_to_itself(self) -> float:
        """Return what a shelf says of a text and itself: one, less what was too light to keep."""
        weights = self.arrays()[1].astype(np.float64)
        return min(1.0, float(weights @ weights) / _WHOLE)


class Shelf:
    """Packed texts side by side, so that one text is compared with all of them in a few array steps."""

    __slots__ = ("_ends", "_hashes", "_meanings", "_weights", "size")

    def __init__(self, texts: Sequence[Packed]) -> None:
        self.size = len(texts)
        self._hashes = np.frombuffer(b"".join([text.hashes for text in texts]), _HASH)
        self._weights = np.frombuffer(b"".join([text.weights for text in texts]), _WEIGHT)
        lengths = [len(text) for text in texts]
        self._ends: Ends = np.cumsum(lengths, dtype=np.int32)
        self._meanings = _told([text.meaning for text in texts])

    @classmethod
    def _of(
        cls, hashes: Hashes, weights: Weights, ends: Ends, meanings: tuple[bytes, ...]
    ) -> Shelf:
        shelf = cls.__new__(cls)
        shelf.size, shelf._hashes, shelf._weights, shelf._ends = len(ends), hashes, weights, ends
        shelf._meanings = meanings
        return shelf

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shelf) and self.texts() == other.texts()

    __hash__ = None  # type: ignore[assignment]

    def followed_by(self, texts: Sequence[Packed]) -> Shelf:
        """Return the shelf with more texts at its end."""
        more = Shelf(texts)
        return Shelf._of(
            np.concatenate((self._hashes, more._hashes)),
            np.concatenate((self._weights, more._weights)),
            np.concatenate((self._ends, more._ends + np.int32(len(self._hashes)))),
            _told([*self.meanings(), *more.meanings()]),
        )

    def only(self, places: Sequence[int]) -> Shelf:
        """Return the shelf with the texts at `places` alone, which are rising."""
        lengths = np.diff(self._ends, prepend=np.int32(0))
        chosen = np.zeros(self.size, np.bool_)
        chosen[places] = True
        kept = np.repeat(chosen, lengths)
        ends = np.cumsum(lengths[chosen], dtype=np.int32)
        told = self.meanings()
        meanings = _told([told[place] for place in places])
        return Shelf._of(self._hashes[kept], self._weights[kept], ends, meanings)

    def texts(self) -> list[Packed]:
        """Return the texts."""
        starts = [0, *self._ends.tolist()]
        return [
            Packed(self._hashes[start:end].tobytes(), self._weights[start:end].tobytes(), meaning)
            for (start, end), meaning in zip(pairwise(starts), self.meanings(), strict=True)
        ]

    def meanings(self) -> tuple[bytes, ...]:
        """Return the vector of each text, empty where it has none."""
        return self._meanings or (b"",) * self.size

    def likeness(self, text: Packed) -> Floats:
        """Return how like `text` and each text of the shelf are, 0 to 1: the cosine of their words."""
        return self._blended(self._likeness(*text.arrays()), text.meaning)

    def likenesses(self, texts: Sequence[Packed]) -> Floats:
        """Return how like each of `texts` and each text of the shelf are: (m, n)."""
        if len(texts) <= self.size:
            rows = [self.likeness(text) for text in texts]
            return np.array(rows, np.float64).reshape(len(texts), self.size)
        others, columns, start = Shelf(texts), [], 0
        for end, meaning in zip(self._ends.tolist(), self.meanings(), strict=True):
            words = others._likeness(self._hashes[start:end], self._weights[start:end])
            columns.append(others._blended(words, meaning))
            start = end
        return np.array(columns, np.float64).reshape(self.size, len(texts)).T

    def _likeness(self, hashes: Hashes, weights: Weights) -> Floats:
        if not len(hashes) or not len(self._hashes):
            return np.zeros(self.size)
        maybe = np.flatnonzero(_marked(hashes).take(self._hashes.astype(np.uint16)))
        own = self._hashes[maybe]
        at = hashes.searchsorted(own)
        at[at == len(hashes)] = 0
        true = hashes[at] == own
        same = maybe[true]
        products = self._weights[same].astype(np.float64) * weights[at[true]]
        # Whole numbers below 2^53: exact in any order.
        sums = np.bincount(self._ends.searchsorted(same, side="right"), products, self.size)
        return np.minimum(1.0, sums / _WHOLE)

    def _blended(self, words: Floats, meaning: bytes) -> Floats:
        if not meaning or not self._meanings:
            return words
        return blended(words, cosines(meaning, self._meanings))


def _told(meanings: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return vectors side by side; nothing where none is known, so that nobody need look."""
    return tuple(meanings) if any(meanings) else ()


def _marked(hashes: Hashes) -> NDArray[np.bool_]:
    """Return which remainders by 2^16 any of `hashes` has: most words can be passed over by these."""
    marked = np.zeros(1 << 16, np.bool_)
    marked[hashes.astype(np.uint16)] = True
    return marked


def _cut(words: Sequence[str], values: Floats, order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Keep `TERMS` of `order`; where the last are equally heavy, the alphabet decides."""
    last = values[order[TERMS - 1]]
    if values[order[TERMS]] < last:
        return order[:TERMS]
    heavier = np.flatnonzero(values > last)
    ties = sorted(np.flatnonzero(values == last).tolist(), key=lambda at: words[at])
    return np.concatenate((heavier, np.array(ties[: TERMS - len(heavier)], np.intp)))
