"""Sparse vectors of words: what a text is about, as weights by folded word.

Comes in: word counts and a rarity.  Goes out: plain dictionaries of length one, and their products.
Terms count (1 + ln tf) times rarity (Salton's logarithmic tf-idf).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from math import fsum
from operator import mul
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nightdesk.storylines.lexicon import Lexicon

Vector = Mapping[str, float]

MOST = 255
"""A word that stands more often counts as if it stood so often."""

LOGS = np.array([0.0, *(1.0 + math.log(n) for n in range(1, MOST + 1))])


def norm_of(values: NDArray[np.float64]) -> float:
    """Return the Euclidean norm."""
    return math.sqrt(np.add.reduce(values * values))


def normalise(weights: Mapping[str, float], *, cap: int | None = None) -> dict[str, float]:
    """Scale to length one, then keep the `cap` heaviest terms; ties go by the alphabet."""
    norm = math.sqrt(sum(map(mul, weights.values(), weights.values())))
    if not norm:
        return {}
    if cap is None or len(weights) <= cap:
        return {word: value / norm for word, value in weights.items()}
    least = sorted(weights.values(), reverse=True)[cap - 1]
    kept = {word: value / norm for word, value in weights.items() if value > least}
    ties = sorted(word for word, value in weights.items() if value == least)
    kept.update((word, least / norm) for word in ties[: cap - len(kept)])
    return kept


class Terms(Mapping[str, float]):
    """A vector that is kept: `rows`, the numbers of its words in a lexicon, and `weights` beside them.

    The words stand by the alphabet.  A dictionary of 160 words takes 9 KB, this 2.  To look a word up
    takes longer; to go through all of them does not.
    """

    __slots__ = ("_lexicon", "rows", "weights")

    def __init__(self, vector: Vector, lexicon: Lexicon) -> None:
        words = sorted(vector)
        self._lexicon = lexicon
        self.rows = lexicon.file(words)
        self.weights = array("d", map(vector.__getitem__, words))

    @property
    def words(self) -> tuple[str, ...]:
        """Its words, by the alphabet."""
        return tuple(map(self._lexicon.stems.__getitem__, self.rows))

    def __getitem__(self, word: str) -> float:
        try:
            return self.weights[self.rows.index(self._lexicon.numbers[word])]
        except ValueError:
            raise KeyError(word) from None

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._lexicon.numbers.get(word, -1) in self.rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.rows)

    def items(self) -> ItemsView[str, float]:
        """Return words with their weights, by the alphabet."""
        return dict(zip(self.words, self.weights, strict=True)).items()


def dot(left: Vector, right: Vector) -> float:
    """Return the sum of products over common words; exactly rounded, so no order matters."""
    return fsum([left[word] * right[word] for word in left.keys() & right.keys()])


def added(vectors: Iterable[Vector]) -> dict[str, float]:
    """Return the sum of `vectors`."""
    total: dict[str, float] = {}
    for vector in vectors:
        for word, value in vector.items():
            total[word] = total.get(word, 0.0) + value
    return total


def length(vector: Vector) -> float:
    """Return the Euclidean length."""
    return math.sqrt(fsum(value * value for value in vector.values()))
