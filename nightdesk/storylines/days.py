"""Which days a text names, so that reports that name the same day, or near ones, have words in common.

Comes in: the tokens of a text, and when its report came.  Goes out: in place of the words that name a day
by month and day ("May 3", "3 de mayo", "3 мая", "5月3日") a `Hint` for it, for the day before and after, and
for the two months it lies in, by the calendar and from middle to middle.  What tells two trials of one man
apart is mostly when they were; and since much else is told of any day, days count for no more than the words
that two texts have in common.  Years are words of their own already.

A day about when the report came is told by itself alone: all that came then may name it, and how near
reports are in time the model knows from their dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from math import fsum, sqrt

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.hints import Hint
from nightdesk.storylines.lexicon import Told
from nightdesk.storylines.vectors import norm_of
from nightdesk.text.months import IN_TEXTS, SIGN
from nightdesk.text.tokens import Tokens

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST = 12
"""Days of one text; what names more is a calendar."""

SHARE = 0.5
"""All days of a text together count for at most so much of what its words do, in squares: reports of one day
are mostly of other things, so that a day may tell like from like and must not make two reports alike."""

_OWN = timedelta(days=3)
"""A day that is no further from when the report came is its own."""

_LEAP = 2_000
_YEARS_DAYS = [date(_LEAP, 1, 1) + timedelta(days=number) for number in range(366)]
_DAYS = {(day.month, day.day): day for day in _YEARS_DAYS}
_MIDDLE = 15
_ONE = timedelta(days=1)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBER = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|er|º|ª)?")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_BETWEEN = frozenset(["of", "de", "del", "di", "do", "da", "го"])


def hints(tokens: Tokens, came: datetime | None = None) -> Iterator[Hint]:
    """Yield the hints for the days that a text names, those first that it names first."""
    named: set[date] = set()
    for day, start, end in _named(tokens):
        own = came is not None and _apart(day, came) <= _OWN
        if day not in named and len(named) == MOST:
            return
        named.add(day)
        for word in _words(day)[: 1 if own else None]:
            yield Hint(word, start, end)


def bounded(told: Told, first: int) -> Told:
    """Return the terms of a text in which days begin at word `first`, with these bounded."""
    plain = int(told.firsts.searchsorted(first))
    squares = told.values * told.values
    of_days = float(np.add.reduce(squares[plain:]))
    most = SHARE * float(np.add.reduce(squares[:plain]))
    told = told._replace(plain=plain)
    if of_days <= most:
        return told
    values = told.values.copy()
    values[plain:] *= sqrt(most / of_days)
    return told._replace(values=values, norm=norm_of(values))


def counted(products: Floats, of_days: Flags) -> Floats:
    """Return the products of two texts' weights as they count: those `of_days` together come to no more than
    the others.
    """
    if not of_days.any():
        return products
    words, days = fsum(products[~of_days].tolist()), fsum(products[of_days].tolist())
    return products if days <= words else np.where(of_days, products * (words / days), products)


def _named(tokens: Tokens) -> Iterator[tuple[date, int, int]]:
    """Yield days of a leap year, each with where the words that name it begin and end (excluded)."""
    free, size = 0, len(tokens)
    for at in tokens.months():
        word = tokens.word(at)
        if word == SIGN:
            month = _figure(tokens, at - 1) if at else 0
            sides = [(at + 1, at - 1, at + 2)]
        else:
            month, sides = IN_TEXTS[word], _sides(tokens, at, free)
        for number, start, end in sides:
            day = _DAYS.get((month, _figure(tokens, number))) if number < size else None
            if day is not None:
                yield day, start, end
                free = end
                break


def _sides(tokens: Tokens, at: int, free: int) -> list[tuple[int, int, int]]:
    """Return where the day may stand whose month is at `at`, and from where to where the two do.

    Before the month nothing counts that a date has taken, up to `free`; a year behind the day says that it
    follows.
    """
    before = at - 1
    if before > 0 and tokens.word(before) in _BETWEEN:
        before -= 1
    sides = [(at + 1, at, at + 2)]
    if before >= free:
        sides.append((before, before, at + 1))
    dated = at + 2 < len(tokens) and _YEAR.fullmatch(tokens.word(at + 2))
    return sides if dated else sides[::-1]


def _figure(tokens: Tokens, at: int) -> int:
    """Return the number that a word begins a date with, 0 where it is none."""
    number = _NUMBER.fullmatch(tokens.word(at))
    return int(number[1]) if number else 0


def _apart(day: date, came: datetime) -> timedelta:
    """Return how far apart two days are in any one year."""
    apart = abs(day - came.date().replace(year=_LEAP))
    return min(apart, timedelta(days=366) - apart)


@cache
def _words(day: date) -> tuple[str, ...]:
    """Return the words for a day, its own first; no text says them."""
    near = (day, day - _ONE, day + _ONE)
    middle = day if day.day > _MIDDLE else day.replace(day=1) - _ONE
    months = (f"={_MONTHS[day.month - 1]}", f"~{_MONTHS[middle.month - 1]}")
    return (*[f"{_MONTHS[one.month - 1]}{one.day:02}" for one in near], *months)


NUMBERS: Mapping[str, int] = {
    word: number
    for number, word in enumerate(
        dict.fromkeys(word for day in _DAYS.values() for word in _words(day))
    )
}
"""All words that stand for days, 390 of them."""
