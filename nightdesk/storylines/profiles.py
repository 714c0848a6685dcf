"""The profiles of all storylines as one inverted index: how near could an article come to each at most?

Comes in: profiles (terms with weights, of length one), once; then readings, many times.  Goes out: bounds of
cosines, by place, which are never too low: they are for shutting out what cannot suffice.  And cosines and
title shares of the few places that are left.

Most storylines ask for more than an article's common words can give, so those are not filed: the heaviest
and rarest terms of a profile are, until the rest of it is no longer than its `leeway`.  By Cauchy and
Schwarz the rest adds no more to the cosine than its length (prefix filtering: Bayardo, Ma, Srikant 2007).

A list entry is a place and a byte, what the term is worth there in steps of that place, rounded up.  Terms
of many profiles are rows of bytes instead (`nightdesk.storylines.wide`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines import tallies
from nightdesk.storylines.lexicon import Lexicon, Told
from nightdesk.storylines.postings import Numbers, Postings
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.vectors import Terms
from nightdesk.storylines.wide import Wide

Floats = NDArray[np.float64]

WIDE_FROM = 128
_WIDE_SHARE = 25
"""A term of more profiles than the first, and than 1 in so many, gets a row of bytes: to add up a row of
10,000 takes as long as to add up a list of some 300."""

_BITS = 8
"""Of an entry that are not its place, as `tallies.add_up` reads them."""

_LARGEST = (1 << _BITS) - 1


@dataclass(frozen=True)
class Profiles:
    """Read-only.  `lists` has the entries of each row, which is the number of a term in `lexicon`.

    By place: `terms` are the profiles themselves, `rest` is the length of what is not filed of them, `steps`
    what one step is worth.
    """

    lexicon: Lexicon
    terms: tuple[Terms, ...]
    lists: Postings
    wide: Wide
    rest: Floats
    steps: Floats

    @classmethod
    def of(
        cls,
        profiles: Sequence[Terms],
        leeway: Sequence[float],
        lexicon: Lexicon,
        *,
        wide_from: int = WIDE_FROM,
    ) -> Profiles:
        """Build the index of profiles, of each of which so much may be left out as `leeway` says."""
        filed = _filed(profiles, leeway, lexicon)
        lengths = np.bincount(filed.rows, minlength=len(lexicon))
        common = np.flatnonzero(lengths > max(wide_from, len(profiles) / _WIDE_SHARE))
        wide = Wide.of(common, filed.rows, filed.places, filed.worth, len(lexicon), len(profiles))
        narrow = wide.row_of[filed.rows] < 0
        steps, entries = _entries(filed.places[narrow], filed.worth[narrow], 0, len(profiles))
        lists = Postings.of(len(lexicon), filed.rows[narrow], entries)
        return cls(lexicon, tuple(profiles), lists, wide, filed.rest, steps)

    @property
    def at_first(self) -> int:
        """How many profiles there were when it was built."""
        return self.wide.size

    def with_more(self, profiles: Sequence[Terms], leeway: Sequence[float]) -> Profiles:
        """Return the index with more profiles at its end."""
        filed = _filed(profiles, leeway, self.lexicon)
        steps, entries = _entries(filed.places, filed.worth, len(self.terms), len(profiles))
        return replace(
            self,
            terms=(*self.terms, *profiles),
            lists=self.lists.with_more(len(self.lexicon), filed.rows, entries),
            rest=np.concatenate((self.rest, filed.rest)),
            steps=np.concatenate((self.steps, steps)),
        )

    def bounds(self, article: Told) -> Floats:
        """Return what the cosine of the article to each profile comes to at most."""
        if not article.norm:
            return np.zeros(len(self.terms))
        numbers, sums = article.numbers, np.empty(len(self.terms))
        # Where it is large, `np.zeros` asks for new memory each time.
        sums.fill(0.0)
        # The lexicon may have grown since: what came later has no list.
        lists = self.lists.starts.data, self.lists.entries.data
        tallies.add_up(numbers.data, article.tallies.data, article.norm, *lists, sums.data)
        sums *= self.steps
        if self.wide.table:
            sums[: self.wide.size] += self.wide.sums(numbers, article.tallies / article.norm)
        sums += self.rest
        return sums

    def meet(
        self, places: Iterable[int], article: Told, reading: Reading, rarity: Rarity
    ) -> Iterator[tuple[float, float]]:
        """Yield the cosine to each of the profiles at `places`, and its share of the title's weight."""
        titled = np.zeros(len(article.numbers))
        title, total = reading.title_weights(rarity)
        if total:
            numbers = np.array([self.lexicon.numbers.get(term, 0) for term in title], np.int32)
            known, stands = article.found(numbers)
            titled[stands] = np.fromiter(title.values(), np.float64).take(known) / total
        own = (
            article.numbers.data,
            article.slots.data,
            article.values.data,
            titled.data,
            article.plain,
        )
        for place in places:
            terms = self.terms[place]
            product, share = tallies.meet(*own, terms.rows, terms.weights)
            yield (product / article.norm if article.norm else 0.0), share


@dataclass(frozen=True)
class _Filed:
    """What of some profiles is filed: rows, places, worth (value times what the term tells); and, by
    place, the length of the rest."""

    rows: Numbers
    places: Numbers
    worth: Floats
    rest: Floats


def _filed(profiles: Sequence[Terms], leeway: Sequence[float], lexicon: Lexicon) -> _Filed:
    """Leave out the terms that would add most to the lists for what they bring, while `leeway` lasts."""
    told = lexicon.rare()
    rows, worth, rest = [np.zeros(0, np.int32)], [np.zeros(0)], []
    for profile, most in zip(profiles, leeway, strict=True):
        own = np.frombuffer(profile.rows, np.int32)
        values = np.frombuffer(profile.weights, np.float64)
        squares = values * values
        # A term that tells `told` nats stands in e^-told of all articles.
        order = np.argsort(squares * np.exp(told[own]), kind="stable")
        left = np.cumsum(squares[order])
        out = int(left.searchsorted(most * most, side="right")) if most > 0 else 0
        rest.append(left[out - 1] ** 0.5 if out else 0.0)
        rows.append(own[order[out:]])
        worth.append(values[order[out:]] * told[own[order[out:]]])
    places = np.repeat(np.arange(len(profiles)), [len(own) for own in rows[1:]])
    return _Filed(
        np.concatenate(rows).astype(np.int64), places, np.concatenate(worth), np.array(rest)
    )


def _entries(
    places: Numbers, worth: Floats, first: int, number: int
) -> tuple[Floats, NDArray[np.uint32]]:
    """Return the steps of `number` places from `first` on, and the list entries.

    A step is the greatest worth of the place by 255.  So a cosine is too high by less than

        step * sum of the tallies of shared terms / norm of the article.
    """
    steps = np.zeros(number)
    np.maximum.at(steps, places, worth)
    steps /= _LARGEST
    steps[steps == 0] = 1.0
    levels = np.minimum(_LARGEST, np.ceil(worth / steps[places])).astype(np.int64)
    return steps, ((places + first) << _BITS | levels).astype(np.uint32)
