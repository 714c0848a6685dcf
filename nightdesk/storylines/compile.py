"""Compiles storylines into one index, so that an article meets all of them at once.

Comes in: definitions with their versions, and a rarity.  Goes out: `CompiledStoryline`, what one
storyline needs for a score, and the `Index` of all of them.  A compiled storyline depends on its
definition and the rarity alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from math import fsum, log, log1p
from typing import TYPE_CHECKING

import numpy as np

from nightdesk.storylines import weights
from nightdesk.storylines.bar import Asked, asked, fixed_bar
from nightdesk.storylines.brevity import brevity
from nightdesk.storylines.index import Index
from nightdesk.storylines.neighbourhood import Told
from nightdesk.storylines.packed import Packed
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.shelf import Shelf
from nightdesk.storylines.sought import sought
from nightdesk.storylines.spoken import Spoken
from nightdesk.storylines.vectors import Terms, added, length, normalise
from nightdesk.storylines.weights import DeclaredWeights
from nightdesk.text.copies import Sketch
from nightdesk.text.entities import Phrase
from schemas import Storyline

if TYPE_CHECKING:
    from nightdesk.storylines.meaning import Meaning

PROFILE_TERMS = 160
"""Heaviest terms that are kept of an exemplar, and of the profile of all exemplars."""

DESCRIPTION_WEIGHT = 0.5
"""The description's part in the profile, beside exemplars that count 1 each."""

_ALIKE = 0.7
"""Exemplars are held to be no more alike than this: copies of one report would be."""

_SAME = 0.85
"""Of two exemplars that share so much of the shorter one's wording one shows no more than the other."""

_DAY = 86_400.0
_NO_SKETCH = Sketch(0)
_NONE: frozenset[str] = frozenset()
"""One empty set serves all."""


class Role(IntEnum):
    """What a phrase means to a storyline."""

    ENTITY = 0
    SUPPORTING = 1
    OPPOSING = 2
    EXCLUSION = 3


@dataclass(frozen=True)
class ExemplarVector:
    """An exemplar (or the description) as a vector of length one, and its length in words."""

    label: str
    terms: Mapping[str, float]
    packed: Packed
    words: int


@dataclass(frozen=True, slots=True)
class Group:
    """An entity: one mention of any of its aliases suffices."""

    name: str
    weight: float
    optional: bool


@dataclass(frozen=True, slots=True)
class CompiledStoryline:
    """One storyline, ready to score.

    `profile` is the mean of the exemplars and the description, `shelf` their words side by side,
    `labels` what each of them is called, `told` what the model asks of them, `asked` what it takes to fit.
    `phrases` lists (phrase, role, number of the group, cue or exclusion).  `meaning` is there once an
    encoder read the texts.
    """

    definition: Storyline
    version: int
    labels: tuple[str, ...]
    profile: Terms
    shelf: Shelf = field(repr=False, compare=False)
    told: Told = field(repr=False, compare=False)
    asked: Asked = field(repr=False, compare=False)
    groups: tuple[Group, ...]
    phrases: tuple[tuple[Phrase, Role, int], ...]
    languages: frozenset[str]
    sources: frozenset[str]
    rarity: Rarity = field(repr=False, compare=False)
    meaning: Meaning | None = field(default=None, repr=False, compare=False)

    @property
    def id(self) -> str:
        """The storyline's identifier."""
        return self.definition.id

    @property
    def declared(self) -> DeclaredWeights:
        """What its entities and cues are worth, which depends on what else it has to go by."""
        if self.profile:
            return weights.BESIDE_TEXT
        if self.groups:
            cues = self.definition.cues.supporting
            return weights.ENTITIES_AND_CUES if cues else weights.ENTITIES_ONLY
        return weights.CUES_ONLY

    @property
    def base(self) -> float:
        """The score before any word is read."""
        return weights.TEXT.base if self.profile else self.declared.base

    @property
    def near(self) -> float:
        """The cosine to the profile that counts as near; 0 where there is no profile."""
        return weights.near(self.told.log_words) if self.profile else 0.0

    @property
    def least_cosine(self) -> float:
        """The least cosine to the profile, whatever entities and cues an article has."""
        return weights.LEAST_NEAR * self.near

    @property
    def floor(self) -> float:
        """The least static score from which a neighbourhood could make a report possible."""
        if self.profile:
            return weights.text_score(self.near)
        possible = fixed_bar(self.definition.sensitivity).possible
        return log(possible / (1.0 - possible))

    @property
    def declared_least(self) -> float:
        """What entities and cues come to where none of them is mentioned."""
        cost = self.missing_cost([g for g in self.groups if not g.optional])
        return cost + (self.declared.no_cue if self.definition.cues.supporting else 0.0)

    def gain(self, role: Role, number: int) -> float:
        """Return by how much a mention can lift `declared_least`, at most."""
        worth = self.declared
        if role is Role.ENTITY:
            group = self.groups[number]
            if group.optional:
                return worth.optional * group.weight
            whole = fsum(g.weight for g in self.groups if not g.optional)
            return worth.complete * group.weight / whole - worth.missing * group.weight
        return max(worth.cues) + worth.lead - worth.no_cue if role is Role.SUPPORTING else 0.0

    def missing_cost(self, absent: Sequence[Group]) -> float:
        """What it costs that these required entities are not mentioned."""
        cost = fsum(self.declared.missing * group.weight for group in absent)
        return max(weights.MOST_MISSING, cost)


