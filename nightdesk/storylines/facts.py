"""The facts of one report, as novelty compares them: what its sentences, figures and names say.

Comes in: a `Reading` and a rarity.  Goes out: `Facts`, with 32-bit hashes that are the same in every
process, and where each fact stands.  Only the beginning of a long report is read, so that all of it
fits into what a storyline remembers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import LEAD_WORDS, Reading
from nightdesk.text.figures import figures
from nightdesk.text.names import MANY, capitalised, names, share_of_capitals
from nightdesk.text.sentences import sentences
from nightdesk.text.tokens import Tokens
from schemas.match import ArticleField

MOST_WORDS: Mapping[ArticleField, int] = {"title": 60, "description": 240, "text": 1_000}
"""Words that are read of each field."""

MOST_FIGURES = 200

LEAST_WORDS = 4
"""Sentences with fewer telling words say too little to be new: "Read more", "See comments"."""

_LAST_WORDS = (
    "agency alliance army assembly association authority bank base board brigade bureau bay city center"
    " centre chamber club coalition college command commission committee company conference congress"
    " corp council county court day department district embassy exchange federation force forum"
    " foundation front government group guard hospital house institute island kingdom league limited"
    " ministry minister mission monitor movement nation network news office organization parliament"
    " party plan police post press province region republic river road school security service society"
    " state street team times union university war world year zone"
)
_GENERIC = frozenset(_LAST_WORDS.split())
_LONGEST_NAME = 60
_AROUND = "$€£¥₽₴₹₩"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Characters `start` to `end` of a field, `text`, and the weight of each telling word by its hash."""

    field: ArticleField
    start: int
    end: int
    text: str
    weights: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure or a name as it stands in the report; `lead` where it stands early.

    A figure is known by its one hash.  A name has one for each word; `generic` where its last word
    ("Front", "Ministry") does not tell it from others.
    """

    text: str
    hashes: tuple[int, ...]
    lead: bool
    generic: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """`capitals` are the hashes of all words that stand with a capital: what may be a name."""

    sentences: tuple[Sentence, ...]
    figures: tuple[Fact, ...]
    names: tuple[Fact, ...]
    words: tuple[int, ...]
    capitals: tuple[int, ...]

    @classmethod
    def of(cls, reading: Reading, rarity: Rarity) -> Facts:
        """Read the facts of a report."""
        fields = [_Field(name, tokens, rarity) for name, tokens in reading.fields if tokens.words]
        told = [sentence for field in fields for sentence in field.sentences()]
        enough = [s for s in told if len(s.weights) >= LEAST_WORDS]
        counted = [fact for field in fields for fact in field.figures()]
        return cls(
            tuple(enough or told),
            tuple(counted[:MOST_FIGURES]),
            tuple(fact for field in fields for fact in field.names()),
            tuple(dict.fromkeys(word for s in told for word in s.weights)),
            tuple(dict.fromkeys(word for field in fields for word in field.capitals())),
        )


def hash_of(word: str) -> int:
    """Return 32 bits that stand for a folded word or a key, in every process and version."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


class _Field:
    """One field, cut into sentences."""

    def __init__(self, name: ArticleField, tokens: Tokens, rarity: Rarity) -> None:
        self._name, self._text, self._rarity = name, tokens.text, rarity
        self._words = tokens.words[: MOST_WORDS[name]]
        self._spans = [tokens.span(number) for number in range(len(self._words))]
        self._ranges = sentences(self._text, self._spans)
        self._share = share_of_capitals(self._text, self._words, self._spans, self._ranges)

    def sentences(self) -> Iterator[Sentence]:
        weight = self._rarity.weight
        for first, last in self._ranges:
            weights = {word: weight(word) for word in self._words[first:last]}
            told = {hash_of(word): value for word, value in weights.items() if value}
            start, end = self._spans[first][0], self._spans[last - 1][1]
            yield Sentence(self._name, start, end, self._slice(start, end), told)

    def figures(self) -> Iterator[Fact]:
        for first, last in self._ranges:
            words, spans = self._words[first:last], self._spans[first:last]
            for found in figures(
                self._text, words, spans, self._tells, capitals_tell=self._share < MANY
            ):
                start, end = spans[found.start][0], spans[found.end - 1][1]
                start -= self._text[start - 1 : start] in tuple(_AROUND)
                end += self._text[end : end + 1] == "%"
                yield Fact(
                    self._slice(start, end), (hash_of(found.key),), self._leads(first + found.start)
                )

    def names(self) -> Iterator[Fact]:
        for name in names(
            self._text,
            self._words,
            self._spans,
            self._ranges,
            self._rarity.weight,
            share=self._share,
        ):
            words = self._words[name.start : name.end]
            telling = [word for word in words if self._tells(word)]
            if not telling:
                continue
            text = self._slice(self._spans[name.start][0], self._spans[name.end - 1][1])
            yield Fact(
                text[:_LONGEST_NAME],
                tuple(hash_of(word) for word in telling),
                self._leads(name.start),
                telling[-1] in _GENERIC,
            )

    def capitals(self) -> Iterator[int]:
        return map(hash_of, capitalised(self._text, self._words, self._spans))

    def _tells(self, word: str) -> bool:
        return self._rarity.weight(word) > 0

    def _leads(self, at: int) -> bool:
        return self._name != "text" or at < LEAD_WORDS

    def _slice(self, start: int, end: int) -> str:
        return " ".join(self._text[start:end].split())
