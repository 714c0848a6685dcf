"""The words that texts have in common, one by one: the loops of `shelf.py`, compiled.

Comes in: the words of a shelf, rising: of each its hash, and from `starts[word]` to `starts[word + 1]` the
places of the texts that say it and its weight in each.  Goes out: sums of products of weights, which are
whole numbers below 2^53, so their order does not matter.

Words that are sorted or merged are one number each, as `said`: the hash, then the place, then the weight.
"""

from __future__ import annotations

from nightdesk.numbers import Room, WholeRoom, Wholes

_HASH, _PLACE, _LOW = 32, 16, 0xFFFF

_PAST = 1 << 32
"""More than any hash."""

FIRST_DAY = 0xFFFFFE00
"""Hashes from here on are of days, and of no word."""

_FIRST_DAY = FIRST_DAY


def sound(hashes: Wholes, weights: Wholes, most: int) -> bool:
    """Whether the hashes of a text rise, and no weight is above `most`."""
    for word in range(len(hashes)):
        if weights[word] > most or (word and hashes[word] <= hashes[word - 1]):
            return False
    return True


def meet(
    hashes: Wholes,
    starts: Wholes,
    places: Wholes,
    weights: Wholes,
    said: Wholes,
    heavy: Wholes,
    whole: float,
    shares: Room,
    days: Room,
) -> None:
    """Write what each text has in common with one that says the words `said`, so `heavy`, as a share of the
    `whole`, 1 at most.  All are 0 before, and so are `days`, which count for no more than words.
    """
    at, size = 0, len(hashes)
    for word in range(len(said)):
        wanted = said[word]
        # Both rise, so that what was passed is never looked at again.
        low, high = at, size
        while low < high:
            middle = (low + high) >> 1
            if hashes[middle] < wanted:
                low = middle + 1
            else:
                high = middle
        at = low
        if at < size and hashes[at] == wanted:
            weight = float(heavy[word])
            sums = shares if wanted < _FIRST_DAY else days
            for each in range(starts[at], starts[at + 1]):
                sums[places[each]] += weights[each] * weight
    _share(shares, days, whole)


def among(said: Wholes, size: int, whole: float, shares: Room, days: Room) -> None:
    """Write what each of `size` texts has in common with each, a row each, the same way; they say `said`."""
    first, end = 0, len(said)
    while first < end:
        after = first + 1
        while after < end and said[after] >> _HASH == said[first] >> _HASH:
            after += 1
        sums = shares if said[first] >> _HASH < _FIRST_DAY else days
        for one in range(first, after):
            row, weight = ((said[one] >> _PLACE) & _LOW) * size, float(said[one] & _LOW)
            for other in range(first, after):
                place = (said[other] >> _PLACE) & _LOW
                sums[row + place] += float(said[other] & _LOW) * weight
        first = after
    _share(shares, days, whole)


def _share(sums: Room, days: Room, whole: float) -> None:
    for at in range(len(sums)):
        share = (sums[at] + (days[at] if days[at] < sums[at] else sums[at])) / whole
        sums[at] = share if share < 1.0 else 1.0


def say(hashes: Wholes, weights: Wholes, place: int, said: WholeRoom, first: int) -> int:
    """Write the words of the text at a place from `first` on, and return where they end."""
    for word in range(len(hashes)):
        hashed = hashes[word]
        said[first + word] = (hashed << _HASH) | (place << _PLACE) | weights[word]
    return first + len(hashes)


def merge(
    hashes: Wholes,
    starts: Wholes,
    places: Wholes,
    weights: Wholes,
    said: Wholes,
    renamed: Wholes,
    after: int,
    into: WholeRoom,
) -> int:
    """Merge the words of a shelf with others that rise, and return how many are left, of all texts.

    `renamed` says where the text of each place stands then, -1 for nowhere; places of what is `said` follow
    those of the shelf, which are `after` of them.  No text may overtake another.
    """
    other = filled = 0
    words, more = len(hashes), len(said)
    for word in range(words + 1):
        hashed = hashes[word] if word < words else _PAST
        while other < more and said[other] >> _HASH < hashed:
            filled = _keep(said[other], after, renamed, into, filled)
            other += 1
        if word < words:
            for each in range(starts[word], starts[word + 1]):
                place = renamed[places[each]]
                if place >= 0:
                    into[filled] = (hashed << _HASH) | (place << _PLACE) | weights[each]
                    filled += 1
    return filled


def _keep(word: int, after: int, renamed: Wholes, into: WholeRoom, filled: int) -> int:
    place = renamed[((word >> _PLACE) & _LOW) + after]
    if place < 0:
        return filled
    into[filled] = (word >> _HASH << _HASH) | (place << _PLACE) | (word & _LOW)
    return filled + 1


def file(
    said: Wholes, hashes: WholeRoom, starts: WholeRoom, places: WholeRoom, weights: WholeRoom
) -> int:
    """Part what rises into the words of a shelf and return how many these are; `starts` ends with all."""
    words = 0
    for each in range(len(said)):
        word = said[each]
        hashed = word >> _HASH
        if not words or hashes[words - 1] != hashed:
            hashes[words] = hashed
            starts[words] = each
            words += 1
        places[each] = (word >> _PLACE) & _LOW
        weights[each] = word & _LOW
    starts[words] = len(said)
    return words
