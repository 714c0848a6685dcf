"""What a desk's own articles teach about the rarity of words, language by language.

Comes in: the folded words of articles, each with its language, in any order.  Goes out: `Counts`, in how
many articles of a language a word stands; and, with the shipped rarity as a prior, the `Rarity` that they
teach.  Counting is a sum, so that neither order nor division of the work matters.
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from nightdesk.storylines.rarity import LEAST, Rarity
from nightdesk.text.language import UNKNOWN as NO_LANGUAGE

MOST_WORDS = 50_000
"""Words that are kept of a language, the commonest."""

FEWEST_ARTICLES = 3
"""Articles that a word must stand in to be kept: what is rarer weighs as much as the unknown."""

FEWEST_OF_A_LANGUAGE = 100
"""Articles of a language below which it teaches nothing: a few reports of one event are no background."""

PRIOR = {"en": 2_000}
"""As how many articles the shipped rarity counts, in the languages that it was made from."""

PRIOR_ELSEWHERE = 50
"""The same in all other languages, of which it knows next to nothing."""

MOST_MOVED = 1.0
"""Nats by which counts move the weight of a word that the prior knows, or that stands in its language."""

LEAST_ELSEWHERE = 5.0
"""Least weight of a word that no prior knows: with less, a stream of few stories robs them of their words."""

MOST_OF_A_STORY = 0.2
"""Share of all articles of a language that no story fills: a word in more of them is a function word."""

_GRAIN = 8
"""Weights are whole eighths of a nat: finer, they would hang on how a machine rounds a logarithm."""


@dataclass(frozen=True)
class Counted:
    """One language: how many articles were counted, and in how many of them each word stands."""

    articles: int
    words: Mapping[str, int]


@dataclass(frozen=True)
class Counts:
    """By ISO 639-1 language, as much of it as is kept."""

    languages: Mapping[str, Counted]

    @property
    def articles(self) -> int:
        """All articles counted."""
        return sum(counted.articles for counted in self.languages.values())

    @property
    def telling(self) -> list[str]:
        """The languages with articles enough to teach something, in order."""
        return sorted(
            name
            for name, counted in self.languages.items()
            if counted.articles >= FEWEST_OF_A_LANGUAGE
        )


class Tally:
    """Counts articles.  What stands in it does not depend on the order in which they came."""

    def __init__(self) -> None:
        self._articles: Counter[str] = Counter()
        self._words: dict[str, Counter[str]] = {}

    def add(self, language: str, words: Iterable[str]) -> None:
        """Count one article by its folded words; those that repeat count once.

        Numbers and single characters are no words here, and an article of no known language is
        nobody's background.
        """
        if language == NO_LANGUAGE:
            return
        self._articles[language] += 1
        kept = {word for word in words if len(word) > 1 and not word[0].isdigit()}
        self._words.setdefault(language, Counter()).update(kept)

    def merge(self, other: Tally) -> None:
        """Add what another tally has counted."""
        self._articles.update(other._articles)
        for language, words in other._words.items():
            self._words.setdefault(language, Counter()).update(words)

    def counts(self) -> Counts:
        """Return what is kept: of each language the commonest words, in the order of their names."""
        return Counts(
            {
                language: Counted(articles, _commonest(self._words[language]))
                for language, articles in sorted(self._articles.items())
            }
        )


def learned(prior: Rarity, counts: Counts) -> Rarity:
    """Return the rarity that `counts` teach who believed `prior` before.

    A word of several languages weighs by the one in which it is commonest.  What weighs nothing goes on
    weighing nothing; nothing else comes to less than `LEAST`.
    """
    weights = dict(prior.weights)
    for language in PRIOR:
        if language in counts.telling:
            heard = counts.languages[language]
            weights |= {
                word: _weight(prior, language, heard, word)
                for word, old in weights.items()
                if old and not word[0].isdigit()
            }
    for language in counts.telling:
        heard = counts.languages[language]
        for word in heard.words:
            before = weights.get(word, prior.weight(word))
            if before:
                weights[word] = min(before, _weight(prior, language, heard, word))
    known = prior.weights
    return Rarity(
        {w: v for w, v in weights.items() if w in known or v < prior.unknown},
        prior.unknown,
        prior.names,
        prior.bursts,
    )


def _weight(prior: Rarity, language: str, heard: Counted, word: str) -> float:
    """Return what a word that tells something weighs in one language."""
    before = prior.weight(word)
    believed = PRIOR.get(language, PRIOR_ELSEWHERE)
    articles = heard.articles + believed
    share = (heard.words.get(word, 0) + believed * math.exp(-before)) / articles
    weight = round(-math.log(share) * _GRAIN) / _GRAIN
    if language in PRIOR or word in prior.weights:
        least = before - MOST_MOVED
    else:
        least = LEAST_ELSEWHERE if share < MOST_OF_A_STORY else LEAST
    return min(max(weight, least, LEAST), before + MOST_MOVED, prior.unknown)


def _commonest(words: Counter[str]) -> dict[str, int]:
    often = [(word, n) for word, n in words.items() if n >= FEWEST_ARTICLES]
    often.sort(key=lambda pair: (-pair[1], pair[0]))
    return dict(sorted(often[:MOST_WORDS]))


class Moved(NamedTuple):
    """A word, its weight before counting and after."""

    word: str
    before: float
    after: float


def moved(prior: Rarity, counts: Counts, most: int) -> dict[str, list[Moved]]:
    """Return by language the words whose weight moved most, of the same move the commonest first."""
    rarity = learned(prior, counts)
    found = {}
    for language in counts.telling:
        heard = counts.languages[language].words
        words = [Moved(word, prior.weight(word), rarity.weight(word)) for word in heard]
        words.sort(key=lambda one: (-abs(one.after - one.before), -heard[one.word], one.word))
        found[language] = [one for one in words[:most] if one.after != one.before]
    return found


def to_bytes(counts: Counts) -> bytes:
    """Return counts for the archive: 50,000 words take some 250 KB."""
    plain = {name: [one.articles, dict(one.words)] for name, one in counts.languages.items()}
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 9)


def from_bytes(payload: bytes) -> Counts:
    """Return the counts that `to_bytes` wrote.  Raises ValueError where they are none."""
    try:
        plain = json.loads(zlib.decompress(payload))
        return Counts(
            {
                name: Counted(int(articles), {sys.intern(w): int(n) for w, n in words.items()})
                for name, (articles, words) in plain.items()
            }
        )
    except (zlib.error, AttributeError, TypeError) as error:
        raise ValueError(f"no counts of words: {error}") from error
