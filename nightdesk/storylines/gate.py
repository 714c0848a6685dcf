"""The gate: which storylines could an article reach at all?  Bounds for all of them in a few array steps.

Comes in: compiled storylines, once; then readings, many times.  Goes out: the places of storylines
whose score could reach their floor, by an upper bound that is exact in words and title and generous in
entities and cues.  A storyline's bound depends on itself and the article alone, so what else is followed
never changes who is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines import weights
from nightdesk.storylines.profiles import Profiles
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Reading

if TYPE_CHECKING:
    from nightdesk.storylines.compile import CompiledStoryline

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

_MARGIN = 1e-4
"""Rounding must never shut the gate on a score that reaches the floor exactly."""


@dataclass(frozen=True)
class Gate:
    """Read-only.  A place is a storyline's number in the order in which it was given.

    By place: `told` is 1 where there is a profile, 0 where not; `short` is what words, title, entities
    and cues must add up to; `cosine` the least one to the profile that could suffice without the last two.
    """

    profiles: Profiles
    told: Floats
    short: Floats
    cosine: Floats

    @classmethod
    def of(cls, ordered: Sequence[CompiledStoryline], rarity: Rarity) -> Gate:
        """Build the gate of storylines that were compiled with `rarity`."""
        return cls(Profiles.of([s.profile for s in ordered], rarity), *_needs(ordered))

    def changed(self, added: Sequence[CompiledStoryline], dropped: Sequence[int]) -> Gate:
        """Return the gate with more storylines at its end, and shut for ever at `dropped` places."""
        told, short, cosine = map(
            np.concatenate, zip((self.told, self.short, self.cosine), _needs(added), strict=True)
        )
        short[list(dropped)] = cosine[list(dropped)] = np.inf
        profiles = self.profiles.with_more([s.profile for s in added]) if added else self.profiles
        return replace(self, profiles=profiles, told=told, short=short, cosine=cosine)

    def open_to(self, reading: Reading, gained: tuple[Numbers, Floats]) -> list[int]:
        """Return the places that the article may reach, ascending.

        `gained` says what the phrases found in it are worth at most: places, and gains beside them.
        """
        cosines = self.profiles.cosines(reading)
        open_ = cosines >= self.cosine
        places, gains = gained
        if len(places):
            best = self._likeness(cosines, places) + weights.TEXT.title * self.told[places]
            open_[places] = best + gains >= self.short[places]
        near = np.flatnonzero(open_)
        if not len(near):
            return []
        score = self._likeness(cosines, near)
        score += self.told[near] * weights.TEXT.title * self.profiles.title_shares(reading, near)
        if len(places):
            mentioned = np.searchsorted(places, near)
            mentioned[mentioned == len(places)] = 0
            score += np.where(places[mentioned] == near, gains[mentioned], 0.0)
        reached: list[int] = near[score >= self.short[near]].tolist()
        return reached

    def _likeness(self, cosines: Floats, places: Numbers) -> Floats:
        """Return what the words in common are worth at `places`."""
        likeness = np.log1p(cosines[places] / weights.TEXT.knee)
        likeness *= weights.TEXT.likeness * self.told[places]
        return likeness


def _needs(ordered: Sequence[CompiledStoryline]) -> tuple[Floats, Floats, Floats]:
    told = np.array([bool(s.profile) for s in ordered], np.float64)
    least = [s.floor - s.base - s.declared_least for s in ordered]
    short = np.array(least, np.float64) - _MARGIN
    likeness = (short - told * weights.TEXT.title) / weights.TEXT.likeness
    with np.errstate(over="ignore"):
        cosine = weights.TEXT.knee * np.expm1(likeness)
    return told, short, np.where(told + (short <= 0) > 0, cosine, np.inf)
