"""What the phrases found in an article are worth to which storylines, at most.

Comes in: the phrases of compiled storylines, once; then phrases found, many times.  Goes out: places and
gains.  An entity counts once however many of its aliases stand in the article, and so does a cue.  What is
worth little (a capital as an optional entity) is *faint*: many storylines share it, so that it is looked for
only in articles that come near to one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.lexicon import Lexicon
from nightdesk.storylines.postings import Numbers, Postings
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Place, Reading
from nightdesk.storylines.sieve import Sieve
from nightdesk.text.entities import Phrase, PhraseBook
from nightdesk.text.written import plain

if TYPE_CHECKING:
    from nightdesk.storylines.compile import CompiledStoryline, Role

Floats = NDArray[np.float64]


Named = Mapping[Phrase, Sequence[Place]]
"""Phrases that stand in an article, and where."""

_FAINT = 0.5
"""Log-odds that the faint mentions of a storyline come to, at most."""

_OFTEN = 5.0
"""A phrase whose words all tell less, in nats, is met often: in more than 1 of 150 articles."""


class Lifts(NamedTuple):
    """What the firm mentions of a storyline are worth, the sum of the faint ones, and the sum of those firm
    ones that are met often."""

    firm: dict[tuple[Role, int], float]
    faint: float
    often: float


def lifts(storyline: CompiledStoryline) -> Lifts:
    """Tell firm mentions from faint ones: which they are depends on the storyline alone."""
    firm: dict[tuple[Role, int], float] = {}
    faint, aside = 0.0, set()
    often = {}
    for phrase, role, number in storyline.phrases:
        mention = role, number
        if mention not in firm and mention not in aside:
            gain = storyline.gain(role, number)
            # Where there is no profile, nothing else would tell that the article comes near.
            if gain <= 0 or (storyline.profile and faint + gain <= _FAINT):
                faint += max(0.0, gain)
                aside.add(mention)
            else:
                firm[mention] = gain
        if mention in firm and max(map(storyline.rarity.weight, plain(phrase))) < _OFTEN:
            often[mention] = firm[mention]
    return Lifts(firm, faint, sum(often.values()))


@dataclass(frozen=True)
class Mentions:
    """Read-only.  `book` has the firm phrases, `slots` for each of them what it mentions.

    A slot is one entity or cue of one storyline: by slot, `places` and `gains`.
    `sieve` says where in an article phrases of the book may stand, but for those of words that tell nothing
    in texts: they stand where one of `quiet` does.
    """

    book: PhraseBook
    sieve: Sieve
    quiet: tuple[str, ...]
    slots: Postings
    places: Numbers
    gains: Floats

    @classmethod
    def of(cls, ordered: Sequence[CompiledStoryline], rarity: Rarity) -> Mentions:
        """File all phrases of the storylines, whose places are their numbers."""
        book = PhraseBook(telling=rarity.weight)
        filed = _file(ordered, 0, book, 0)
        slots = Postings.of(len(book), filed.phrases, filed.slots)
        anchored = _anchored(book, 0, rarity)
        sieve = Sieve.of(anchored.telling, rarity)
        return cls(book, sieve, anchored.quiet, slots, filed.places, filed.gains)

    def with_more(self, added: Sequence[CompiledStoryline], first: int, rarity: Rarity) -> Mentions:
        """Return these mentions with those of more storylines, at places from `first` on."""
        book = self.book.copy()
        filed = _file(added, first, book, len(self.gains))
        anchored = _anchored(book, len(self.book), rarity)
        return Mentions(
            book,
            self.sieve.with_more(anchored.telling, rarity),
            tuple(dict.fromkeys((*self.quiet, *anchored.quiet))),
            self.slots.with_more(len(book), filed.phrases, filed.slots),
            np.concatenate((self.places, filed.places)),
            np.concatenate((self.gains, filed.gains)),
        )

    def find(self, reading: Reading, lexicon: Lexicon) -> dict[int, list[Place]]:
        """Return which phrases of `book` stand in an article, by their numbers, and where."""
        alone, paired = self.sieve.let_through(reading.said(lexicon))
        words = zip(alone, reading.words_at(alone), strict=True)
        singles = [place for place, word in words if self.book.holds((word,))]
        quiet = reading.places_of(self.quiet) if self.quiet else ()
        return reading.find(self.book, sorted({*singles, *paired, *quiet}))

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


@dataclass(frozen=True)
class _Filed:
    """Phrases with the slots that they mention; places and gains by slot."""

    phrases: Numbers
    slots: Numbers
    places: Numbers
    gains: Floats


def _file(
    storylines: Sequence[CompiledStoryline], first: int, book: PhraseBook, slot: int
) -> _Filed:
    """File the firm phrases of storylines at places from `first` on, under slots from `slot` on."""
    phrases: list[int] = []
    slots: list[int] = []
    places: list[int] = []
    gains: list[float] = []
    for place, storyline in enumerate(storylines, start=first):
        firm = lifts(storyline).firm
        own = {mention: at for at, mention in enumerate(firm, start=slot + len(gains))}
        gains.extend(firm.values())
        places.extend([place] * len(own))
        for phrase, role, number in storyline.phrases:
            if (role, number) in own:
                phrases.append(book.add(phrase))
                slots.append(own[role, number])
    return _Filed(
        np.array(phrases, np.int64),
        np.array(slots, np.int64),
        np.array(places, np.int64),
        np.array(gains, np.float64),
    )


class _Anchored(NamedTuple):
    """Folded phrases with the places of their anchors, and the anchors of those that tell nothing."""

    telling: list[tuple[Phrase, int]]
    quiet: tuple[str, ...]


def _anchored(book: PhraseBook, first: int, rarity: Rarity) -> _Anchored:
    """Return the phrases of a book, from number `first` on."""
    telling: list[tuple[Phrase, int]] = []
    quiet: dict[str, None] = {}
    for phrase in islice(book.phrases, first, None):
        words, anchor = plain(phrase), book.anchor(phrase)
        if rarity.weight(words[anchor]):
            telling.append((words, anchor))
        else:
            quiet[words[anchor]] = None
    return _Anchored(telling, tuple(quiet))


def _distinct(numbers: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return the distinct numbers, ascending; a quick sort beats numpy's hash table here."""
    ordered = np.sort(numbers)
    return ordered[_firsts(ordered)]


def _firsts(ordered: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
