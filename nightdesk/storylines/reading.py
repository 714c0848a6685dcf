"""An article as the engine reads it: tokenised once, whatever number of storylines look at it.

Comes in: title, description and text.  Goes out: counts and weights of its words, the phrases that
stand in it, and the places of words in characters; what only few articles need is computed on first use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from functools import cached_property
from itertools import compress
from math import fsum
from operator import mul
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.vectors import Terms, norm_of, rarities, tallies
from nightdesk.text.entities import PhraseBook
from nightdesk.text.tokens import Tokens
from schemas import Article
from schemas.match import ArticleField

Floats = NDArray[np.float64]

TITLE_COUNTS = 2
"""A word of the title counts as so many words of the text."""

_TEXT = 2

LEAD_WORDS = 80
"""Words of a text that count as its lead: about three sentences."""


Place = tuple[int, int, int]
"""Number of a field, and the words from the first to the second (excluded) of it."""


class Found(NamedTuple):
    """A phrase at words `start` to `end` of a field."""

    field: int
    start: int
    end: int

    @property
    def lead(self) -> bool:
        """Whether it stands early."""
        return self.field < _TEXT or self.start < LEAD_WORDS


class Reading:
    """Tokens, counts and weights of one text in three fields."""

    def __init__(self, title: str, description: str, text: str) -> None:
        self.fields: tuple[tuple[ArticleField, Tokens], ...] = (
            ("title", Tokens(title)),
            ("description", Tokens(description)),
            ("text", Tokens(text)),
        )
        words = [tokens.words for _, tokens in self.fields]
        self.counts: Counter[str] = Counter(words[0] * TITLE_COUNTS + words[1] + words[2])
        self.length = sum(map(len, words))
        self._weighed: tuple[Rarity, Floats, float] | None = None
        self._weights: tuple[Rarity, dict[str, float]] | None = None
        self._title: tuple[Rarity, dict[str, float], float] | None = None
        self._met: tuple[Rarity, Terms, tuple[float, float]] | None = None
        self._first: dict[str, tuple[ArticleField, int, int] | None] = {}

    @classmethod
    def of(cls, article: Article) -> Reading:
        """Read an article."""
        return cls(article.title, article.description, article.text)

    @cached_property
    def tallies(self) -> Floats:
        """1 + ln tf of each of `counts`, in their order."""
        return tallies(self.counts)

    def weighed(self, rarity: Rarity, rare: Floats | None = None) -> tuple[Floats, float]:
        """Return the weight of each of `counts`, in their order, and the norm of all.

        `rare`, what `rarity` says of each where the caller has looked it up, saves doing so again.
        """
        if self._weighed is None or self._weighed[0] is not rarity:
            values = self.tallies * (rarities(self.counts, rarity) if rare is None else rare)
            self._weighed = (rarity, values, norm_of(values))
        return self._weighed[1], self._weighed[2]

    def weights(self, rarity: Rarity) -> tuple[dict[str, float], float]:
        """Return the weight of each word that tells something, and their norm."""
        values, norm = self.weighed(rarity)
        if self._weights is None or self._weights[0] is not rarity:
            pairs = zip(self.counts, values.tolist(), strict=True)
            self._weights = (rarity, {word: value for word, value in pairs if value})
        return self._weights[1], norm

    @cached_property
    def title_words(self) -> frozenset[str]:
        """The distinct words of the title; of the first words where there is no title."""
        words = self.fields[0][1].words or self.fields[1][1].words or self.fields[2][1].words
        return frozenset(words[:30])

    def title_weights(self, rarity: Rarity) -> tuple[dict[str, float], float]:
        """Return what each word of the title tells, and the sum."""
        if self._title is None or self._title[0] is not rarity:
            title = {word: rarity.weight(word) for word in sorted(self.title_words)}
            self._title = (rarity, title, fsum(title.values()))
        return self._title[1], self._title[2]

    def title_share(self, rarity: Rarity, words: Container[str]) -> float:
        """Return which share of the title's weight is in `words`, 0 to 1."""
        title, total = self.title_weights(rarity)
        return fsum([v for word, v in title.items() if word in words]) / total if total else 0.0

    def meets(self, rarity: Rarity, profile: Terms) -> tuple[float, float]:
        """Return the cosine to a profile, and which share of the title's weight is in it."""
        if self._met is None or self._met[0] is not rarity or self._met[1] is not profile:
            self._met = (rarity, profile, self._meet(rarity, profile))
        return self._met[2]

    def _meet(self, rarity: Rarity, profile: Terms) -> tuple[float, float]:
        weights, norm = self.weights(rarity)
        if not norm:
            return 0.0, 0.0
        title, total = self.title_weights(rarity)
        known = list(map(weights.__contains__, profile.words))
        common = list(compress(profile.words, known))
        values = compress(profile.weights, known)
        cosine = min(1.0, fsum(map(mul, values, map(weights.__getitem__, common))) / norm)
        share = fsum([title[word] for word in common if word in title])
        return cosine, share / total if total else 0.0

    def find(self, book: PhraseBook) -> dict[int, list[Place]]:
        """Return which phrases of `book` stand in it, and where."""
        found: dict[int, list[Place]] = {}
        if len(book):
            anchors = book.anchors & self.counts.keys()
            for field, (_, tokens) in enumerate(self.fields):
                for start, end, phrase in book.places(tokens, anchors):
                    found.setdefault(phrase, []).append((field, start, end))
        return found

    def place(self, found: Found) -> tuple[ArticleField, int, int]:
        """Return the field of a phrase, and where it stands there in characters."""
        name, tokens = self.fields[found.field]
        return name, tokens.span(found.start)[0], tokens.span(found.end - 1)[1]

    def first(self, word: str) -> tuple[ArticleField, int, int] | None:
        """Return where a folded word stands for the first time, in characters of its field."""
        if word not in self._first:
            self._first[word] = self._find_first(word)
        return self._first[word]

    def _find_first(self, word: str) -> tuple[ArticleField, int, int] | None:
        for (name, tokens), numbers in zip(self.fields, self._numbers, strict=True):
            number = numbers.get(word)
            if number is not None:
                return (name, *tokens.span(number))
        return None

    @cached_property
    def _numbers(self) -> list[dict[str, int]]:
        """For each field, the number of the first of each word."""
        return [
            dict(zip(reversed(tokens.words), range(len(tokens) - 1, -1, -1), strict=True))
            for _, tokens in self.fields
        ]
