"""Finds the words that an article has in common with a storyline, and what each of them earns.

Comes in: a reading, a compiled storyline.  Goes out: the heaviest `Shared` words, each where it first stands,
and the text of the storyline that is nearest.  All by numbers: to name words takes longer than to weigh them.
"""

from __future__ import annotations

from math import log1p
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nightdesk.storylines import days, weights
from nightdesk.storylines.packed import Packed
from nightdesk.storylines.reading import Found, Reading

if TYPE_CHECKING:
    from nightdesk.storylines.compile import CompiledStoryline

_WORDS = 12
_NAMED = 6


class Shared(NamedTuple):
    """A word as it first stands in the article, and its part of what the words in common are worth."""

    place: Found
    word: str
    worth: float


def in_common(reading: Reading, storyline: CompiledStoryline) -> list[Shared]:
    """Return the heaviest words in common, the heaviest first; of equals the alphabet decides."""
    if not storyline.profile:
        return []
    profile, told = storyline.profile, reading.told(storyline.rarity.lexicon)
    cosine, _ = reading.meets(storyline.rarity, profile)
    if cosine <= 0.0:
        return []
    both, at = told.found(np.frombuffer(profile.rows, np.int32))
    products = np.frombuffer(profile.weights, np.float64).take(both) * told.values.take(at)
    products = days.counted(products, at >= told.plain) / told.norm
    heaviest = (-products).argsort(kind="stable")[:_WORDS]
    worth = weights.TEXT.likeness * log1p(cosine / weights.TEXT.knee)
    firsts = told.firsts.take(at.take(heaviest)).tolist()
    parts = products.take(heaviest).tolist()
    worths: dict[tuple[Found, str], float] = {}
    for first, part in zip(firsts, parts, strict=True):
        word = reading.word(first)
        worths[word] = worths.get(word, 0.0) + worth * part / cosine
    # A day is several hints, and one word for whoever reads of it.
    shared = [Shared(*word, value) for word, value in worths.items()]
    return sorted(shared, key=lambda one: -one.worth) if len(shared) < len(parts) else shared


def named(shared: list[Shared], packed: Packed, storyline: CompiledStoryline) -> str:
    """Say which text of the storyline is nearest to an article, how near, and by which words."""
    near = storyline.shelf.likeness(packed).tolist()
    best = near.index(max(near))
    words = ", ".join(one.word for one in shared[:_NAMED])
    return f"close to {storyline.labels[best]} ({near[best]:.2f}): {words}"