def compile_storylines(storylines: Sequence[tuple[Storyline, int]], *, rarity: Rarity) -> Index:
    """Compile (storyline, definition version) pairs, in any order, into an index."""
    return Index.of(
        (compile_storyline(s, version, rarity=rarity) for s, version in storylines), rarity
    )


def compile_storyline(storyline: Storyline, version: int, *, rarity: Rarity) -> CompiledStoryline:
    """Compile one storyline; it depends on nothing but its definition and the rarity."""
    exemplars = _exemplars(storyline, rarity)
    texts, parts = [*exemplars], [exemplar.terms for exemplar in exemplars]
    if storyline.description.strip():
        reading = Reading(storyline.title, storyline.description, "")
        told = _exemplar("description", reading, rarity)
        if told.terms:
            share = DESCRIPTION_WEIGHT if exemplars else 1.0
            texts.append(told)
            parts.append({word: value * share for word, value in told.terms.items()})
    total = added(parts)
    said = _told(storyline, exemplars or texts, length(total))
    return CompiledStoryline(
        definition=storyline,
        version=version,
        labels=tuple(sys.intern(text.label) for text in texts),
        profile=Terms(normalise(total, cap=PROFILE_TERMS), rarity.lexicon),
        shelf=Shelf([text.packed for text in texts]),
        told=said,
        asked=asked(
            storyline.sensitivity,
            len(exemplars),
            brevity(said.log_words),
            rivals=bool(storyline.rivals),
            cues=bool(storyline.cues.supporting),
        ),
        groups=tuple(Group(e.name, e.weight, e.optional) for e in storyline.entities),
        phrases=tuple(_phrases(storyline)),
        languages=frozenset(language.lower() for language in storyline.languages) or _NONE,
        sources=frozenset(source.casefold() for source in storyline.sources) or _NONE,
        rarity=rarity,
    )


def _exemplars(storyline: Storyline, rarity: Rarity) -> list[ExemplarVector]:
    """Return the exemplars that say something; of reprints of one text the longest stands for all."""
    kept: list[tuple[ExemplarVector, Sketch]] = []
    for number, given in enumerate(storyline.exemplars, start=1):
        reading = Reading(given.title, given.description, given.text)
        one = _exemplar(f"exemplar {number}", reading, rarity)
        if not one.terms:
            continue
        alone = len(storyline.exemplars) == 1
        own = _NO_SKETCH if alone else reading.sketch()
        same = next((n for n, known in enumerate(kept) if _is_reprint((one, own), known)), None)
        if same is None:
            kept.append((one, own))
        elif one.words > kept[same][0].words:
            kept[same] = (one, own)
    return [exemplar for exemplar, _ in kept]


def _is_reprint(one: tuple[ExemplarVector, Sketch], other: tuple[ExemplarVector, Sketch]) -> bool:
    """Whether the two are one text, as a whole or in part."""
    return one[0].packed == other[0].packed or one[1].containment(other[1]) >= _SAME


def _told(storyline: Storyline, texts: Sequence[ExemplarVector], mass: float) -> Told:
    lengths = [text.words for text in texts]
    days = [e.published.timestamp() / _DAY for e in storyline.exemplars if e.published]
    return Told(
        exemplars=len(texts),
        log_words=sum(map(log1p, lengths)) / len(lengths) if lengths else 0.0,
        mass=mass,
        days=np.array(days, np.float64),
        alike=alike_of([text.packed for text in texts]),
    )


def alike_of(texts: Sequence[Packed]) -> float:
    """Return the mean cosine of a text and the sum of the others; NaN where there are no others.

    Copies of one report show no more than one does, so they are not held to be more alike than `_ALIKE`.
    """
    if len(texts) < 2:
        return float("nan")
    likeness = Shelf(texts).likenesses(texts)
    np.fill_diagonal(likeness, 1.0)
    to_others = likeness.sum(axis=1) - 1.0
    mass = np.sqrt(likeness.sum() - 2.0 * to_others - 1.0)
    return min(_ALIKE, float((to_others / mass).mean()))


def _exemplar(label: str, reading: Reading, rarity: Rarity) -> ExemplarVector:
    weights, _ = reading.weights(rarity)
    vector = normalise(weights, cap=PROFILE_TERMS)
    return ExemplarVector(label, vector, reading.packed(rarity), reading.length)


def ignored_phrases(storyline: Storyline) -> tuple[str, ...]:
    """Return the aliases, cues and exclusions that say nothing: no word, or only function words.

    "the" would match every report, so such phrases are left out of the index; whoever checks a
    definition should name them.
    """
    spoken = Spoken.of(storyline)
    return tuple(text for text, _, _ in _given(storyline) if not sought(text, spoken))


def _given(storyline: Storyline) -> list[tuple[str, Role, int]]:
    # A country whose names nobody spelt out (`nightdesk.bundles` does) is at least its own name.
    aliases = [entity.any_of or (entity.name,) for entity in storyline.entities]
    return [
        *((alias, Role.ENTITY, n) for n, names in enumerate(aliases) for alias in names),
        *((cue, Role.SUPPORTING, n) for n, cue in enumerate(storyline.cues.supporting)),
        *((cue, Role.OPPOSING, n) for n, cue in enumerate(storyline.cues.opposing)),
        *((text, Role.EXCLUSION, n) for n, text in enumerate(storyline.exclusions)),
    ]


def _phrases(storyline: Storyline) -> Iterable[tuple[Phrase, Role, int]]:
    spoken = Spoken.of(storyline)
    return dict.fromkeys(
        (phrase, role, number)
        for text, role, number in _given(storyline)
        for phrase in sought(text, spoken)
    )
