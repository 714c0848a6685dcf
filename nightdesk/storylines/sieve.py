"""Which words of an article may begin a look-up of phrases?  A few array steps rule nearly all of them out.

Comes in: phrases, once; then articles as numbers of words (`nightdesk.storylines.lexicon`).  Goes out:
the places of words that are a phrase of one word, or that stand side by side as an anchor and the word
beside it do in a longer phrase.  It works on stems, so it lets some through that are none, and misses none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.lexicon import Rows
from nightdesk.storylines.rarity import Rarity
from nightdesk.text.entities import Phrase

Flags = NDArray[np.bool_]
Pairs = NDArray[np.int64]

_ROOM = 32
"""Of the pairs of words of an article, one in so many or fewer gets past the flags by chance."""

_SPREAD = 40_503
"""Odd, so that pairs with one word in common get different remainders (Knuth's multiplicative hashing)."""

_WORD = 32
"""Bits of the number of a word."""


@dataclass(frozen=True)
class Sieve:
    """Read-only.  `alone` has a flag for each number, and one that is down; `pairs` are two numbers each in
    one, rising, and `flags` has one for each of their remainders.
    """

    alone: Flags
    flags: Flags
    pairs: Pairs

    @classmethod
    def of(cls, phrases: Sequence[tuple[Phrase, int]], rarity: Rarity) -> Sieve:
        """Build the sieve of phrases with the places of their anchors in them."""
        pairs = sum(len(phrase) > 1 for phrase, _ in phrases)
        size = 1 << (_ROOM * pairs).bit_length()
        none = np.zeros(0, np.int64)
        return cls(np.zeros(1, np.bool_), np.zeros(size, np.bool_), none).with_more(phrases, rarity)

    def with_more(self, phrases: Sequence[tuple[Phrase, int]], rarity: Rarity) -> Sieve:
        """Return the sieve with more phrases."""
        stem_of, number, lexicon = rarity.stem_of, rarity.lexicon.number, rarity.lexicon
        singles = [number(stem_of[phrase[0]]) for phrase, _ in phrases if len(phrase) == 1]
        firsts, seconds = [], []
        for phrase, anchor in phrases:
            if len(phrase) > 1:
                at = min(anchor, len(phrase) - 2)
                firsts.append(number(stem_of[phrase[at]]))
                seconds.append(number(stem_of[phrase[at + 1]]))
        alone = np.zeros(len(lexicon) + 1, np.bool_)
        alone[: len(self.alone)] = self.alone
        alone[singles] = True
        first, second = np.array(firsts, np.int32), np.array(seconds, np.int32)
        flags = self.flags.copy()
        flags[_remainders(first, second, flags)] = True
        pairs = np.concatenate((self.pairs, _paired(first, second)))
        pairs.sort()
        return Sieve(alone, flags, pairs)

    def let_through(self, said: Rows) -> tuple[list[int], list[int]]:
        """Return the places of the words that may be phrases, and of those that may be part of longer ones.

        `said` are the numbers of all words.  Both rise.
        """
        # Strangers are below zero and stand for the first; what came into the lexicon later is in no
        # phrase either, and stands for the last, which is none.
        alone = self.alone.take(said, mode="clip").nonzero()[0]
        at = self.flags.take(_remainders(said[:-1], said[1:], self.flags)).nonzero()[0]
        if len(at):
            asked = _paired(said.take(at), said.take(at + 1))
            places = self.pairs.searchsorted(asked)
            at = at[self.pairs.take(places, mode="clip") == asked]
        firsts = at.tolist()
        return alone.tolist(), sorted({*firsts, *(place + 1 for place in firsts)})


def _paired(firsts: Rows, seconds: Rows) -> Pairs:
    paired: Pairs = firsts.astype(np.int64) << _WORD
    paired |= seconds
    return paired


def _remainders(firsts: Rows, seconds: Rows, table: Flags) -> NDArray[np.int64]:
    mixed: NDArray[np.int64] = firsts.astype(np.int64) * _SPREAD + seconds
    mixed &= len(table) - 1
    return mixed
