"""The words that texts have in common, one by one: the loops of `shelf.py`, compiled.

Comes in: the words of a shelf, rising: of each its hash, and from `starts[word]` to `starts[word + 1]` the
places of the texts that say it and its weight in each.  Goes out: sums of products of weights, which are
whole numbers below 2^53, so their order does not matter.

Words that are sorted or merged are one number each, as `said`: the hash, then the place, then the weight.
"""

from __future__ import annotations

from nightdesk.numbers import Room, WholeRoom, Wholes

_HASH, _PLACE, _WEIGHT = 32, 16, 0xFFFF


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
) -> None:
    """Write what each text has in common with one that says the words `said`, so `heavy`, as a share of the
    `whole`, 1 at most.  All are 0 before.
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
            for each in range(starts[at], starts[at + 1]):
                shares[places[each]] += weights[each] * weight
    _share(shares, whole)


def among(
    starts: Wholes, places: Wholes, weights: Wholes, size: int, whole: float, shares: Room
) -> None:
    """Write what each of `size` texts has in common with each, a row each, the same way."""
    for word in range(len(starts) - 1):
        first, end = starts[word], starts[word + 1]
        for one in range(first, end):
            row, weight = places[one] * size, float(weights[one])
            for other in range(first, end):
                shares[row + places[other]] += weights[other] * weight
    _share(shares, whole)


def _share(sums: Room, whole: float) -> None:
    for at in range(len(sums)):
        share = sums[at] / whole
        sums[at] = share if share < 1.0 else 1.0


def say(hashes: Wholes, starts: Wholes, places: Wholes, weights: Wholes, said: WholeRoom) -> None:
    """Write each word of each text as one number, rising."""
    for word in range(len(hashes)):
        hashed = hashes[word]
        for each in range(starts[word], starts[word + 1]):
            said[each] = (hashed << _HASH) | (places[each] << _PLACE) | weights[each]


def merge(one: Wholes, other: Wholes, renamed: Wholes, after: int, into: WholeRoom) -> int:
    """Merge two that rise and return how many are left.

    `renamed` says where the text of each place stands then, -1 for nowhere; places of the other follow
    those of the first, which are `after` of them.  No text may overtake another.
    """
    a = b = filled = 0
    size, more = len(one), len(other)
    while a < size or b < more:
        if b == more or (a < size and one[a] >> _HASH <= other[b] >> _HASH):
            word, first = one[a], 0
            a += 1
        else:
            word, first = other[b], after
            b += 1
        place = renamed[((word >> _PLACE) & _WEIGHT) + first]
        if place >= 0:
            into[filled] = (word >> _HASH << _HASH) | (place << _PLACE) | (word & _WEIGHT)
            filled += 1
    return filled


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
        places[each] = (word >> _PLACE) & _WEIGHT
        weights[each] = word & _WEIGHT
    starts[words] = len(said)
    return words
