"""Which words of an article may begin a look-up of phrases?  One pass rules nearly all of them out.

Comes in: phrases, once; then articles as numbers of words (`nightdesk.storylines.lexicon`).  Goes out:
the places of words that are a phrase of one word, or that stand side by side as an anchor and the word
beside it do in a longer phrase.  It works on stems, so it lets some through that are none, and misses none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines import tallies
from nightdesk.storylines.lexicon import Rows
from nightdesk.storylines.rarity import Rarity
from nightdesk.text.entities import Phrase

Flags = NDArray[np.uint8]
Pairs = NDArray[np.int64]

_ROOM = 32
"""Of the pairs of words of an article, one in so many or fewer gets past the flags by chance."""


@dataclass(frozen=True)
class Sieve:
    """Read-only.  `alone` has a flag for each number; `pairs` are two numbers each in one, rising, and
    `flags` has one for each of their remainders.
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
        return cls(np.zeros(0, np.uint8), np.zeros(size, np.uint8), none).with_more(phrases, rarity)

    def with_more(self, phrases: Sequence[tuple[Phrase, int]], rarity: Rarity) -> Sieve:
        """Return the sieve with more phrases."""
        stem_of, number, lexicon = rarity.stem_of, rarity.lexicon.number, rarity.lexicon
        singles = [number(stem_of[phrase[0]]) for phrase, _ in phrases if len(phrase) == 1]
        sought = []
        for phrase, anchor in phrases:
            if len(phrase) > 1:
                at = min(anchor, len(phrase) - 2)
                sought.append((number(stem_of[phrase[at]]), number(stem_of[phrase[at + 1]])))
        alone = np.zeros(len(lexicon), np.uint8)
        alone[: len(self.alone)] = self.alone
        alone[singles] = 1
        flags = self.flags.copy()
        flags[[tallies.mixed(*pair, len(flags) - 1) for pair in sought]] = 1
        more = np.array([tallies.paired(*pair) for pair in sought], np.int64)
        pairs = np.concatenate((self.pairs, more))
        pairs.sort()
        return Sieve(alone, flags, pairs)

    def let_through(self, said: Rows) -> tuple[list[int], list[int]]:
        """Return the places of the words that may be phrases, and of those that may be part of longer ones.

        `said` are the numbers of all words.  Both rise.
        """
        alone: list[int] = []
        firsts: list[int] = []
        sieve = self.alone.data, self.flags.data, self.pairs.data
        tallies.sift(said.data, *sieve, alone, firsts)
        return alone, sorted({*firsts, *(place + 1 for place in firsts)})
