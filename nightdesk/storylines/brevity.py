"""How brief a text is: similarities of headlines and of articles are different things."""

from __future__ import annotations

from math import log

_BRIEF, _LONG = log(31.0), log(121.0)


def brevity(log_words: float) -> float:
    """Return 1 for texts of at most 30 words, 0 from 120 words on; ln(1 + words) comes in."""
    share = (_LONG - log_words) / (_LONG - _BRIEF)
    if share <= 0.0:
        return 0.0
    return 1.0 if share >= 1.0 else share
