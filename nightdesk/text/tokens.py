"""Words of a text, folded so that spelling does not hide them: tokenised once, then only looked up.

Comes in: one field of an article, or several.  Goes out: `Tokens`: the numbers of its folded words and, only
if somebody asks, the words themselves and where each stands in the field.  A text is cut at its spaces
(`nightdesk.text.chunks`), and what stands between two of them is folded once (`nightdesk.text.folding`) and
then remembered (`nightdesk.text.vocabulary`).
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from nightdesk.text.folding import HYPHENS, RAW_WORD, fold_word, folded_parts, join
from nightdesk.text.months import IN_TEXTS, SIGN
from nightdesk.text.vocabulary import Numbers, Read, Vocabulary

MAX_CHARACTERS = 200_000
"""Characters of a field that are read; what follows is ignored."""

_AROUND = ".,:;!?'’‘\"“”()[]"

_Place = tuple[int, int]


class Tokens:
    """The words of one text: `words` in order, folded; `numbers` are those of `vocabulary`.

    `joined` are the joined forms of hyphenated ones.  `span(n)` gives (start, end) of word number `n`, in
    characters of `text`.  What nobody asks for is not computed: most texts are only looked at.
    """

    __slots__ = ("_joined", "_parts", "_read", "_vocabulary", "_words", "text")

    def __init__(self, text: str, vocabulary: Vocabulary | None = None) -> None:
        self.text = text
        self._vocabulary = vocabulary
        self._read: Read | None = None
        self._words: list[str] | None = None
        self._joined: tuple[str, ...] | None = None
        self._parts: dict[int, list[_Place]] = {}

    @classmethod
    def together(cls, texts: Iterable[str]) -> tuple[Tokens, ...]:
        """Return the tokens of several texts, by the numbers of one vocabulary."""
        vocabulary = _vocabulary()
        return tuple([cls(text, vocabulary) for text in texts])

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def vocabulary(self) -> Vocabulary:
        """Whose numbers the words have."""
        if self._vocabulary is None:
            self._vocabulary = _vocabulary()
        return self._vocabulary

    @property
    def numbers(self) -> Numbers:
        """The words by number."""
        return self._known.numbers

    @property
    def words(self) -> list[str]:
        """The folded words, in order."""
        if self._words is None:
            said = self.vocabulary.words
            self._words = list(map(said.__getitem__, self.numbers.tolist()))
        return self._words

    @property
    def joined(self) -> tuple[str, ...]:
        """Joined forms: "ceasefire" where the text has "cease-fire"."""
        if self._joined is None:
            held = [hyphen for hyphen in HYPHENS if hyphen in self.text]
            hyphens = [place for hyphen in held for place in _places_of(hyphen, self.text)]
            chunks = map(self._chunk, self._chunks_at(hyphens)) if hyphens else ()
            self._joined = joined_forms(chunks) if chunks else ()
        return self._joined

    def span(self, number: int) -> tuple[int, int]:
        """Return (start, end) of word number `n`."""
        starts, firsts = self._known.starts.data, self._known.firsts.data
        chunk = bisect_right(firsts, number) - 1
        start, end = self._parts_of(chunk)[number - firsts[chunk]]
        return starts[chunk] + start, starts[chunk] + end

    def number_at(self, place: int) -> int:
        """Return the number of the word that holds the character at `place`, or of the last before it."""
        (chunk,) = self._chunks_at([place])
        place -= int(self._known.starts[chunk])
        words = sum(start <= place for start, _ in self._parts_of(chunk))
        return int(self._known.firsts[chunk]) + words - 1

    def months(self) -> list[int]:
        """Return which words name a month, or say that a number does."""
        found: list[int] = (self._known.numbers < self.vocabulary.first).nonzero()[0].tolist()
        return found

    def word(self, number: int) -> str:
        """Return word number `n` alone."""
        return self.vocabulary.words[int(self._known.numbers[number])]

    def spans(self) -> list[tuple[int, int]]:
        """Return (start, end) for each of `words`."""
        return [
            (start + first, start + last)
            for chunk, start in enumerate(self._known.starts.tolist())
            for first, last in _places_in(self._chunk(chunk))
        ]

    @property
    def _known(self) -> Read:
        if self._read is None:
            self._read = self.vocabulary.read(self.text[:MAX_CHARACTERS])
        return self._read

    def _chunks_at(self, places: Sequence[int]) -> list[int]:
        """Return the numbers of the chunks that hold the characters at `places`, each once."""
        held: list[int] = (self._known.starts.searchsorted(places, side="right") - 1).tolist()
        return list(dict.fromkeys(held))

    def _parts_of(self, chunk: int) -> list[_Place]:
        if chunk not in self._parts:
            self._parts[chunk] = _places_in(self._chunk(chunk))
        return self._parts[chunk]

    def _chunk(self, number: int) -> str:
        return self.text[self._known.starts[number] : self._known.ends[number]]


def fold(text: str) -> tuple[str, ...]:
    """Return the folded words of a short text, such as an alias or a cue."""
    raws = RAW_WORD.findall(text[:MAX_CHARACTERS])
    return tuple([word for raw in raws for word in _folded(raw) if word != "_"])


def joined_forms(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the joined forms of the hyphenated words of short texts, those with a "-" first."""
    raws = [raw for text in texts for raw in RAW_WORD.findall(text)]
    found = (_joined(raw) for hyphen in HYPHENS for raw in raws if hyphen in raw)
    return tuple(filter(None, found))


def _fold(chunk: str) -> tuple[str, ...]:
    """Return the folded words of a chunk.  Equal words are one object, wherever they stand."""
    core = chunk.strip(_AROUND)
    if core.isascii() and core.isalpha():
        return (sys.intern(fold_word(core)),)
    return tuple([word for raw in RAW_WORD.findall(chunk) for word in _folded(raw)])


@lru_cache(maxsize=8_192)
def _folded(raw: str) -> tuple[str, ...]:
    return tuple([sys.intern(word) for word, _, _ in folded_parts(raw)])


_joined = lru_cache(maxsize=4_096)(join)


def _places_in(chunk: str) -> list[_Place]:
    """Return where the words of a chunk start and end in it."""
    core = chunk.strip(_AROUND)
    if core.isascii() and core.isalpha():
        start = chunk.index(core)
        return [(start, start + len(core))]
    return [
        (match.start() + first, match.start() + last)
        for match in RAW_WORD.finditer(chunk)
        for _, first, last in folded_parts(match.group())
    ]


def _places_of(character: str, text: str) -> Iterator[int]:
    """Yield where a character stands in what is read of a text."""
    at = text.find(character, 0, MAX_CHARACTERS)
    while at >= 0:
        yield at
        at = text.find(character, at + 1, MAX_CHARACTERS)


def _new_vocabulary() -> Vocabulary:
    return Vocabulary(_fold, (*IN_TEXTS, SIGN))


class _Shared:
    """The vocabulary of this process."""

    current = _new_vocabulary()


def _vocabulary() -> Vocabulary:
    """Return the vocabulary in use: a new one where the last has met too much."""
    if _Shared.current.full:
        _Shared.current = _new_vocabulary()
    return _Shared.current
