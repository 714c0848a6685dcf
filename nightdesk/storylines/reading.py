"""An article as the engine reads it: tokenised once, whatever number of storylines look at it.

Comes in: title, description and text.  Goes out: counts and weights of its terms, the phrases that
stand in it, and the places of words in characters; what only few articles need is computed on first use.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from itertools import accumulate, chain, compress, count
from math import fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines import days, places
from nightdesk.storylines.lexicon import Lexicon, Rows, Told
from nightdesk.storylines.packed import Packed
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.vectors import Terms
from nightdesk.text.copies import Sketch, sketch
from nightdesk.text.descriptions import own_description
from nightdesk.text.entities import Phrase, PhraseBook
from nightdesk.text.stems import stem
from nightdesk.text.tokens import Tokens
from nightdesk.text.written import plain
from schemas import Article
from schemas.match import ArticleField

Floats = NDArray[np.float64]

TITLE_COUNTS = 2
"""A word of the title counts as so many words of the text: so `Lexicon.weigh` counts as well."""

FIELDS: tuple[ArticleField, ...] = ("title", "description", "text")

_TEXT = FIELDS.index("text")

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
    """Tokens, counts and weights of one text in three fields; a description that is the text is not read.

    In a brief text a country is weighed under one name, too, however it is mentioned, and in any text the
    days that it names; less is made of those about when it `came`.
    """

    def __init__(
        self, title: str, description: str, text: str, came: datetime | None = None
    ) -> None:
        fields = title, own_description(description, text), text
        self._tokens = Tokens.together(fields)
        numbers = [tokens.numbers for tokens in self._tokens]
        # The first word of each field, counted through all of them.
        self._firsts = list(accumulate(map(len, numbers), initial=0))
        self.length = self._firsts[-1]
        brief = sum(map(len, fields)) <= places.BRIEF
        self._hints = self._countries() if brief else {}
        self._days, self._dates = self._named_days(came)
        self._hints |= self._days
        # By their numbers in the vocabulary, field after field, then the hints.
        if self._hints:
            numbers.append(self._tokens[0].vocabulary.learned(self._hints))
        self._numbers = np.concatenate(numbers)
        self._terms: tuple[Rarity, Counter[str]] | None = None
        self._weights: tuple[Rarity, dict[str, float], float] | None = None
        self._title: tuple[Rarity, dict[str, float], float] | None = None
        self._met: tuple[Rarity, Terms, tuple[float, float]] | None = None
        self._packed: tuple[Rarity, Packed] | None = None
        self._told: tuple[Rows, Told] | None = None
        self._said: tuple[Lexicon, int, Rows] | None = None

    def _named_days(self, came: datetime | None) -> tuple[dict[str, Found], list[int]]:
        """Return the words for the days that it names and where each is first named; and where all words
        stand that name a day, counted through all fields, since days tell what they do.
        """
        found: dict[str, Found] = {}
        dates: set[int] = set()
        for field, tokens in enumerate(self._tokens):
            first = self._firsts[field]
            for word, start, end in days.hints(tokens, came):
                found.setdefault(word, Found(field, start, end))
                dates.update(range(first + start, first + end))
        return found, [*dates]

    def _countries(self) -> dict[str, Found]:
        """Return the words for countries that it does not say, and where each country is first mentioned."""
        found: dict[str, Found] = {}
        said: set[str] | None = None
        for field, tokens in enumerate(self._tokens):
            for word, start, end in places.hints(tokens):
                if said is None:
                    said = set(map(stem, chain(*[each.words for each in self._tokens])))
                if stem(word) not in said:
                    found.setdefault(word, Found(field, start, end))
        return found

    @property
    def fields(self) -> tuple[tuple[ArticleField, Tokens], ...]:
        """The fields by name."""
        return tuple(zip(FIELDS, self._tokens, strict=True))

    @classmethod
    def of(cls, article: Article) -> Reading:
        """Read an article."""
        return cls(article.title, article.description, article.text, article.event_time)

    def sketch(self) -> Sketch:
        """Return what its copies are known by."""
        return sketch(*self._tokens)

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each folded word stands in it."""
        return Counter(self._counted())

    def terms(self, rarity: Rarity) -> Counter[str]:
        """Return how often each term stands in it: the stems of words that tell something."""
        if self._terms is None or self._terms[0] is not rarity:
            words = chain(self._counted(), self._hints)
            terms = Counter(map(rarity.stem_of.__getitem__, words))
            terms.pop("", None)
            self._terms = (rarity, terms)
        return self._terms[1]

    def _counted(self) -> list[str]:
        title, description, text = self._tokens
        return [*title.words * TITLE_COUNTS, *description.words, *text.words]

    def said(self, lexicon: Lexicon) -> Rows:
        """Return the numbers of its words, field after field."""
        # A stranger is none any more once the lexicon has grown by its stem.
        known = self._said
        if known is None or known[0] is not lexicon or known[1] != len(lexicon):
            rows = lexicon.read(self._tokens[0].vocabulary, self._numbers)
            known = self._said = (lexicon, len(lexicon), rows)
        return known[2]

    def weights(self, rarity: Rarity) -> tuple[dict[str, float], float]:
        """Return the weight of each term that tells something, as they come up, and the norm of all."""
        if self._weights is None or self._weights[0] is not rarity:
            told = self.told(rarity.lexicon)
            pairs = zip(self._names(rarity, told.firsts), told.values.tolist(), strict=True)
            self._weights = (rarity, {term: value for term, value in pairs if value}, told.norm)
        return self._weights[1], self._weights[2]

    def told(self, lexicon: Lexicon) -> Told:
        """Return its terms by their numbers, weighed, as they come up."""
        said = self.said(lexicon)
        if self._told is None or self._told[0] is not said:
            self._told = (said, self._weighed(said, lexicon))
        return self._told[1]

    def _weighed(self, said: Rows, lexicon: Lexicon) -> Told:
        if not self._days:
            return lexicon.weigh(said, self._firsts[1])
        words = said.copy()
        words[self._dates] = 0
        return days.bounded(lexicon.weigh(words, self._firsts[1]), len(said) - len(self._days))

    def packed(self, rarity: Rarity) -> Packed:
        """Return its heaviest terms, as storylines compare them."""
        if self._packed is None or self._packed[0] is not rarity:
            told = self.told(rarity.lexicon)

            def terms(places: NDArray[np.integer]) -> Iterable[str]:
                return self._names(rarity, told.firsts.take(places))

            self._packed = (rarity, Packed.of(terms, told.values, told.norm))
        return self._packed[1]

    def _names(self, rarity: Rarity, places: NDArray[np.integer]) -> Iterable[str]:
        """Tell the terms of the words at some places, counted through all fields."""
        return map(rarity.stem_of.__getitem__, self.words_at(places))

    @cached_property
    def _words(self) -> list[str]:
        return list(chain.from_iterable([tokens.words for tokens in self._tokens]))

    @cached_property
    def title_words(self) -> frozenset[str]:
        """The distinct words of the title; of the first words where there is no title."""
        title, description, text = self._tokens
        return frozenset((title.words or description.words or text.words)[:30])

    def title_weights(self, rarity: Rarity) -> tuple[dict[str, float], float]:
        """Return what each term of the title tells, and the sum."""
        if self._title is None or self._title[0] is not rarity:
            stems = {rarity.stem_of[word] for word in self.title_words} - {""}
            title = {term: rarity.stem_weight(term) for term in sorted(stems)}
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
        told = self.told(rarity.lexicon)
        if not told.norm:
            return 0.0, 0.0
        rows = np.frombuffer(profile.rows, np.int32)
        both, at = told.found(rows)
        products = np.frombuffer(profile.weights, np.float64).take(both) * told.values.take(at)
        products = days.counted(products, at >= told.plain)
        cosine = min(1.0, fsum(products.tolist()) / told.norm)
        title, total = self.title_weights(rarity)
        # All words of the title stand in the article.
        numbers, filed = rarity.lexicon.numbers, {*rows.tolist()}
        share = fsum([value for word, value in title.items() if numbers.get(word) in filed])
        return cosine, share / total if total else 0.0

    def find(self, book: PhraseBook, at: Sequence[int] | None = None) -> dict[int, list[Place]]:
        """Return which phrases of `book` stand in it, and where.

        `at` are the words, counted through all fields, that may be anchors of the book; all of them where
        it is None.
        """
        found: dict[int, list[Place]] = {}
        if not len(book):
            return found
        if at is None:
            number = self._tokens[0].vocabulary.number
            anchors = set(map(number, book.anchors))
            at = list(compress(count(), map(anchors.__contains__, self._listed)))
        for field, tokens in enumerate(self._tokens):
            first, last = self._firsts[field : field + 2]
            own = [n - first for n in at if first <= n < last] if at else ()
            for start, end, phrase in book.places(tokens, own):
                found.setdefault(phrase, []).append((field, start, end))
        return found

    def places_of(self, words: Iterable[str]) -> list[int]:
        """Return where some folded words stand, counted through all fields."""
        known = self._tokens[0].vocabulary.number
        numbers = [number for word in words if (number := known(word)) >= 0]
        # They are few: faster than numpy's search for several at once.
        return [at for one in numbers for at in np.flatnonzero(self._numbers == one).tolist()]

    @cached_property
    def _spoken(self) -> frozenset[int]:
        """The numbers of its words, each once."""
        return frozenset(self._listed)

    @cached_property
    def _listed(self) -> list[int]:
        listed: list[int] = self._numbers.tolist()
        return listed

    @cached_property
    def _joined(self) -> frozenset[str]:
        return frozenset(chain.from_iterable([tokens.joined for tokens in self._tokens]))

    def may_say(self, phrase: Phrase) -> bool:
        """Whether all words of a phrase stand in it, if not side by side."""
        number = self._tokens[0].vocabulary.number
        return all(number(word) in self._spoken or word in self._joined for word in plain(phrase))

    def place(self, found: Found) -> tuple[ArticleField, int, int]:
        """Return the field of a phrase, and where it stands there in characters."""
        tokens = self._tokens[found.field]
        start, end = tokens.span(found.start)
        if found.end > found.start + 1:
            end = tokens.span(found.end - 1)[1]
        return FIELDS[found.field], start, end

    def word(self, at: int) -> tuple[Found, str]:
        """Return where a word stands, and the word; `at` counts through all fields.

        A hint stands where the mention does that gives it; for a day stand the words that name it.
        """
        word = self._tokens[0].vocabulary.words[self._numbers[at]]
        if at >= self.length:
            return self._hints[word], self._said_as(word)
        field = bisect_right(self._firsts, at) - 1
        start = at - self._firsts[field]
        return Found(field, start, start + 1), word

    def words_at(self, places: Sequence[int] | NDArray[np.integer]) -> list[str]:
        """Return the words at some places, counted through all fields."""
        if not len(places):
            return []
        words = self._tokens[0].vocabulary.words
        return list(map(words.__getitem__, self._numbers.take(places).tolist()))

    def spelled(self, rarity: Rarity, term: str) -> str:
        """Return the folded word that a term first stands for, and for a day the words that name it; the
        term itself where it does not stand.
        """
        stem_of = rarity.stem_of
        word = next((word for word in self._words if stem_of[word] == term), term)
        return self._said_as(word)

    def _said_as(self, word: str) -> str:
        if (named := self._days.get(word)) is None:
            return word
        return " ".join(self._tokens[named.field].words[named.start : named.end])
