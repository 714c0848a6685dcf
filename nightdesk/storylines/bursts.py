"""Which words come in bursts: "Ebola" fills the news of a few weeks, "police" stands in that of all weeks.

Comes in: the shipped table of bursts (derived counts, no text: `evaluation/bursts.py` makes it).  Goes out:
by stem, how far its reports crowd together in time, and what that makes a word count, since what comes in
bursts tells stories apart.  How common a word is in all does not say which it is (Church & Gale 1995, who ask
how words crowd in documents; here it is weeks).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from nightdesk.storylines.tables import parse, shipped

STEPS: Final = 10
"""Bursts are kept in such parts."""

_MORE: Final = 0.5
"""A word counts by so much more for each nat of burst."""

UNHEARD: Final = 0.2
"""Burst of a stem that no table has: what is so rare is mostly of one story."""

Bursts = Mapping[str, float]


def factor(burst: float) -> float:
    """Return how many times as much a stem counts as it does without bursts; `burst` is in nats."""
    return 1.0 + _MORE * burst


def parse_bursts(table: str) -> Bursts:
    """Read lines of `tenths<TAB>stems`."""
    return {stem: tenths / STEPS for stem, tenths in parse(table).items()}


@cache
def shipped_bursts() -> Bursts:
    """Return the bursts that come with Nightdesk."""
    return parse_bursts(shipped("bursts.tsv"))
