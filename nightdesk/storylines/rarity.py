"""How much a word tells: rare words weigh much, words of every report nothing; names and bursts more.

Comes in: the shipped table of bands (derived counts, no text: `evaluation/rarity.py` makes it), the tables
of `traits`, and short lists of function words of other languages.  Goes out: `Rarity`, a word's
weight in nats, and what its stem counts when texts are compared.
A desk's own counts join in `nightdesk.storylines.own_counts`.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from nightdesk.storylines.function_words import FUNCTION_WORDS
from nightdesk.storylines.lexicon import Lexicon
from nightdesk.storylines.tables import parse, shipped
from nightdesk.storylines.traits import BURSTS, NAMES, Traits, shipped_traits
from nightdesk.text.stems import stem
from nightdesk.text.tokens import fold

STEP = 0.5
"""Width of a band, in nats of inverse document frequency."""

UNKNOWN = 8.0
"""Weight of a word that the table does not name: about 4 in 12,000 reports."""

NUMBER = 4.0
"""Weight of a number: years and counts recur everywhere, so they tell less than rare words."""

_MOST_STEMS = 20_000
"""Words whose stems are remembered, 3 MB; of the 143 words of a report (of news) 13 are stemmed anew."""

LEAST = 1.5
"""Weight of the commonest words that are no function words: in a fifth of all reports."""


@dataclass(frozen=True)
class Rarity:
    """Weights by folded word; `weights` names the common ones, all others are `unknown`.

    `names` says by stem which share of its words are names, `bursts` how far its reports crowd in time.
    """

    weights: Mapping[str, float]
    unknown: float = UNKNOWN
    names: Traits = field(default_factory=dict)
    bursts: Traits = field(default_factory=dict)

    def weight(self, word: str) -> float:
        """Return the weight of a folded word: 0 for words that tell nothing, at most `unknown`."""
        known = self.weights.get(word)
        if known is not None:
            return known
        if word[:1].isdigit():
            return NUMBER
        return self.unknown if len(word) > 1 else 0.0

    @cached_property
    def stems(self) -> Mapping[str, float]:
        """Weights by stem: a stem is as common as all its words together."""
        shares: dict[str, float] = defaultdict(float)
        for word, weight in self.weights.items():
            if weight:
                shares[stem(word)] += math.exp(-weight)
        return {key: max(0.0, -math.log(share)) for key, share in shares.items()}

    def term(self, word: str) -> str:
        """Return the stem of a folded word, empty where the word tells nothing."""
        return stem(word) if self.weight(word) else ""

    @cached_property
    def stem_of(self) -> Mapping[str, str]:
        """The `term` of each word asked for; remembers its answers."""
        return _Stems(self)

    @cached_property
    def lexicon(self) -> Lexicon:
        """Numbers for stems: those named here, and those of profiles that were weighed with it."""
        return Lexicon(self, NUMBER)

    def stem_weight(self, key: str) -> float:
        """Return what a stem counts when texts are compared: its weight, more for a name and for a burst."""
        if key[:1].isdigit():
            return self.stems.get(key, NUMBER)
        if not any(key in table for table in (self.stems, self.names, self.bursts)):
            return self.stranger
        name, burst = self.names.get(key, NAMES.unheard), self.bursts.get(key, 0.0)
        return self.stems.get(key, self.unknown) * _more(name, burst)

    @property
    def stranger(self) -> float:
        """What a stem counts that no table has, and that is no number."""
        return self.unknown * _more(NAMES.unheard, BURSTS.unheard)


def _more(name: float, burst: float) -> float:
    return NAMES.factor(name) * BURSTS.factor(burst)


class _Stems(dict[str, str]):
    """Stems by word, worked out once; it starts anew before it grows too large."""

    def __init__(self, rarity: Rarity) -> None:
        super().__init__()
        self._rarity = rarity

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_STEMS:
            self.clear()
        found = self[word] = sys.intern(self._rarity.term(word))
        return found


def parse_bands(table: str) -> dict[str, float]:
    """Read lines of `band<TAB>words` into weights."""
    return {word: max(LEAST, band * STEP) for word, band in parse(table).items()}


@cache
def shipped_rarity() -> Rarity:
    """Return the rarity that comes with Nightdesk."""
    weights = parse_bands(shipped("rarity.tsv"))
    for words in FUNCTION_WORDS.values():
        for word in words.split():
            for folded in fold(word):
                weights[folded] = 0.0
    return Rarity(weights, names=shipped_traits(NAMES), bursts=shipped_traits(BURSTS))
