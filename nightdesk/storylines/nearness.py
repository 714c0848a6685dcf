"""Measures how near an article's words come to a storyline's, for `decide` to judge by.

Comes in: a reading, a compiled storyline, and an index where there are rivals.  Goes out: `Likeness`, what
a candidate carries, and the rivals that the article comes near to.
"""

from __future__ import annotations

from collections.abc import Mapping

from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Reading
from schemas import Likeness, Rival

_MOST_RIVALS = 3
_DIGITS = 6


class Nearness:
    """One article's words, measured once for all the storylines that look at it."""

    def __init__(self, reading: Reading, rarity: Rarity) -> None:
        self._reading = reading
        self._rarity = rarity
        self._terms = ""
        self._sketch = ""
        self._cosines: dict[str, float] = {}

    def likeness(self, storyline: CompiledStoryline) -> Likeness:
        """Return how near the article comes to `storyline`, and what it is compared by later."""
        if not self._sketch:
            self._terms = self._reading.packed(self._rarity).to_text()
            self._sketch = self._reading.sketch().to_text()
        return Likeness(
            cosine=self.cosine(storyline),
            words=self._reading.length,
            terms=self._terms,
            sketch=self._sketch,
        )

    def rivals(
        self, storyline: CompiledStoryline, storylines: Mapping[str, CompiledStoryline]
    ) -> tuple[Rival, ...]:
        """Return the declared rivals that the article is nearest to; those not in force are left out."""
        if not storyline.definition.rivals:
            return ()
        found = [
            (self.cosine(rival), name)
            for name in storyline.definition.rivals
            if (rival := storylines.get(name)) is not None and rival.profile
        ]
        best = sorted(found, key=lambda item: (-item[0], item[1]))[:_MOST_RIVALS]
        return tuple(Rival(storyline=name, cosine=cosine) for cosine, name in best)

    def cosine(self, storyline: CompiledStoryline) -> float:
        """Return the cosine of the article and the storyline's profile, 0 where it has none."""
        known = self._cosines.get(storyline.id)
        if known is None:
            cosine, _ = self._reading.meets(self._rarity, storyline.profile)
            known = self._cosines[storyline.id] = round(cosine, _DIGITS)
        return known
