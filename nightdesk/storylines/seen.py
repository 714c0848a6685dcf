"""An unmatched report as clustering sees it: small enough to hold a day of them.

Comes in: articles.  Goes out: `Seen`, the heaviest words of title and lead as hashes, and a sketch (1.3 KB
in all); and the vectors of many, weighed by the rarity and by what they say among themselves.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nightdesk.storylines.facts import hash_of
from nightdesk.storylines.rarity import Rarity
from nightdesk.text.copies import Sketch, sketch
from nightdesk.text.descriptions import own_description
from nightdesk.text.tokens import Tokens
from schemas import Article

TERMS = 40
"""Heaviest words that are compared of a report, and of a cluster when clusters are compared."""

_LEAD = 100
_LEAD_CHARACTERS = 1_500
_KEPT_TERMS = 60
_PRIOR = 2_000

Terms = dict[int, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """A report as clustering sees it: hashes of its words, their counts and rarities, packed."""

    id: str
    source: str
    event_time: datetime
    sketch: Sketch
    words: bytes
    counts: bytes
    rarities: bytes

    @classmethod
    def of(cls, article: Article, rarity: Rarity) -> Seen:
        """Read title and lead of an article; a word of the title counts twice."""
        fields = (
            Tokens(article.title),
            Tokens(own_description(article.description, article.text)[:_LEAD_CHARACTERS]),
            Tokens(article.text[:_LEAD_CHARACTERS]),
        )
        title, *rest = (tokens.words for tokens in fields)
        counted = Counter(title * 2)
        for words in rest:
            counted.update(words[:_LEAD])
        weighed = [(word, n, rarity.weight(word)) for word, n in counted.items()]
        heavy = sorted(
            (row for row in weighed if row[2]),
            key=lambda row: (-row[2] * (1 + math.log(row[1])), row[0]),
        )[:_KEPT_TERMS]
        return cls(
            article.id,
            article.source,
            article.event_time,
            sketch(*fields),
            array("I", (hash_of(word) for word, _, _ in heavy)).tobytes(),
            array("H", (min(n, 65_535) for _, n, _ in heavy)).tobytes(),
            array("f", (weight for _, _, weight in heavy)).tobytes(),
        )

    def terms(self) -> list[tuple[int, int, float]]:
        """Return (hash, count, rarity) of each word."""
        packed = (array("I", self.words), array("H", self.counts), array("f", self.rarities))
        return list(zip(*packed, strict=True))


def weigh(reports: Sequence[Seen]) -> list[Terms]:
    """Return unit vectors; what many of these reports say weighs less than the rarity has it.

    Never more than the rarity says: a burst makes no word rarer.
    """
    seen: Counter[int] = Counter()
    for report in reports:
        seen.update(array("I", report.words))
    shared = {term: term for term in seen}
    whole = math.log(len(reports) + _PRIOR)
    vectors = []
    for report in reports:
        weighed = {}
        for own, count, rarity in report.terms():
            term = shared[own]
            here = whole - math.log(math.exp(-rarity) * _PRIOR + seen[term])
            weighed[term] = (1 + math.log(count)) * max(0.0, min(rarity, here))
        heavy = dict(sorted(weighed.items(), key=lambda item: (-item[1], item[0]))[:TERMS])
        length = math.sqrt(sum(value * value for value in heavy.values()))
        vectors.append({term: value / length for term, value in heavy.items()} if length else {})
    return vectors
