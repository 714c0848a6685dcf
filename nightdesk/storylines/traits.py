"""What makes words of equal rarity tell more: that they are names, and that they come in bursts.

Comes in: a shipped table for each trait (derived counts, no text).  Goes out: by stem, how much it has of the
trait, and what that makes it count.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from nightdesk.storylines.tables import parse_tenths, shipped

Traits = Mapping[str, float]
"""How much of a trait each stem has."""


class Trait(NamedTuple):
    """A stem counts by `more` more for each whole of it; one that no table has is held to have `unheard`."""

    table: str
    more: float
    unheard: float

    def factor(self, value: float) -> float:
        """Return how many times as much a stem counts that has so much of it."""
        return 1.0 + self.more * value


NAMES: Final = Trait("names.tsv", more=0.5, unheard=0.9)
"""Which share of a stem's words stands with a capital inside sentences (`evaluation/names.py`): "Ebola",
"Kiev" and "Merkel" say more of what a report is about than "spokesman".  What American news hardly mentions
is mostly a name."""

BURSTS: Final = Trait("bursts.tsv", more=0.5, unheard=0.2)
"""How far a stem's reports crowd together in time, in nats (`evaluation/bursts.py`): "Ebola" fills the news
of a few weeks, "police" stands in that of all, and what comes in bursts tells stories apart.  How common a
word is in all does not say which it is (Church & Gale 1995, who ask how words crowd in documents; here it is
weeks).  What is so rare that no table has it is mostly of one story."""


@cache
def shipped_traits(trait: Trait) -> Traits:
    """Return how much of a trait each stem has, as it comes with Nightdesk."""
    return parse_tenths(shipped(trait.table))
