"""Finds phrases (aliases, cues, exclusions) in tokenised texts, whole words only.

Comes in: all phrases of all storylines, once; then tokens, many times.  Goes out: which phrase stands
where, as word indices.  Phrases are filed under their most telling word in one dictionary, so the cost
grows with the text and with what is found in it, not with the number of phrases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, KeysView, Sequence
from functools import lru_cache
from itertools import compress, count, islice, product
from typing import NamedTuple

from nightdesk.text.folding import RAW_WORD
from nightdesk.text.repair import repair
from nightdesk.text.russian import other_endings
from nightdesk.text.tokens import Tokens, fold, joined_forms
from nightdesk.text.written import Written, in_capitals, is_also_a_word, plain

Phrase = tuple[str, ...]

LONGEST_PHRASE = 16
"""Words of a phrase that are compared; a longer phrase matches by its first words."""

_SAME: tuple[tuple[Phrase, ...], ...] = (
    (("US",), ("united", "state"), ("united", "state", "of", "america"), Written("US")),
    (("UN",), ("united", "nation"), Written("UN")),
    (("UAE",), ("united", "arab", "emirate")),
    (("uk",), ("united", "kingdom")),
    (Written(["EU"]), ("european", "union")),
)
_ALIKE = {plain(phrase): group for group in _SAME for phrase in group}
_LONGEST_ALIKE = max(map(len, _ALIKE))

_BEFORE = {"ARABIC": "و ب ل ف", "HEBREW": "ו ה ב ל מ ש כ"}
_AFTER = {
    "HANGUL": "은 는 이 가 을 를 의 에 에서 와 과 도 로 으로 만 까지 부터 에게"
    " 에는 에도 에서는 에서도 과의 와의"
}
"""Particles (and, in, to, of …) that are written onto a name.  They may as well be letters of a word, so no
text is cut: a phrase is looked for with each.  Arabic ones before an article are taken off by the folding."""


class Occurrence(NamedTuple):
    """Phrase number `phrase` stands at words `start` to `end` (end excluded)."""

    start: int
    end: int
    phrase: int


_SMALL = {"usa": "US", "uae": "UAE"}
"""Acronyms that are no words of English: as a phrase they count in small letters, too."""

_SPACED: dict[Phrase, Phrase] = {("u", "s"): ("US",), ("u", "n"): ("UN",)}
"""Acronyms with spaces between their letters: U. S."""

_DESIGNATION = re.compile(r"([a-z]{1,8})(\d{1,4})")
"""F16, G7, Covid19: letters and a number, which others write with a hyphen."""

_DIGIT = re.compile(r"\d")
_CYRILLIC = re.compile("[\u0400-\u04ff]")

_MOST_ENDINGS = 16
"""Forms of a phrase that endings make, at most."""

_AS_WRITTEN = -1
"""Number of what stands for phrases that count only as they are written."""

_Shape = tuple[int, int]
"""Where a phrase's most telling word stands in it, and how many words the phrase has."""


def variants(text: str, is_word: Callable[[str], bool] = is_also_a_word) -> tuple[Phrase, ...]:
    """Return the folded forms under which `text` is looked for, as given first; empty if it holds no word.

    A hyphenated word counts in its joined form too, "F16" as "F-16", "US", "UN", "UK", "EU" and "UAE" with
    their long forms, Russian nouns with the endings that folding leaves, and Arabic, Hebrew and Korean
    phrases with the particles that are written onto them.  An acronym that `is_word` knows as a word counts
    in capitals only (`nightdesk.text.written`).
    """
    # Articles have no soft hyphens and the like; what is copied off a page may.
    said = repair(text)
    words = fold(said)[:LONGEST_PHRASE]
    if not words:
        return ()
    acronym = in_capitals(said, words)
    if words in _SPACED and said.isupper():
        words = _SPACED[words]
    found = [acronym if acronym and is_word(*words) else words]
    for joined in joined_forms([said]):
        for at in range(len(words) - 1):
            if words[at] + words[at + 1] == joined:
                found.append((*words[:at], joined, *words[at + 2 :]))
    if _DIGIT.search(text):
        found.extend(_designations(found))
    if not _SMALL.keys().isdisjoint(words):
        words = tuple(_SMALL.get(word, word) for word in words)
    found.extend(form for form in _otherwise(words) if plain(form) not in found)
    found.extend(_with_particles(words))
    if _CYRILLIC.search(said):
        found.extend(_with_endings(said, words))
    return tuple(dict.fromkeys(found))


def _designations(forms: Sequence[Phrase]) -> Iterator[Phrase]:
    """Yield phrases with F16 as they are with F-16, and those with several such: F-16s."""
    for words in forms:
        for at, word in enumerate(words):
            parts = _DESIGNATION.fullmatch(word)
            if parts is not None:
                for number in (parts[2], f"{parts[2]}s"):
                    yield (*words[:at], parts[1], number, *words[at + 1 :])[:LONGEST_PHRASE]


def _otherwise(words: Phrase) -> Iterator[Phrase]:
    """Yield the phrase with what has a short and a long form in its other forms."""
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _LONGEST_ALIKE) + 1):
            for other in _ALIKE.get(words[start:end], ()):
                form = (*words[:start], *other, *words[end:])[:LONGEST_PHRASE]
                yield Written(form) if isinstance(other, Written) else form


def _with_particles(words: Phrase) -> Iterator[Phrase]:
    first, last = words[0], words[-1]
    if not first.isascii() and len(first) > 1:
        script = unicodedata.name(first[0], "").split(" ")[0]
        yield from ((letter + first, *words[1:]) for letter in _BEFORE.get(script, "").split())
        # Hangul is folded into its letters.
        for particle in _AFTER.get(script, "").split():
            yield (*words[:-1], last + unicodedata.normalize("NFKD", particle))


