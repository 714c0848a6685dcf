"""Words of a text, folded so that spelling does not hide them: tokenised once, then only looked up.

Comes in: one field of an article (or an alias, a cue, an exemplar).  Goes out: `Tokens`, the folded
words in order and, only if somebody asks, where each stands in the field.  A text is cut at its spaces,
and what stands between two of them is folded once (`nightdesk.text.folding`) and then remembered.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate, chain

import numpy as np

from nightdesk.text.folding import HYPHENS, RAW_WORD, fold_word, folded_parts, join

MAX_CHARACTERS = 200_000
"""Characters of a field that are read; what follows is ignored."""

_MEMO_ENTRIES = 32_000
"""Chunks that are remembered, of each generation: reports of news have many that are rare."""

_MEMO_LONGEST = 64
_AROUND = ".,:;!?'’‘\"“”()[]"
_Place = tuple[int, int]
_SPACES = np.array([chr(code).isspace() for code in range(0x3002)])


class Tokens:
    """The words of one text: `words` in order, folded; `joined` the joined forms of hyphenated ones.

    `span(n)` gives (start, end) of word number `n`, in characters of `text`; it is computed on first
    use, since most texts are only looked at and never quoted.
    """

    __slots__ = ("_chunks", "_joined", "_parts", "_places", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self._chunks = _loosened(text).split()
        self.words: list[str] = list(chain.from_iterable(map(_FOLDED.__getitem__, self._chunks)))
        self._joined: tuple[str, ...] | None = None
        self._places: tuple[list[int], list[int]] | None = None
        self._parts: dict[int, list[_Place]] = {}

    def __len__(self) -> int:
        return len(self.words)

    @property
    def joined(self) -> tuple[str, ...]:
        """Joined forms: "ceasefire" where the text has "cease-fire"."""
        if self._joined is None:
            hyphens = [hyphen for hyphen in HYPHENS if hyphen in self.text]
            hyphened = [chunk for hyphen in hyphens for chunk in self._chunks if hyphen in chunk]
            self._joined = tuple(chain.from_iterable(map(_JOINED.__getitem__, hyphened)))
        return self._joined

    def span(self, number: int) -> tuple[int, int]:
        """Return (start, end) of word `number`."""
        if self._places is None:
            self._places = self._find_places()
        starts, firsts = self._places
        at = bisect_right(firsts, number) - 1
        if at not in self._parts:
            self._parts[at] = _places_in(self._chunks[at])
        first, last = self._parts[at][number - firsts[at]]
        return starts[at] + first, starts[at] + last

    def spans(self) -> list[tuple[int, int]]:
        """Return (start, end) for each of `words`."""
        if self._places is None:
            self._places = self._find_places()
        return [
            (start + first, start + last)
            for chunk, start in zip(self._chunks, self._places[0], strict=True)
            for first, last in _places_in(chunk)
        ]

    def _find_places(self) -> tuple[list[int], list[int]]:
        """For each chunk: where it starts in the text, and the number of its first word."""
        read = _loosened(self.text)
        if read.isascii():
            space = _SPACES.take(np.frombuffer(read.encode(), np.uint8))
        else:
            codes = np.frombuffer(read.encode("utf-32-le", "surrogatepass"), np.uint32)
            space = _SPACES.take(np.minimum(codes, len(_SPACES) - 1))
        first = ~space
        first[1:] &= space[:-1]
        words = map(len, map(_FOLDED.__getitem__, self._chunks))
        return first.nonzero()[0].tolist(), list(accumulate(words, initial=0))[:-1]


def tokenise(text: str) -> Tokens:
    """Return the tokens of `text`, of which at most `MAX_CHARACTERS` are read."""
    return Tokens(text)


def fold(text: str) -> tuple[str, ...]:
    """Return the folded words of a short text, such as an alias or a cue."""
    return tuple(word for word in Tokens(text).words if word != "_")


def _loosened(text: str) -> str:
    """Part words from the commonest punctuation, so that fewer chunks differ; no place moves."""
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
    text = text.replace(", ", "  ").replace(". ", "  ")
    return text.replace('"', " ").replace("“", " ").replace("”", " ")


class _Memo(dict[str, tuple[str, ...]]):
    """Remembers what a pure function made of chunks (what stands between two spaces).

    It is bounded by two generations: when it is full it starts anew, and takes over what is still
    asked for from the one before.
    """

    def __init__(self, function: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self._function = function
        self._before: dict[str, tuple[str, ...]] = {}

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        words = self._before.get(chunk)
        if words is None:
            words = self._function(chunk)
        if len(chunk) <= _MEMO_LONGEST:
            if len(self) >= _MEMO_ENTRIES:
                self._before = dict(self)
                self.clear()
            self[chunk] = words
        return words


def _fold(chunk: str) -> tuple[str, ...]:
    """Return the folded words of a chunk.  Equal words are one object, wherever they stand."""
    if chunk.isascii() and chunk.isalpha():
        return (sys.intern(fold_word(chunk)),)
    core = chunk.strip(_AROUND)
    if core.isascii() and core.isalpha():
        return _FOLDED[core]
    raws = RAW_WORD.findall(chunk)
    if raws == [chunk]:
        return tuple(sys.intern(word) for word, _, _ in folded_parts(chunk))
    return _FOLDED[raws[0]] if len(raws) == 1 else tuple(w for raw in raws for w in _FOLDED[raw])


def _join(chunk: str) -> tuple[str, ...]:
    """Return the joined forms of the hyphenated words of a chunk."""
    return tuple(word for raw in RAW_WORD.findall(chunk) if (word := join(raw)))


_FOLDED = _Memo(_fold)
_JOINED = _Memo(_join)


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
