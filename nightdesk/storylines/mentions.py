"""What the phrases found in an article are worth to which storylines, at most.

Comes in: the phrases of compiled storylines, once; then phrases found, many times.  Goes out: places and
gains.  An entity counts once however many of its aliases stand in the article, and so does a cue.  What is
worth little (a capital as an optional entity) is *faint*: many storylines share it, so that it is looked for
only in articles that come near to one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.lexicon import Lexicon
from nightdesk.storylines.postings import Numbers, Postings
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Place, Reading
from nightdesk.text.entities import Phrase, PhraseBook

if TYPE_CHECKING:
    from nightdesk.storylines.compile import CompiledStoryline, Role

Floats = NDArray[np.float64]


Named = Mapping[Phrase, Sequence[Place]]
"""Phrases that stand in an article, and where."""

_FAINT = 0.5
"""Log-odds that the faint mentions of a storyline come to, at most."""

_OFTEN = 5.0
"""A phrase whose words all tell less, in nats, is met often: in more than 1 of 150 articles."""


def faint(storyline: CompiledStoryline) -> tuple[frozenset[tuple[Role, int]], float]:
    """Return the faint ones among a storyline's mentions, and by how much all of them lift its score."""
    found: set[tuple[Role, int]] = set()
    total = 0.0
    for _, role, number in storyline.phrases:
        gain = storyline.gain(role, number)
        # Where there is no profile, nothing else would tell that the article comes near.
        small = gain <= 0 or (storyline.profile and total + gain <= _FAINT)
        if small and (role, number) not in found:
            found.add((role, number))
            total += max(0.0, gain)
    return frozenset(found), total


def often_gained(storyline: CompiledStoryline) -> float:
    """Return what mentions that are often met are worth together, the faint ones left out."""
    faints, _ = faint(storyline)
    often: dict[tuple[Role, int], float] = {}
    for phrase, role, number in storyline.phrases:
        if (role, number) not in faints and max(map(storyline.rarity.weight, phrase)) < _OFTEN:
            often[role, number] = storyline.gain(role, number)
    return sum(often.values())


@dataclass(frozen=True)
class Mentions:
    """Read-only.  `book` has the firm phrases, `slots` for each of them what it mentions.

    A slot is one entity or cue of one storyline: by slot, `places` and `gains`.
    `anchored` says of each number of a term whether a phrase is filed under a word of it.
    """

    book: PhraseBook
    anchored: NDArray[np.bool_]
    slots: Postings
    places: Numbers
    gains: Floats

    @classmethod
    def of(cls, ordered: Sequence[CompiledStoryline], rarity: Rarity) -> Mentions:
        """File all phrases of the storylines, whose places are their numbers."""
        none = np.zeros(0, np.int64)
        empty = cls(PhraseBook(telling=rarity.weight), np.zeros(1, np.bool_), Postings(none, none), none, np.zeros(0))
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
            faints, _ = faint(storyline)
            for phrase, role, number in storyline.phrases:
                if (role, number) in faints:
                    continue
                filed = book.add(phrase)
                if (role, number) not in own:
                    own[role, number] = len(self.gains) + len(gains)
                    places.append(place)
                    gains.append(storyline.gain(role, number))
                phrases.append(filed)
                slots.append(own[role, number])
        more = np.array(phrases, np.int64), np.array(slots, np.int64)
        return Mentions(
            book,
            _anchored(book, added[0].rarity) if added else self.anchored,
            self.slots.with_more(len(book), *more),
            np.concatenate((self.places, np.array(places, np.int64))),
            np.concatenate((self.gains, np.array(gains, np.float64))),
        )

    def find(self, reading: Reading, lexicon: Lexicon) -> dict[int, list[Place]]:
        """Return which phrases of `book` stand in an article, by their numbers, and where."""
        said = reading.said(lexicon)
        # Strangers are below zero, and what came into the lexicon later is no anchor either.
        known = np.where(said < len(self.anchored), said, 0)
        at = np.flatnonzero(self.anchored[np.maximum(known, 0)])
        return reading.find(self.book, at.tolist())

    def named(
        self,
        reading: Reading,
        firm: Mapping[int, Sequence[Place]],
        storylines: Iterable[CompiledStoryline],
    ) -> Named:
        """Return the phrases of some storylines that stand in an article, the faint ones too.

        `firm` are those of `book` that do, by their numbers.
        """
        found: dict[Phrase, Sequence[Place]] = {self.book.phrases[n]: firm[n] for n in firm}
        maybe = {
            phrase
            for storyline in storylines
            for phrase, _, _ in storyline.phrases
            if phrase not in found and reading.may_say(phrase)
        }
        if maybe:
            book = PhraseBook(maybe)
            found |= {book.phrases[number]: at for number, at in reading.find(book).items()}
        return found

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


def _anchored(book: PhraseBook, rarity: Rarity) -> NDArray[np.bool_]:
    numbers = rarity.lexicon.file(dict.fromkeys(map(rarity.stem_of.__getitem__, book.anchors())))
    anchored = np.zeros(len(rarity.lexicon), np.bool_)
    anchored[numbers] = True
    return anchored


def _distinct(numbers: Numbers) -> Numbers:
    """Return the distinct numbers, ascending; a quick sort beats numpy's hash table here."""
    ordered = np.sort(numbers)
    return ordered[_firsts(ordered)]


def _firsts(ordered: Numbers) -> Numbers:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
