"""Which words are names: "Ebola", "Kiev" and "Merkel" say more of what a report is about than "spokesman".

Comes in: the shipped table of shares (derived counts, no text: `evaluation/names.py` makes it).  Goes out: by
stem, which share of its words stands with a capital inside sentences; and what that makes a word count.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from nightdesk.storylines.tables import parse, shipped

STEPS: Final = 10
"""Shares are kept in such parts."""

_MORE: Final = 0.5
"""A name counts by so much more than a word that is equally rare and never one."""

UNHEARD: Final = 0.9
"""Share of a stem that the table does not have: what American news hardly mentions is mostly a name."""

Shares = Mapping[str, float]


def factor(share: float) -> float:
    """Return how many times as much a stem counts as its rarity says."""
    return 1.0 + _MORE * share


def parse_shares(table: str) -> Shares:
    """Read lines of `tenths<TAB>stems`."""
    return {stem: tenths / STEPS for stem, tenths in parse(table).items()}


@cache
def shipped_shares() -> Shares:
    """Return the shares that come with Nightdesk."""
    return parse_shares(shipped("names.tsv"))
