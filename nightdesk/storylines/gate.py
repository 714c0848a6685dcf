"""The gate: which storylines could an article reach at all?  Bounds for all of them in a few array steps.

Comes in: compiled storylines, once; then readings, many times.  Goes out: the places of storylines
whose score could reach their floor, by an upper bound that is exact in words and title and generous in
entities and cues.  First all places by what `Profiles` files, then the few that are left by all they hold.
A storyline's bound depends on itself and the article alone, so what else is followed never changes who is
named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log1p
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines import weights
from nightdesk.storylines.mentions import lifts
from nightdesk.storylines.profiles import Profiles
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Reading

if TYPE_CHECKING:
    from nightdesk.storylines.compile import CompiledStoryline

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

_MARGIN = 1e-4
"""Rounding must never shut the gate on a score that reaches the floor exactly."""

_LEFT_OUT, _LEFT_OUT_OF_FEW = 0.88, 0.5
"""So much of the cosine that a storyline asks for may be missing in the lists of `Profiles`: more shortens
them, but lets more storylines through that are then looked at one by one.  Lists of few are short anyway."""

_FEW = 1_000


@dataclass(frozen=True)
class Gate:
    """Read-only.  A place is a storyline's number in the order in which it was given.

    By place: `short` is what words, title, entities and cues must add up to; `reach` is what the cosine to
    the profile must come to where the whole title but no firm entity or cue is met, `least` what it must
    whatever is met.
    """

    profiles: Profiles
    rarity: Rarity
    short: Floats
    reach: Floats
    least: Floats

    @classmethod
    def of(cls, ordered: Sequence[CompiledStoryline], rarity: Rarity) -> Gate:
        """Build the gate of storylines that were compiled with `rarity`."""
        short, reach, asked = _needs(ordered)
        leeway = _leeway(asked, len(ordered))
        profiles = Profiles.of([s.profile for s in ordered], leeway, rarity.lexicon)
        return cls(profiles, rarity, short, reach, _least(ordered))

    def changed(self, added: Sequence[CompiledStoryline], dropped: Sequence[int]) -> Gate:
        """Return the gate with more storylines at its end, and shut for ever at `dropped` places."""
        more_short, more_reach, asked = _needs(added)
        short = np.concatenate((self.short, more_short))
        reach = np.concatenate((self.reach, more_reach))
        least = np.concatenate((self.least, _least(added)))
        short[list(dropped)] = reach[list(dropped)] = np.inf
        profiles = self.profiles
        if added:
            leeway = _leeway(asked, len(short))
            profiles = profiles.with_more([s.profile for s in added], leeway)
        return replace(self, profiles=profiles, short=short, reach=reach, least=least)

    def open_to(self, reading: Reading, gained: tuple[Numbers, Floats]) -> list[int]:
        """Return the places that the article may reach, ascending.

        `gained` says what the firm phrases found in it are worth at most: places, and gains beside them.
        """
        article = reading.told(self.profiles.lexicon)
        bounds = self.profiles.bounds(article)
        open_ = bounds >= self.reach
        places, gains = gained
        if len(places):
            knee = weights.TEXT.knee
            lifted = (bounds.take(places) + knee) * np.exp(gains / weights.TEXT.likeness)
            open_[places] = lifted >= self.reach.take(places) + knee
        near = open_.nonzero()[0]
        if not len(near):
            return []
        asked: list[int] = near[bounds.take(near) >= self.least.take(near)].tolist()
        worth = dict(zip(places.tolist(), gains.tolist(), strict=True))
        met = self.profiles.meet(asked, article, reading, self.rarity)
        return [
            place
            for place, (cosine, share) in zip(asked, met, strict=True)
            if cosine >= self.least[place]
            and _worth(cosine, share) + worth.get(place, 0.0) >= self.short[place]
        ]


def _worth(cosine: float, share: float) -> float:
    """Return what words in common are worth, and the title's share of them."""
    return weights.TEXT.likeness * log1p(cosine / weights.TEXT.knee) + weights.TEXT.title * share


def _least(ordered: Sequence[CompiledStoryline]) -> Floats:
    least = np.array([s.least_cosine for s in ordered], np.float64)
    return least - _MARGIN


def _needs(ordered: Sequence[CompiledStoryline]) -> tuple[Floats, Floats, Floats]:
    """Return `short` and `reach` of each storyline, and the cosine that it asks for.

    Faint phrases are looked for only where the gate has opened, so all of them are taken for found.  And
    a name that many articles mention must not lift the bound of all that have it: the cosine is the one
    which is asked for beside it.
    """
    told = np.array([bool(s.profile) for s in ordered], np.float64)
    lifted = [lifts(s) for s in ordered]
    least = [
        s.floor - s.base - s.declared_least - lift.faint
        for s, lift in zip(ordered, lifted, strict=True)
    ]
    short = np.array(least, np.float64) - _MARGIN
    likeness = (short - told * weights.TEXT.title) / weights.TEXT.likeness
    often = np.array([lift.often for lift in lifted], np.float64)
    with np.errstate(over="ignore"):
        reach = weights.TEXT.knee * np.expm1(likeness)
        asked = weights.TEXT.knee * np.expm1(likeness - often / weights.TEXT.likeness)
    return short, reach, asked


def _leeway(asked: Floats, storylines: int) -> list[float]:
    """Return how much of each profile may be left out of the lists, among so many storylines."""
    share = _LEFT_OUT if storylines >= _FEW else _LEFT_OUT_OF_FEW
    # No cosine is above one.
    leeway: list[float] = (np.clip(asked, 0.0, 1.0) * share).tolist()
    return leeway
