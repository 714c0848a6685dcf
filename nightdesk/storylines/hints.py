"""Hints: words that a text is weighed as if it said, for what it names in other words.

Of `places` countries come, of `days` the days that a text names.  Nothing else is told by them: entities,
cues and phrases are not met by a hint, and what is quoted is what was written.
"""

from __future__ import annotations

from typing import NamedTuple


class Hint(NamedTuple):
    """`word` stands for what words `start` to `end` (excluded) of a text mention."""

    word: str
    start: int
    end: int
