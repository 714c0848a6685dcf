"""What the phrases found in an article are worth to which storylines, at most.

Comes in: the phrases of compiled storylines, once; then phrases found, many times.  Goes out: places and
gains.  An entity counts once however many of its aliases stand in the article, and so does a cue.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.postings import Numbers, Postings
from nightdesk.storylines.rarity import Rarity
from nightdesk.text.entities import PhraseBook

if TYPE_CHECKING:
    from nightdesk.storylines.compile import CompiledStoryline, Role

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mentions:
    """Read-only.  `slots` has for each phrase of the book what it mentions.

    A slot is one entity, cue or exclusion of one storyline: by slot, `places` and `gains`.
    """

    book: PhraseBook
    slots: Postings
    places: Numbers
    gains: Floats

    @classmethod
    def of(cls, ordered: Sequence[CompiledStoryline], rarity: Rarity) -> Mentions:
        """File all phrases of the storylines, whose places are their numbers."""
        none = np.zeros(0, np.int64)
        empty = cls(PhraseBook(telling=rarity.weight), Postings(none, none), none, np.zeros(0))
        return empty.with_more(ordered, 0)

    def with_more(self, added: Sequence[CompiledStoryline], first: int) -> Mentions:
        """Return these mentions with those of more storylines, at places from `first` on."""
        book = self.book.copy()
        phrases: list[int] = []
        slots: list[int] = []
        places: list[int] = []
        gains: list[float] = []
        for place, storyline in enumerate(added, start=first):
            own: dict[tuple[Role, int], int] = {}
            for phrase, role, number in storyline.phrases:
                filed = book.add(phrase)
                if (role, number) not in own:
                    own[role, number] = len(self.gains) + len(gains)
                    places.append(place)
                    gains.append(max(0.0, storyline.gain(role, number)))
                phrases.append(filed)
                slots.append(own[role, number])
        more = np.array(phrases, np.int64), np.array(slots, np.int64)
        return Mentions(
            book,
            self.slots.with_more(len(book), *more),
            np.concatenate((self.places, np.array(places, np.int64))),
            np.concatenate((self.gains, np.array(gains, np.float64))),
        )

    def gained(self, phrases: Collection[int]) -> tuple[Numbers, Floats]:
        """Return the places that these phrases mention (ascending), and what that is worth there."""
        if not phrases:
            return np.zeros(0, np.int64), np.zeros(0)
        found = np.fromiter(phrases, np.int64, len(phrases))
        slots = _distinct(self.slots.take(found)[0])
        # Slots were numbered place by place.
        places = self.places[slots]
        first = _firsts(places)
        return places[first], np.add.reduceat(self.gains[slots], first)


def _distinct(numbers: Numbers) -> Numbers:
    """Return the distinct numbers, ascending; a quick sort beats numpy's hash table here."""
    ordered = np.sort(numbers)
    return ordered[_firsts(ordered)]


def _firsts(ordered: Numbers) -> Numbers:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
