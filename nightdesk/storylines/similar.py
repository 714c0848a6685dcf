"""Names pairs of storylines so close that a report of one may be taken for the other.

Comes in: compiled storylines.  Goes out: `Pair`s with what makes them alike: the cosine of what they are
about, and the entities that both must have.  Two that no report could ever both reach (windows or languages
apart) are no pair.  All are compared with all: one sparse row times all rows, some milliseconds a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.compile import CompiledStoryline, Role
from nightdesk.text.entities import Phrase

CLOSE = 0.25
"""Cosine from which two are confusable in any case."""

NEAR = 0.10
"""The same for two of which each is among the other's two nearest, and for two with the same cast.

Of the twins of data/dev (two trials of one actress, two quakes of one place) these rules name 80 % by one
example each, 89 % by two, 97 % by four; of other pairs one for every ten storylines.  Among 69 events of
all kinds they name a pair for every third storyline, among 300 stories of American politics one for
every second."""

_NEAREST = 2

SAME_CAST = 0.6
"""Share of the required entities of the one with fewer, from which the cast counts as the same."""

LEAST_CAST = 2

_CROWDED = 100


@dataclass(frozen=True)
class Pair:
    """Two storylines by id, `left` before `right`; `shared` are entities of `left` that both require."""

    left: str
    right: str
    cosine: float
    shared: tuple[str, ...]


def confusable(storylines: Sequence[CompiledStoryline]) -> list[Pair]:
    """Return the pairs that should be each other's rivals, the closest first."""
    ordered = sorted(storylines, key=lambda storyline: storyline.id)
    casts = [_cast(storyline) for storyline in ordered]
    rows = _Rows(ordered)
    near = [_near(rows.cosines(place), place) for place in range(len(ordered))]
    found = []
    for left, right in sorted({*_by_words(near), *_by_cast(casts)}):
        one, other = ordered[left], ordered[right]
        cosine = near[left].cosines.get(right, 0.0)
        shared = _shared(casts[left], casts[right])
        fewest = min(len(casts[left]), len(casts[right]))
        same = len(shared) >= LEAST_CAST and len(shared) >= SAME_CAST * fewest
        # Where one has nothing but entities to go by, no cosine can tell.
        told = bool(one.profile and other.profile)
        nearest = right in near[left].nearest and left in near[right].nearest
        close = cosine >= CLOSE or (cosine >= NEAR and (nearest or same)) if told else same
        if close and _meet(one, other):
            found.append(Pair(one.id, other.id, round(cosine, 3), shared))
    return sorted(found, key=lambda pair: (-pair.cosine, pair.left, pair.right))


def _cast(storyline: CompiledStoryline) -> dict[str, frozenset[Phrase]]:
    """Return the required entities with the phrases that mention them."""
    phrases: dict[int, set[Phrase]] = {}
    for phrase, role, number in storyline.phrases:
        if role is Role.ENTITY and not storyline.groups[number].optional:
            phrases.setdefault(number, set()).add(phrase)
    return {storyline.groups[n].name: frozenset(of) for n, of in sorted(phrases.items())}


def _shared(
    left: Mapping[str, frozenset[Phrase]], right: Mapping[str, frozenset[Phrase]]
) -> tuple[str, ...]:
    others = frozenset().union(*right.values())
    return tuple(name for name, phrases in left.items() if phrases & others)


def _meet(left: CompiledStoryline, right: CompiledStoryline) -> bool:
    """Whether one report could fit both, as far as windows and languages go."""
    if left.languages and right.languages and not left.languages & right.languages:
        return False
    one, other = left.definition.window, right.definition.window
    apart = (one.until and other.since and one.until < other.since) or (
        other.until and one.since and other.until < one.since
    )
    return not apart


@dataclass(frozen=True)
class _Near:
    """What is near one storyline: cosine by place, and the places of the two nearest."""

    cosines: dict[int, float]
    nearest: frozenset[int]


def _near(cosines: NDArray[np.float64], place: int) -> _Near:
    cosines[place] = 0.0
    near = np.flatnonzero(cosines >= NEAR)
    ranked = near[np.argsort(-cosines[near], kind="stable")][:_NEAREST]
    return _Near({int(at): float(cosines[at]) for at in near}, frozenset(ranked.tolist()))


def _by_words(near: Sequence[_Near]) -> Iterator[tuple[int, int]]:
    for left, those in enumerate(near):
        yield from ((left, right) for right in those.cosines if right > left)


def _by_cast(casts: Sequence[Mapping[str, frozenset[Phrase]]]) -> Iterator[tuple[int, int]]:
    """Yield those that share an entity, as long as few do: all the world mentions Washington."""
    by_phrase: dict[Phrase, list[int]] = {}
    for right, cast in enumerate(casts):
        for phrase in frozenset().union(*cast.values()):
            alike = by_phrase.setdefault(phrase, [])
            if len(alike) < _CROWDED:
                yield from ((left, right) for left in alike)
            alike.append(right)


class _Rows:
    """Profiles by term: for each, the places that have it and its weight there."""

    def __init__(self, ordered: Sequence[CompiledStoryline]) -> None:
        self._ordered = ordered
        listed: dict[str, tuple[list[int], list[float]]] = {}
        for place, storyline in enumerate(ordered):
            for term, value in storyline.profile.items():
                places, values = listed.setdefault(term, ([], []))
                places.append(place)
                values.append(value)
        self._numbers = {term: number for number, term in enumerate(listed)}
        self._ends = np.cumsum([0, *(len(places) for places, _ in listed.values())])
        self._places: NDArray[np.int64] = np.fromiter(
            (place for places, _ in listed.values() for place in places), np.int64
        )
        self._values: NDArray[np.float64] = np.fromiter(
            (value for _, values in listed.values() for value in values), np.float64
        )

    def cosines(self, place: int) -> NDArray[np.float64]:
        """Return the cosine of the storyline at `place` to each."""
        profile = self._ordered[place].profile
        pieces = [
            (slice(self._ends[number], self._ends[number + 1]), value)
            for term, value in profile.items()
            for number in [self._numbers[term]]
        ]
        if not pieces:
            return np.zeros(len(self._ordered))
        at = np.concatenate([self._places[piece] for piece, _ in pieces])
        products = np.concatenate([self._values[piece] * value for piece, value in pieces])
        return np.bincount(at, products, len(self._ordered)).astype(np.float64)
