"""Figures of a text: numbers with what they count, "at least 12 killed", "$3.5 billion", "30 %".

Comes in: a text, its folded words and their places.  Goes out: `Figure`: where it stands, with its
qualifier and noun, and a `key` by which two reports' figures are compared.  Dates, years, times of day,
ordinals and model numbers (F-16) are no figures.  Words for numbers are read in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from nightdesk.text.calendar import DAYS, MONTHS

_ONES = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
)
_TENS = "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS = dict(
    zip(f"{_ONES} {_TENS}".split(), [*range(2, 20), *range(20, 100, 10)], strict=True)
)
"""Folded English words for numbers.  "One" is no figure: it is an article as often as not."""

_SCALES = {
    "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "mn": 6, "mln": 6, "bn": 9, "trn": 12,
    "millone": 6, "millon": 6, "millionen": 6, "milliarden": 9, "milliard": 9,
    "mil": 3, "mille": 3, "тысяч": 3, "тыс": 3, "млн": 6, "миллион": 6, "миллионов": 6, "млрд": 9,
}  # fmt: skip
_PERCENT = frozenset({"percent", "percentage", "prozent", "процент", "процентов"})
UNITS = frozenset(_SCALES) | _PERCENT | {"per", "cent", "por", "ciento", "pour"}
"""Folded words that are part of a number: "million", "percent"."""

_PER_CENT = (["per", "cent"], ["por", "ciento"], ["pour", "cent"])
_QUALIFIERS = (
    ("at", "least"), ("more", "than"), ("up", "to"), ("less", "than"), ("fewer", "than"),
    ("as", "many", "as"), ("nearly",), ("about",), ("around",), ("some",), ("over",), ("almost",),
    ("only",), ("roughly",),
)  # fmt: skip
LEAST = frozenset({("at", "least"), ("more", "than"), ("over",)})
MOST = frozenset({("up", "to"), ("less", "than"), ("fewer", "than"), ("as", "many", "as")})
ABOUT = frozenset({("about",), ("around",), ("some",), ("roughly",), ("nearly",), ("almost",)})
"""Qualifiers by what they leave open: more, less, a little either way."""

QUALIFYING = frozenset(word for phrase in _QUALIFIERS for word in phrase)
"""Folded words that tell how sure a number is: "at least", "nearly"."""

_POINTING = frozenset({"the", "these", "those", "other", "last", "first", "next"})
_DIGITS = re.compile(r"\d+(?:\.\d+)*")
_CURRENCY = "$€£¥₽₴₹₩"
_TIED = frozenset("-‐‑–:/.'’")
_LONGEST = 15
_LARGE = 10
"""From here on a number is known by itself; a smaller one only with what it counts."""


class Figure(NamedTuple):
    """Words `start` to `end` (end excluded) tell it; equal `key`, equal figure.

    `noun` is the folded word after the number, where that tells what is counted; `value` the number, None
    where it cannot be read as one ("1.2.3") or is an amount of money or a share of a hundred.
    """

    start: int
    end: int
    key: str
    noun: str = ""
    value: float | None = None


def figures(
    text: str,
    words: Sequence[str],
    spans: Sequence[tuple[int, int]],
    tells: Callable[[str], bool],
    *,
    capitals_tell: bool = True,
) -> list[Figure]:
    """Return the figures of one sentence, in order.

    `words` and `spans` are those of the sentence; `tells` says whether a folded word has a meaning of
    its own, as "killed" has and "of" has not.  Where `capitals_tell`, a number after a capital is part
    of a name (Flight 370).
    """
    found = []
    at = 0
    while at < len(words):
        figure = None
        if words[at] in NUMBER_WORDS or words[at][0].isdecimal():
            named = capitals_tell and at > 1 and _is_named(text, words, spans, at)
            figure = None if named else _read(text, words, spans, at, tells)
        if figure is not None:
            found.append(figure)
            at = max(at, figure.end - 1)
        at += 1
    return found


def _read(
    text: str,
    words: Sequence[str],
    spans: Sequence[tuple[int, int]],
    at: int,
    tells: Callable[[str], bool],
) -> Figure | None:
    word = words[at]
    number = str(NUMBER_WORDS[word]) if word in NUMBER_WORDS else word
    if not _DIGITS.fullmatch(number) or _is_part(text, words, spans, at) or _is_date(words, at):
        return None
    start, end = spans[at]
    money = text[start - 1 : start] if start and text[start - 1] in _CURRENCY else ""
    after = at + 1
    while after < len(words) and _goes_on(text, words, spans, after):
        number, end = number + words[after], spans[after][1]
        after += 1
    scale = _SCALES.get(words[after], 0) if after < len(words) else 0
    after += bool(scale)
    unit = money
    if text[end : end + 2].strip().startswith("%"):
        unit = "%"
    elif after < len(words) and words[after] in _PERCENT:
        unit, after = "%", after + 1
    elif list(words[after : after + 2]) in _PER_CENT:
        unit, after = "%", after + 2
    plain = not (unit or scale or "." in number)
    if (
        plain
        and len(number) == 4
        and number[:2] in {"18", "19", "20"}
        and text[start:end] == number
    ):
        return None
    noun = "" if unit else _noun(text, words, spans, after, tells)
    small = plain and int(number) < _LARGE
    if small and (not noun or (at and words[at - 1] in _POINTING)):
        return None
    last = after + bool(noun)
    before = _qualifier(words, at)
    if not (noun or unit) and at > before and _is_joined(text, spans, at - before):
        before += tells(words[at - before - 1])
    key = f"{number}e{scale}{unit}" + (f" {noun}" if small else "")
    return Figure(at - before, last, key, noun, None if unit else _value(number, scale))


def _value(number: str, scale: int) -> float | None:
    if number.count(".") > 1 or len(number) + scale > _LONGEST:
        return None
    return float(f"{number}e{scale}")


def _is_part(text: str, words: Sequence[str], spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a number is tied to what stands beside it: F-16, 14:30, 3-2, 32-year-old."""
    start, end = spans[at]
    tied_before = (
        start > 0 and text[start - 1] in _TIED and at > 0 and spans[at - 1][1] == start - 1
    )
    tied_after = (
        text[end : end + 1] in _TIED and at + 1 < len(spans) and spans[at + 1][0] == end + 1
    )
    return tied_before or (tied_after and text[end] in "-‐‑–:/" and words[at + 1] != "million")


