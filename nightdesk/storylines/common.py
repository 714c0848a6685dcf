"""Finds the words that an article has in common with a storyline, and what each of them earns.

Comes in: a reading, a compiled storyline.  Goes out: the heaviest `Shared` words, each where it first stands,
and the text of the storyline that is nearest.  All by numbers: to name words takes longer than to weigh them.
"""

from __future__ import annotations

from math import log1p
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nightdesk.storylines import weights
from nightdesk.storylines.packed import Packed
from nightdesk.storylines.reading import Found, Reading

if TYPE_CHECKING:
    from nightdesk.storylines.compile import CompiledStoryline

_WORDS = 12
_NAMED = 6

_NUMBER = np.dtype(np.intc)


class Shared(NamedTuple):
    """A word as it first stands in the article, and its part of what the words in common are worth."""

    place: Found
    word: str
    worth: float


def in_common(reading: Reading, storyline: CompiledStoryline) -> list[Shared]:
    """Return the heaviest words in common, the heaviest first; of equals the alphabet decides."""
    lexicon, profile = storyline.rarity.lexicon, storyline.profile
    said, weighed = reading.said(lexicon), reading.numbered(lexicon)
    if not len(weighed.rows):
        return []
    rows = np.frombuffer(profile.rows, _NUMBER)
    at = weighed.rows.searchsorted(rows)
    at[at == len(weighed.rows)] = 0
    both = np.flatnonzero((weighed.rows[at] == rows) & (weighed.values[at] > 0.0))
    if not len(both):
        return []
    products = np.frombuffer(profile.weights)[both] * weighed.values[at[both]] / weighed.norm
    cosine = min(1.0, float(products.sum()))
    heaviest = np.argsort(-products, kind="stable")[:_WORDS]
    worth = weights.TEXT.likeness * log1p(cosine / weights.TEXT.knee)
    firsts = [int((said == row).argmax()) for row in rows[both[heaviest]].tolist()]
    parts = products[heaviest].tolist()
    return [
        Shared(*reading.word(first), worth * part / cosine)
        for first, part in zip(firsts, parts, strict=True)
    ]


def named(shared: list[Shared], packed: Packed, storyline: CompiledStoryline) -> str:
    """Say which text of the storyline is nearest to an article, how near, and by which words."""
    near = storyline.shelf.likeness(packed).tolist()
    best = near.index(max(near))
    words = ", ".join(one.word for one in shared[:_NAMED])
    return f"close to {storyline.labels[best]} ({near[best]:.2f}): {words}"
