"""Names in a text, told by their capitals: "Ashton Carter", "al-Nusra Front", "Мария Захарова".

Comes in: a text, its folded words, their places, and its sentences.  Goes out: the names in order, and
all words that stand with a capital.  Where capitals tell nothing (headlines that capitalise each word,
German, shouting) only two of them in a row make a name, or none; scripts without capitals have none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from nightdesk.text.calendar import DAYS, MONTHS

LONGEST = 5
"""Words of a name that are kept."""

MANY = 0.3
"""Share of capitals inside sentences from which on they tell little; English news has 0.1 to 0.2."""

_ALL = 0.6
"""Share from which on they tell nothing."""

_JOINING = "al el de del della da di do dos van von der den bin ibn abu la le ter zu und of"
_PARTICLES = frozenset(_JOINING.split())
_ABBREVIATED = "mr mrs ms dr gen col lt sgt rep sen gov prof st"
_TITLES = frozenset(_ABBREVIATED.split())
_OPENING = frozenset("\"'“‘«„‹(")
_COMMON = 3.5
_LEAST = 0.1
_LONGEST_ACRONYM = 6
_HEADLINE = 6
_ODD_BEFORE = frozenset("@#/_.=&")
_JOINTS = frozenset({" ", "-", "‐", "‑", "’", "'", "\u00a0"})


class Name(NamedTuple):
    """Words `start` to `end` (end excluded) of the text."""

    start: int
    end: int


def names(
    text: str,
    words: Sequence[str],
    spans: Sequence[tuple[int, int]],
    sentences: Sequence[tuple[int, int]],
    weight: Callable[[str], float],
    *,
    share: float,
) -> list[Name]:
    """Return the names of a text, in order, repeated as they are repeated.

    `weight` tells how rare a folded word is, in nats, 0 for function words: those begin no name, and
    common words begin none at the head of a sentence.  A lone word there is a name only if it stands
    with a capital elsewhere too.  `share` is that of capitals (`share_of_capitals`).
    """
    if share >= _ALL:
        return []
    least = 2 if share >= MANY else 1
    capital = [text[start].isupper() for start, _ in spans]
    at_head = heads(text, spans, sentences)
    certain = {word for n, word in enumerate(words) if n not in at_head and capital[n]}

    def begins(at: int) -> bool:
        word, after = words[at], spans[at][1]
        least = _COMMON if at in at_head else _LEAST
        if word in DAYS or word in MONTHS or word in _TITLES:
            return False
        rare = weight(word)
        return rare >= least or (rare > 0 and word in certain) or text[after : after + 2] == ". "

    found = []
    for start, end in sentences:
        if end - start >= _HEADLINE and sum(capital[start + 1 : end]) > _ALL * (end - start - 1):
            continue
        for capital_at, last in _runs(text, words, spans, capital, start, end):
            opens = (n for n in range(capital_at, last) if begins(n))
            first = next(opens, last)
            lone = last - first == 1 and first in at_head and words[first] not in certain
            if last - first >= least and not lone and _may_be(text, spans, first, last):
                found.append(Name(first, min(last, first + LONGEST)))
    return found


def _may_be(text: str, spans: Sequence[tuple[int, int]], first: int, last: int) -> bool:
    """Whether it is no shouting ("READ MORE"), no handle and no part of an address."""
    start, end = spans[first][0], spans[last - 1][1]
    told = text[start:end]
    shouts = told.isupper() and (last - first > 1 or len(told) > _LONGEST_ACRONYM)
    odd = text[start - 1 : start] in _ODD_BEFORE or any(c.isdigit() for c in told)
    return not (shouts or (start > 0 and odd))


def heads(
    text: str, spans: Sequence[tuple[int, int]], sentences: Sequence[tuple[int, int]]
) -> set[int]:
    """Return the words that may have a capital for where they stand: at the head of a sentence, or of what
    somebody is quoted with.
    """
    opening = {n for n in range(1, len(spans)) if text[spans[n][0] - 1] in _OPENING}
    return {start for start, _ in sentences} | opening


def share_of_capitals(
    text: str,
    words: Sequence[str],
    spans: Sequence[tuple[int, int]],
    sentences: Sequence[tuple[int, int]],
) -> float:
    """Return which share of the words inside sentences has a capital; 1 where there is none inside."""
    heads = {start for start, _ in sentences}
    inside = [n for n in range(len(words)) if n not in heads and words[n].isalpha()]
    return sum(text[spans[n][0]].isupper() for n in inside) / len(inside) if inside else 1.0


def capitalised(
    text: str, words: Sequence[str], spans: Sequence[tuple[int, int]]
) -> dict[str, None]:
    """Return the folded words that stand with a capital anywhere, in order."""
    return {
        word: None for word, (start, _) in zip(words, spans, strict=True) if text[start].isupper()
    }


def _runs(
    text: str,
    words: Sequence[str],
    spans: Sequence[tuple[int, int]],
    capital: Sequence[bool],
    start: int,
    end: int,
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of words that begin and end with a capital and stand together."""
    at = start
    while at < end:
        if not capital[at]:
            at += 1
            continue
        first, last = at, at + 1
        while last < end:
            gap = text[spans[last - 1][1] : spans[last][0]]
            tied = gap in _JOINTS or (gap == ". " and _is_initial(text, words, spans, last - 1))
            if not tied:
                break
            if capital[last]:
                last += 1
            elif words[last] in _PARTICLES and last + 1 < end and capital[last + 1]:
                last += 2
            else:
                break
        yield first, last
        at = last


def _is_initial(text: str, words: Sequence[str], spans: Sequence[tuple[int, int]], at: int) -> bool:
    start, end = spans[at]
    return (end - start == 1 and text[start].isupper()) or words[at] in _TITLES