def _with_endings(text: str, words: Phrase) -> Iterator[Phrase]:
    """Yield the phrase with its Russian nouns in their other forms."""
    raws = RAW_WORD.findall(text)
    if len(raws) == len(words):
        each = [(word, *other_endings(raw, word)) for raw, word in zip(raws, words, strict=True)]
        yield from islice(product(*each), 1, _MOST_ENDINGS)


class PhraseBook:
    """All phrases, numbered in the order in which they were first given.

    Under each anchor (the word of a phrase that tells most: `telling`) stand the shapes of its phrases;
    the words of the text in that shape are looked up whole, so that many phrases around one name cost
    no more than one.  `_written` has those that count only as they are written, by their folded words.
    """

    __slots__ = ("_filed", "_numbers", "_telling", "_written", "phrases")

    def __init__(
        self, phrases: Iterable[Phrase] = (), *, telling: Callable[[str], float] = len
    ) -> None:
        self.phrases: list[Phrase] = []
        self._telling = telling
        self._numbers: dict[Phrase, int] = {}
        self._filed: dict[str, tuple[_Shape, ...]] = {}
        self._written: dict[Phrase, tuple[tuple[Written, int], ...]] = {}
        for phrase in phrases:
            self.add(phrase)

    def __len__(self) -> int:
        return len(self.phrases)

    def copy(self) -> PhraseBook:
        """Return a book of its own with the same phrases under the same numbers."""
        book = PhraseBook(telling=self._telling)
        book.phrases = self.phrases.copy()
        book._numbers, book._filed = self._numbers.copy(), self._filed.copy()
        book._written = self._written.copy()
        return book

    def add(self, phrase: Phrase) -> int:
        """Return the number of `phrase`, filing it if it is new.  It must not be empty."""
        number = self._numbers.get(phrase, _AS_WRITTEN)
        if number == _AS_WRITTEN:
            number = self._numbers[phrase] = len(self.phrases)
            self.phrases.append(phrase)
            offset, words = self.anchor(phrase), plain(phrase)
            word = words[offset]
            self._filed[word] = _with_shape(self._filed.get(word, ()), (offset, len(phrase)))
            if isinstance(phrase, Written):
                self._written[words] = (*self._written.get(words, ()), (phrase, number))
                self._numbers.setdefault(words, _AS_WRITTEN)
        return number

    def number(self, phrase: Phrase) -> int | None:
        """Return the number of a phrase, None if it was never filed."""
        number = self._numbers.get(phrase, _AS_WRITTEN)
        return None if number == _AS_WRITTEN else number

    def holds(self, words: Phrase) -> bool:
        """Whether a phrase of these folded words was filed, however it must be written."""
        return words in self._numbers

    def find(self, tokens: Tokens) -> list[Occurrence]:
        """Return all occurrences, in the order of the text; overlapping ones too."""
        return [Occurrence(*place) for place in sorted(self.places(tokens))]

    @property
    def anchors(self) -> KeysView[str]:
        """The words that phrases are filed under."""
        return self._filed.keys()

    def anchor(self, phrase: Phrase) -> int:
        """Return which word of a phrase it is filed under."""
        tells = [(self._telling(word), len(word), -at) for at, word in enumerate(plain(phrase))]
        return -max(tells)[2]

    def places(
        self, tokens: Tokens, among: Sequence[int] | None = None
    ) -> list[tuple[int, int, int]]:
        """Return start, end and number of all occurrences, in no order.

        `among` are the numbers of the words that may be anchors, where the caller knows.
        """
        filed = self._filed
        if among is None:
            among = list(compress(count(), map(filed.__contains__, tokens.words)))
        found = list(self._anchored_places(tokens, among)) if among else []
        if tokens.joined and not filed.keys().isdisjoint(tokens.joined):
            found.extend(self._joined_places(tokens.words, frozenset(tokens.joined)))
        # A phrase may be met from the anchor of another one, too.
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def _anchored_places(
        self, tokens: Tokens, among: Sequence[int]
    ) -> Iterator[tuple[int, int, int]]:
        # Not `tokens.words`: nearly always a few words of many are looked at.
        numbers, filed, written = self._numbers, self._filed, self._written
        words, said = tokens.vocabulary.words, tokens.numbers.data
        for at in among:
            for offset, length in filed.get(words[said[at]], ()):
                start = at - offset
                end = start + length
                if start >= 0 and end <= len(said):
                    phrase = tuple([words[n] for n in said[start:end]])
                    number = numbers.get(phrase)
                    if number is not None:
                        if number != _AS_WRITTEN:
                            yield start, end, number
                        if phrase in written:
                            yield from self._written_places(tokens, phrase, start)

    def _written_places(
        self, tokens: Tokens, words: Phrase, start: int
    ) -> Iterator[tuple[int, int, int]]:
        for phrase, number in self._written[words]:
            if phrase.stands(tokens, start):
                yield start, start + len(words), number

    def _joined_places(
        self, words: Sequence[str], joined: frozenset[str]
    ) -> Iterator[tuple[int, int, int]]:
        for at in range(len(words) - 1):
            pair = words[at] + words[at + 1]
            if pair in joined and (number := self.number((pair,))) is not None:
                yield at, at + 2, number


@lru_cache(maxsize=4_096)
def _with_shape(known: tuple[_Shape, ...], shape: _Shape) -> tuple[_Shape, ...]:
    """Return the shapes with one more.  Remembered, since most words have the same few: they share them."""
    return known if shape in known else (*known, shape)
