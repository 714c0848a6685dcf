"""Heaviest words of a text as whole numbers: small to send and keep, and compared without rounding.

Comes in: weights by word.  Goes out: `Packed`, hashes of words beside weights in 4095ths; a `Shelf`
(`shelf.py`) says how much two of them have in common.  Sums of whole numbers do not depend on their
order, so a likeness is the same before and after a restart, one by one or for all at once.

Where an encoder told the meaning of both texts, it has its share in their likeness (`blend.py`).
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightdesk.numbers import Wholes
from nightdesk.storylines import days, overlap

Floats = NDArray[np.float64]

TERMS = 96
"""Heaviest words kept of a text."""

UNIT = 4095
WHOLE = float(UNIT * UNIT)
HASH, WEIGHT = np.dtype("<u4"), np.dtype("<u2")

Words = Callable[[NDArray[np.intp]], Iterable[str]]
"""Tells the words at some places of a text."""


@dataclass(frozen=True, slots=True)
class Packed:
    """`hashes` of words (CRC-32, rising, each once; days above all words) and `weights` beside them: 6 bytes
    a word.

    `meaning` is the text's vector (`nightdesk.dense`), empty where no encoder read it.
    """

    hashes: bytes = b""
    weights: bytes = b""
    meaning: bytes = b""

    @classmethod
    def of(cls, words: Words, values: Floats, norm: float) -> Packed:
        """Pack the `TERMS` heaviest words, whose `values` belong to a vector of length `norm`.

        `words` names those at some places, and is asked for those alone that are packed.
        """
        if not norm:
            return cls()
        order = np.argsort(-values, kind="stable")[: TERMS + 1]
        if len(order) > TERMS:
            order = _cut(words, values, order)
        weights = np.rint(values[order] / norm * UNIT).astype(np.int64)
        order, weights = order[weights > 0], weights[weights > 0]
        hashes = np.fromiter(map(_hash, words(order)), np.int64, len(order))
        rising = np.argsort(hashes)
        hashes, weights = hashes[rising], np.minimum(UNIT, weights[rising])
        if (hashes[1:] == hashes[:-1]).any():
            return cls._of(dict(zip(words(order), (values[order] / norm).tolist(), strict=True)))
        return cls(hashes.astype(HASH).tobytes(), weights.astype(WEIGHT).tobytes())

    @classmethod
    def _of(cls, vector: Mapping[str, float]) -> Packed:
        table: dict[int, int] = {}
        for word, value in vector.items():
            weight = round(value * UNIT)
            if weight > 0:
                hashed = _hash(word)
                table[hashed] = max(weight, table.get(hashed, 0))
        hashes = sorted(table)
        weights = [min(UNIT, table[hashed]) for hashed in hashes]
        return cls(np.array(hashes, HASH).tobytes(), np.array(weights, WEIGHT).tobytes())

    def __len__(self) -> int:
        return len(self.weights) // WEIGHT.itemsize

    def arrays(self) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
        """Return hashes and weights as arrays."""
        return np.frombuffer(self.hashes, HASH), np.frombuffer(self.weights, WEIGHT)

    def words(self) -> tuple[Wholes, Wholes]:
        """Return hashes and weights as loops take them."""
        return memoryview(self.hashes).cast("I"), memoryview(self.weights).cast("H")

    def to_text(self) -> str:
        """Return the words as ASCII, for messages and checkpoints."""
        return b64encode(self.hashes + self.weights).decode()

    @classmethod
    def from_text(cls, text: str, meaning: bytes = b"") -> Packed:
        """Read what `to_text` wrote, beside a vector.  Raises ValueError for what it never wrote."""
        data = a2b_base64(text, strict_mode=True)
        number, rest = divmod(len(data), HASH.itemsize + WEIGHT.itemsize)
        if rest or number > TERMS:
            raise ValueError("these are no packed words")
        cut = number * HASH.itemsize
        found = cls(data[:cut], data[cut:], meaning)
        if not overlap.sound(*found.words(), UNIT):
            raise ValueError("these are no packed words")
        return found

    def likeness_to_itself(self) -> float:
        """Return what a shelf says of a text and itself: one, less what was too light to keep."""
        weights = self.arrays()[1].astype(np.float64)
        return min(1.0, float(weights @ weights) / WHOLE)


def _hash(word: str) -> int:
    """Return the hash of a word: from `FIRST_DAY` on where it stands for a day, and of no other there."""
    number = days.NUMBERS.get(word)
    if number is not None:
        return overlap.FIRST_DAY + number
    return min(zlib.crc32(word.encode("utf-8", "surrogatepass")), overlap.FIRST_DAY - 1)


def _cut(words: Words, values: Floats, order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Keep `TERMS` of `order`; where the last are equally heavy, the alphabet decides."""
    last = values[order[TERMS - 1]]
    if values[order[TERMS]] < last:
        return order[:TERMS]
    heavier = np.flatnonzero(values > last)
    ties = np.flatnonzero(values == last)
    named = sorted(zip(words(ties), ties.tolist(), strict=True))
    kept = [at for _, at in named[: TERMS - len(heavier)]]
    return np.concatenate((heavier, np.array(kept, np.intp)))
