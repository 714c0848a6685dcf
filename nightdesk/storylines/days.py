"""Which days a text names, so that reports that name the same day, or near ones, have words in common.

Comes in: the tokens of a text, and when its report came.  Goes out: a `Hint` for each day that is told by month and
day ("May 3", "3 de mayo", "3 мая", "5月3日"), for the day before and after it, and for the two months it lies in, by
the calendar and from middle to middle.  What tells two trials of one man apart is mostly when they were.  Years are
words of their own already.  A day about when the report came is told by itself alone: all that came then may name it,
and how near reports are in time the model knows from their dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache

from nightdesk.storylines.hints import Hint
from nightdesk.text.months import IN_TEXTS, SIGN
from nightdesk.text.tokens import Tokens

MOST = 12
"""Days of one text; what names more is a calendar."""

_OWN = timedelta(days=3)
"""A day that is no further from when the report came is its own."""

_LEAP = 2_000
_MIDDLE = 15
_ONE = timedelta(days=1)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
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


def _named(tokens: Tokens) -> Iterator[tuple[date, int, int]]:
    """Yield days of a leap year, each with the words that name it, from the first to the last (excluded)."""
    months = tokens.months()
    if not months:
        return
    words, free = tokens.words, 0
    for at in months:
        for number, start, end in _sides(words, at, free):
            month = _figure(words[at - 1]) if words[at] == SIGN else IN_TEXTS[words[at]]
            day = _day(month, _figure(words[number]))
            if day is not None:
                yield day, start, end
                free = end
                break


def _sides(words: Sequence[str], at: int, free: int) -> Iterator[tuple[int, int, int]]:
    """Yield where the day may stand whose month is at `at`, and from where to where the two do.

    Before the month nothing counts that a date has taken, up to `free`; a year behind the day says that it
    follows.
    """
    after, end = at + 1, at + 2
    if words[at] == SIGN:
        if 0 < at and after < len(words):
            yield after, at - 1, end
        return
    follows = after < len(words)
    if follows and end < len(words) and _YEAR.fullmatch(words[end]):
        yield after, at, end
    before = at - 1 - (at > 1 and words[at - 1] in _BETWEEN)
    if before >= free:
        yield before, before, after
    if follows:
        yield after, at, end


def _figure(word: str) -> int:
    """Return the number that a word begins a date with, 0 where it is none."""
    number = _NUMBER.fullmatch(word)
    return int(number[1]) if number else 0


def _day(month: int, number: int) -> date | None:
    try:
        return date(_LEAP, month, number)
    except ValueError:
        return None


def _apart(day: date, came: datetime) -> timedelta:
    """Return how far apart two days are in any one year."""
    apart = abs(day - came.date().replace(year=_LEAP))
    return min(apart, timedelta(days=366) - apart)


@cache
def _words(day: date) -> tuple[str, ...]:
    """Return the words for a day, its own first; no text says them."""
    near = (day, day - _ONE, day + _ONE)
    middle = day if day.day > _MIDDLE else day.replace(day=1) - _ONE
    return (
        *(f"{_MONTHS[one.month - 1]}{one.day:02}" for one in near),
        f"={_MONTHS[day.month - 1]}",
        f"~{_MONTHS[middle.month - 1]}",
    )
