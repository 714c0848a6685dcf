"""Forms of Russian nouns that folding keeps apart: переговоры and переговоров, забастовка and забастовок.

Comes in: a word as it is written in a phrase, and folded.  Goes out: the folded forms that it is looked for
by besides.  They are of phrases alone: a text that lost "-ов" would take Песков for песка.  So what has a
capital, as names have, gets none but those of a plural in -ы.
"""

from __future__ import annotations

import unicodedata

_CASES = frozenset(["", "а", "у", "е", "ы", "и", "ом", "ем", "ам", "ах", "ами"])
"""Endings, as folding takes them off, of words that may be nouns with a genitive plural in -ов."""

_VOWELS = frozenset("аеиоуыэюя")
_HUSHING = frozenset("жчшщ")
"""Behind these the genitive plural ends in -ей, which folding takes off."""

_SINGULAR = frozenset(
    [
        "вызов",
        "засов",
        "напев",
        "обогрев",
        "остров",
        "отсев",
        "перегрев",
        "покров",
        "посев",
        "распев",
        "улов",
    ]
)
"""Words whose -ов is no ending."""

_LEAST = 3
"""Letters that are left of a word."""


def other_endings(raw: str, folded: str) -> tuple[str, ...]:
    """Return the folded forms of a noun that `folded` does not find; empty for words that are none."""
    ending = _bare(raw)[len(folded) :]
    if not "а" <= folded[0] <= "я" or len(folded) < _LEAST or ending not in _CASES:
        return ()
    if raw[1:] != raw[1:].lower() or not (raw[0].islower() or ending == "ы"):
        return ()
    stem = folded
    if not ending and folded[-2:] in {"ов", "ев"} and folded not in _SINGULAR:
        stem = folded[:-2]
        return (stem, *_fleeting(stem)) if len(stem) >= _LEAST else ()
    if not ending and folded[-2:] in {"ок", "ек", "ец"} and len(folded) > _LEAST + 1:
        stem = folded[:-2] + folded[-1]
    others = (stem, *_genitives(stem), *_fleeting(stem))
    return tuple(form for form in dict.fromkeys(others) if form != folded)


def _bare(raw: str) -> str:
    """Return a word without case and accents, as folding reads it before it takes endings off."""
    apart = unicodedata.normalize("NFKD", raw)
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


def _genitives(stem: str) -> tuple[str, ...]:
    if stem[-1] in _HUSHING:
        return ()
    if stem[-1] in _VOWELS:
        return (f"{stem}ев",)
    return (f"{stem}ев", f"{stem}ов") if stem[-1] == "ц" else (f"{stem}ов",)


def _fleeting(stem: str) -> tuple[str, ...]:
    """Return a stem in two consonants with the vowel that stands between them where no ending follows."""
    if len(stem) < _LEAST or stem[-2] in _VOWELS or stem[-1] not in "кц":
        return ()
    before, last = stem[:-1], stem[-1]
    return (f"{before}ец",) if last == "ц" else (f"{before}ек", f"{before}ок")
