"""Brings the forms of a word together: Syria and Syrian, migrants and migration, сирийский and сирийских.

Comes in: folded words.  Goes out: stems, their first five letters.  Cutting words off is the oldest
stemmer, and for texts of a sentence the best that we measured (docs/why.md): it joins a country to
its people, which rules of grammar do not, and knows no language.
"""

from __future__ import annotations

LETTERS = 5
"""Letters of a word that make its stem."""


def stem(word: str) -> str:
    """Return the stem of a folded word; a number stays whole."""
    return word if word[:1].isdigit() else word[:LETTERS]
