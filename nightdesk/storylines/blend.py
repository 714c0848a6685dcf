"""Blends what two texts have in common in words with what they have in common in meaning.

Comes in: cosines of words, and of an encoder's vectors where both texts have one.  Goes out: one likeness
on the scale of words alone, so that all that is made of likenesses need not know.  The cosine of two vectors
is squared: reports of other things come to .1 to .3 there, and to nothing in words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEANING = 0.3
"""What the meaning counts in a likeness; words have the rest."""


def meant(cosines: Floats) -> Floats:
    """Return what cosines of vectors say on the scale of words."""
    near = np.maximum(0.0, cosines)
    result: Floats = near * near
    return result


def blended(words: Floats, cosines: Floats) -> Floats:
    """Return the likeness of texts; by words alone where the cosine of their vectors is NaN."""
    both = (1.0 - MEANING) * words + MEANING * meant(cosines)
    result: Floats = np.where(np.isnan(cosines), words, both)
    return result
