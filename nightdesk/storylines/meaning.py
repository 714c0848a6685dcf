"""Gives meaning to what is compared: storylines and candidates, by an encoder, beside their words.

Comes in: a compiled storyline, or what a candidate is compared by, and an encoder or its vector.  Goes out:
the same with vectors, and how near a report comes to the storyline by both.  Long texts have words enough,
and are left to them (docs/why.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from nightdesk.dense.encoder import Encoder, text_of
from nightdesk.dense.vectors import cosines, to_text
from nightdesk.storylines.blend import MEANING, meant
from nightdesk.storylines.compile import DESCRIPTION_WEIGHT, CompiledStoryline, alike_of
from nightdesk.storylines.shelf import Shelf
from nightdesk.text.tokens import Tokens
from schemas import Candidate

MOST_WORDS = 120
"""Of longer texts words tell more than meaning does, and an encoder takes its time with them."""

_LEAST = 1e-6
_DESCRIPTION = "description"


@dataclass(frozen=True)
class Meaning:
    """What the storyline's texts have in common in meaning.  `shares` is what each counts in the profile."""

    shares: NDArray[np.float64]
    words_mass: float
    mass: float


def with_meaning(storyline: CompiledStoryline, encoder: Encoder) -> CompiledStoryline:
    """Return the storyline with vectors of its texts; as it is where one of them can have none."""
    read = [_text(storyline, label) for label in storyline.labels]
    if not read or any(_long(text) for text in read):
        return storyline
    vectors = encoder.encode(read)
    if not all(vectors):
        return storyline
    words = storyline.shelf.texts()
    shelf = Shelf([replace(text, meaning=v) for text, v in zip(words, vectors, strict=True)])
    shares = np.array(_shares(storyline.labels))
    among = np.array([meant(cosines(vector, vectors)) for vector in vectors])
    words_mass = storyline.told.mass
    mass = sqrt((1.0 - MEANING) * words_mass**2 + MEANING * float(shares @ among @ shares))
    exemplars = shelf.texts()[: storyline.told.exemplars]
    told = storyline.told._replace(mass=mass, alike=alike_of(exemplars))
    meaning = Meaning(shares, words_mass, mass)
    return replace(storyline, shelf=shelf, told=told, meaning=meaning)


class Meanings:
    """Storylines with meaning, each encoded when it is first asked for: most never have a candidate."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, tuple[CompiledStoryline, CompiledStoryline]] = {}

    def of(self, storyline: CompiledStoryline) -> CompiledStoryline:
        """Return the storyline with meaning; the same object until it is compiled anew."""
        known = self._known.get(storyline.id)
        if known is None or known[0] is not storyline:
            known = self._known[storyline.id] = storyline, with_meaning(storyline, self._encoder)
        return known[1]


def standing_of(
    storyline: CompiledStoryline, cosine: float, rival: float | None, vector: bytes
) -> tuple[float, float | None]:
    """Return how near a report comes to the profile and to the best rival, whose cosines of words are given.

    Which of two storylines it is nearer to, the words tell: the rival keeps its share.
    """
    both = _cosine(storyline, cosine, vector)
    if rival is not None and both != cosine:
        rival = min(1.0, rival * both / max(cosine, _LEAST))
    return both, rival


def _cosine(storyline: CompiledStoryline, cosine: float, vector: bytes) -> float:
    meaning = storyline.meaning
    if meaning is None or not vector:
        return cosine
    near = meant(cosines(vector, storyline.shelf.meanings()))
    if np.isnan(near).any():
        return cosine
    words = (1.0 - MEANING) * meaning.words_mass * cosine
    both = (words + MEANING * float(meaning.shares @ near)) / meaning.mass
    return round(min(1.0, both), 6)


def encoded(candidates: Sequence[Candidate], encoder: Encoder) -> list[Candidate]:
    """Return candidates with the vectors of their articles, all encoded at once."""
    read = {
        c.article.id: text_of(c.article.title, c.article.description, c.article.text)
        for c in candidates
        if c.likeness is not None and c.likeness.words <= MOST_WORDS
    }
    vectors = dict(zip(read, encoder.encode(list(read.values())), strict=True)) if read else {}
    return [
        candidate.model_copy(
            update={"likeness": candidate.likeness.model_copy(update={"dense": to_text(vector)})}
        )
        if candidate.likeness and (vector := vectors.get(candidate.article.id))
        else candidate
        for candidate in candidates
    ]


def _shares(labels: Sequence[str]) -> list[float]:
    """Return what each of a storyline's texts counts in its profile."""
    described = DESCRIPTION_WEIGHT if len(labels) > 1 else 1.0
    return [described if label == _DESCRIPTION else 1.0 for label in labels]


def _text(storyline: CompiledStoryline, label: str) -> str:
    definition = storyline.definition
    kind, _, number = label.partition(" ")
    if kind == _DESCRIPTION:
        return text_of(definition.title, definition.description, "")
    exemplar = definition.exemplars[int(number) - 1]
    return text_of(exemplar.title, exemplar.description, exemplar.text)


def _long(text: str) -> bool:
    return len(Tokens(text)) > MOST_WORDS
