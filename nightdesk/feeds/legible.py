"""Legibility: whether a text that was decoded by guess looks like words of somebody.

Comes in: text.  Goes out: a number.  A wrong charset shows where letters meet: signs stand inside words,
capitals after small letters, letters of one script next to those of another, whole texts are in capitals or
have no vowels.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise

_ENOUGH = 20
_VOWELS = frozenset("аеёиоуыэюяіїєў")
_BETWEEN_WORDS = frozenset("’‘‚“”„–—…«»‹›\u00a0·•")


def legibility(text: str) -> float:
    """Return the share of neighbours, one of them not ASCII, that may stand next to each other: 0 to 1."""
    good = bad = 0.0
    for one, other in pairwise(text):
        if (one.isascii() and other.isascii()) or not (one.isalpha() or other.isalpha()):
            continue
        if one.isascii() != other.isascii() and not (one.isalpha() and other.isalpha()):
            # The edge of a word, save where a sign that is not ASCII leans on a letter.
            sign = other if one.isascii() else one
            if sign.isalpha() or sign in _BETWEEN_WORDS:
                continue
            bad += 1
            continue
        fit = _fit(one, other)
        good += fit
        bad += 1 - fit
    share = good / (good + bad) if good + bad else 1.0
    return share / 2 if _cannot_be_said(text) else share


def _cannot_be_said(text: str) -> bool:
    """Tell whether there is much Cyrillic with few vowels (it was Hebrew), or more of the accents of Latin
    than of its plain letters (it was Cyrillic)."""
    cyrillic = [char for char in text.lower() if "\u0400" <= char <= "\u04ff"]
    if len(cyrillic) >= _ENOUGH:
        return sum(map(_VOWELS.__contains__, cyrillic)) < 0.3 * len(cyrillic)
    accents = sum("\u00c0" <= char <= "\u024f" for char in text)
    plain = sum(char.isascii() and char.isalpha() for char in text)
    return accents >= _ENOUGH and accents > plain


def _fit(one: str, other: str) -> float:
    if one in _BETWEEN_WORDS or other in _BETWEEN_WORDS:
        return 1.0
    if _script(one) != _script(other):
        return 0.0
    if other.isupper():
        return 0.5 if one.isupper() else 0.0
    return 1.0


@lru_cache(maxsize=4_096)
def _script(char: str) -> str:
    """Return the script of a letter or a mark; "" for a sign, which fits to none."""
    if unicodedata.category(char)[0] not in "LM":
        return f"sign {char}"
    return unicodedata.name(char, "").partition(" ")[0]
