"""Combining marks: accents and the like, which stand after the letter that they belong to.

Unicode normalisation sorts the marks of a letter, in a time that grows with the square of their number:
40,000 on one letter take a second.  Thirty are the most that any writing needs (Unicode Standard Annex 15,
Stream-Safe Text Format).
"""

from __future__ import annotations

import re
import unicodedata

MOST_MARKS = 30

# Marks are no word characters: a shorter run of such holds too few of them.
_RUN = re.compile(rf"[^\w\s\x00-\x7f]{{{MOST_MARKS + 1},}}")


def with_few_marks(text: str) -> str:
    """Return `text` with at most `MOST_MARKS` combining marks in a row."""
    return text if text.isascii() else _RUN.sub(_few, text)


def _few(run: re.Match[str]) -> str:
    kept, marks = [], 0
    for char in run[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)
