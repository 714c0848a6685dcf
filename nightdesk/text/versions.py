"""Versions: the sentences of a text before and after an edit, each with what is compared of it.

Comes in: a text.  Goes out: `Piece`s, and the classes of a change from one to another.  Words are compared
with their numbers written out one way ("twelve", "12"; "1.2 million", "1,200,000") and folded, so that
spelling does not count.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

from nightdesk.text.attribution import Attribution, attribution
from nightdesk.text.figures import NUMBER_WORDS, QUALIFYING, UNITS, figures
from nightdesk.text.identity import words as plain_words
from nightdesk.text.sentences import sentences
from nightdesk.text.tokens import Tokens
from schemas.edit import ChangeClass

NUMBER = "="
"""What a number begins with among the words that are compared."""

_ARTICLES = frozenset({"the", "a", "an"})
_LONGEST_NUMBER = 20
_SHORTEST_SPELLING = 5
_MOST_SPELLINGS = 5
_LIKE = (frozenset("sz"), frozenset("iy"), frozenset("cs"))


@dataclass(frozen=True)
class Piece:
    """One sentence: its folded `words`, their places in `text`, and (`start`, `end`) of it as a whole."""

    text: str
    words: Sequence[str]
    spans: Sequence[tuple[int, int]]
    start: int
    end: int

    @property
    def raw(self) -> str:
        """The sentence as it stands, space made even."""
        return " ".join(self.text[self.start : self.end].split())

    @cached_property
    def key(self) -> tuple[str, ...]:
        """Its words as identity knows them: equal key, the same sentence."""
        return tuple(map(sys.intern, plain_words(self.text[self.start : self.end])))

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """Its folded words, numbers written one way behind `NUMBER`."""
        return tuple(_plain(self.text, self.words, self.spans))

    @cached_property
    def shape(self) -> frozenset[str]:
        """Its words, all numbers alike: by this the sentence before finds the one after."""
        return frozenset(NUMBER if word[0] == NUMBER else word for word in self.plain)

    @cached_property
    def attribution(self) -> Attribution:
        """Whom it names as having said it."""
        return attribution(self.text, self.words, self.spans)


def pieces(text: str, most: int) -> list[Piece]:
    """Cut `text` into at most `most` sentences; what follows is left out."""
    tokens = Tokens(text)
    spans = tokens.spans()
    ranges = sentences(text, spans)[: most + 1]
    starts = [0] * len(ranges)
    for at, (first, _) in enumerate(ranges):
        opening = spans[first][0]
        gap = text[spans[first - 1][1] if first else 0 : opening]
        # A quotation mark before the first word belongs to it, and not to the sentence before.
        starts[at] = (
            opening - len(gap) + len(gap.rstrip())
            if not gap[-1:].strip()
            else opening - len(gap.split()[-1])
        )
    ends = [*starts[1:], len(text)]
    return [
        Piece(text, tokens.words[first:last], spans[first:last], start, end)
        for (first, last), start, end in zip(ranges[:most], starts, ends, strict=False)
    ]


def classes(before: Piece, after: Piece) -> tuple[ChangeClass, ...]:
    """Say what was done to a sentence that reads otherwise now: mostly one class, never none."""
    gone = list((Counter(before.plain) - Counter(after.plain)).elements())
    come = list((Counter(after.plain) - Counter(before.plain)).elements())
    changed = {*gone, *come}
    if (
        before.plain == after.plain
        or (changed and changed <= _ARTICLES)
        or _is_spelling(gone, come)
    ):
        return (ChangeClass.COSMETIC,)
    grave = []
    if _numbers(before) != _numbers(after) or (
        changed and changed <= QUALIFYING and _numbers(before)
    ):
        grave.append(ChangeClass.FIGURE)
    told, tells = before.attribution, after.attribution
    if told.sayers != tells.sayers or (changed and changed <= told.words | tells.words):
        grave.append(ChangeClass.ATTRIBUTION)
    if grave:
        return tuple(grave)
    return (ChangeClass.REMOVAL if gone and not come else ChangeClass.ADDITION,)


def _numbers(piece: Piece) -> list[str]:
    return [word for word in piece.plain if word[0] == NUMBER]


def _tells(word: str) -> bool:
    return len(word) > 2 and word.isalpha()


def _plain(text: str, words: Sequence[str], spans: Sequence[tuple[int, int]]) -> Iterable[str]:
    if not any(word[0].isdigit() or word in NUMBER_WORDS for word in words):
        yield from words
        return
    figure_at = {figure.start: figure for figure in figures(text, words, spans, _tells)}
    at = 0
    while at < len(words):
        figure = figure_at.get(at)
        if figure is None:
            yield _number(words[at])
            at += 1
            continue
        told = False
        for word in words[at : figure.end]:
            if word in NUMBER_WORDS or word[0].isdigit():
                if not told:
                    yield NUMBER + _value(figure.key.partition(" ")[0])
                told = True
            elif not (told and word in UNITS):
                yield word
        at = max(at + 1, figure.end)


def _number(word: str) -> str:
    if word in NUMBER_WORDS:
        return f"{NUMBER}{NUMBER_WORDS[word]}"
    return NUMBER + word if word[0].isdigit() else word


def _value(key: str) -> str:
    """Return a figure's key with its scale multiplied out: `1.2e6` becomes `1200000`."""
    number, _, rest = key.partition("e")
    scale = rest.rstrip("%$€£¥₽₴₹₩")
    unit = rest[len(scale) :]
    if len(number) > _LONGEST_NUMBER:
        return key
    try:
        value = Decimal(number).scaleb(int(scale))
    except (InvalidOperation, ValueError):
        return key
    plain = f"{value:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) + unit


def _is_spelling(gone: Sequence[str], come: Sequence[str]) -> bool:
    """Whether words were only written otherwise: "colour" for "color", "cease fire" for "ceasefire"."""
    if not 0 < max(len(gone), len(come)) <= _MOST_SPELLINGS:
        return False
    if "".join(gone) == "".join(come):
        return True
    return len(gone) == len(come) and all(map(_is_one_word, gone, come))


def _is_one_word(a: str, b: str) -> bool:
    """Whether two words of five letters and more differ by one letter more or less, by two that changed
    places, or by letters that spellings vary in; never in the first one."""
    short, long = sorted((a, b), key=len)
    if len(short) < _SHORTEST_SPELLING or a[0] != b[0] or len(long) - len(short) > 1:
        return False
    head = next(
        (n for n, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short)
    )
    if len(long) > len(short):
        return short[head:] == long[head + 1 :]
    rest = short[head + 1 :], long[head + 1 :]
    if rest[0] == rest[1]:
        return frozenset((short[head], long[head])) in _LIKE
    swapped = short[head : head + 2] == long[head : head + 2][::-1]
    return swapped and short[head + 2 :] == long[head + 2 :]