def _is_joined(text: str, spans: Sequence[tuple[int, int]], at: int) -> bool:
    return text[spans[at - 1][1] : spans[at][0]] in {" ", "\u00a0", "\u202f"}


def _goes_on(text: str, words: Sequence[str], spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether word `at` is three more digits of the number before it: 200 000."""
    parted = _is_joined(text, spans, at) and len(words[at - 1]) <= 3
    return parted and len(words[at]) == 3 and words[at].isdecimal() and words[at - 1].isdecimal()


def _is_named(text: str, words: Sequence[str], spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a number belongs to the capital before it: Flight 370, or an age, "Assad, 50, said"."""
    start, end = spans[at - 1]
    known = words[at - 1] in DAYS or words[at - 1] in MONTHS or words[at - 1] in NUMBER_WORDS
    gap, after = text[end : spans[at][0]], text[spans[at][1] : spans[at][1] + 1]
    return text[start].isupper() and not known and (gap == " " or (gap == ", " and after in ",."))


def _is_date(words: Sequence[str], at: int) -> bool:
    near = (*words[max(0, at - 1) : at], *words[at + 1 : at + 2])
    return bool(MONTHS.intersection(near)) and words[at].isdecimal() and int(words[at]) <= 31


def _noun(
    text: str,
    words: Sequence[str],
    spans: Sequence[tuple[int, int]],
    after: int,
    tells: Callable[[str], bool],
) -> str:
    """Return the word after the number if it tells what is counted, else nothing."""
    if after >= len(words) or not tells(words[after]) or not words[after][0].isalpha():
        return ""
    apart = text[spans[after - 1][1] : spans[after][0]].strip(" -‐‑\u00a0")
    return "" if apart or words[after] in DAYS or words[after] in MONTHS else words[after]


def _qualifier(words: Sequence[str], at: int) -> int:
    """Return how many words before the number belong to it."""
    for phrase in _QUALIFIERS:
        if tuple(words[max(0, at - len(phrase)) : at]) == phrase:
            return len(phrase)
    return 0
