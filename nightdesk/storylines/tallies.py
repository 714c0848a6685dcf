"""An article's words one by one: the loops of `lexicon.py`, `sieve.py` and `profiles.py`, compiled.

Comes in: the numbers of words as the lexicon has them: above zero where it does, 0 where they tell nothing,
below zero for strangers.  Goes out: how often each stands, which may begin phrases, and sums by place.

Numbers are found again by a table, `slots`: 2^n places, all -1 at first and some of them always, of which
each has the place of a number among the distinct ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Numbers = memoryview
"""Whole numbers side by side."""

_LEVEL, _PLACE = 255, 8
_SPREAD, _WORD = 40_503, 32


def count(
    said: Numbers, twice: int, slots: Numbers, numbers: Numbers, firsts: Numbers, times: Numbers
) -> int:
    """Write which numbers words have, as they come up, and of each the first word and how often it stands.

    The first words count `twice`.  Zeroes do not count.  Return how many numbers there are.
    """
    distinct = 0
    for at in range(len(said)):
        number = said[at]
        if number != 0:
            slot = seek(numbers, slots, number)
            if slots[slot] < 0:
                slots[slot] = distinct
                numbers[distinct] = number
                firsts[distinct] = at
                times[distinct] = 0
                distinct += 1
            times[slots[slot]] += 2 if at < twice else 1
    return distinct


def seek(numbers: Numbers, slots: Numbers, number: int) -> int:
    """Return the slot of a number, or else the empty one where it may stand."""
    last = len(slots) - 1
    slot = number & last
    while slots[slot] >= 0 and numbers[slots[slot]] != number:
        slot = (slot + 1) & last
    return slot


def find(numbers: Numbers, slots: Numbers, wanted: Numbers, met: Numbers, at: Numbers) -> int:
    """Write which of the numbers `wanted` were counted, and where each stands; return how many."""
    found = 0
    for each in range(len(wanted)):
        place = slots[seek(numbers, slots, wanted[each])]
        if place >= 0:
            met[found] = each
            at[found] = place
            found += 1
    return found


def meet(
    numbers: Numbers,
    slots: Numbers,
    values: memoryview[Any],
    titled: memoryview[Any],
    plain: int,
    rows: Sequence[int],
    weights: Sequence[float],
) -> tuple[float, float]:
    """Return the sum of products of values and weights of common numbers, and that of what is `titled`.

    The numbers behind the `plain` ones count for no more than those.
    """
    product = beside = share = 0.0
    for each in range(len(rows)):
        place = slots[seek(numbers, slots, rows[each])]
        if place >= 0:
            if place < plain:
                product += values[place] * weights[each]
            else:
                beside += values[place] * weights[each]
            share += titled[place]
    return product + (beside if beside < product else product), share


def weigh(
    numbers: Numbers,
    times: Numbers,
    logs: memoryview[Any],
    rare: memoryview[Any],
    strange: memoryview[Any],
    tallies: memoryview[Any],
    values: memoryview[Any],
) -> None:
    """Write what `logs` say of how often each number stands, and that times what it tells.

    `strange` is what strangers tell: those of even numbers, and those of odd ones.
    """
    most = len(logs) - 1
    for each in range(len(numbers)):
        number, often = numbers[each], times[each]
        if number >= len(rare):
            raise IndexError(number)
        tallies[each] = logs[often if often < most else most]
        values[each] = tallies[each] * (strange[number & 1] if number < 0 else rare[number])


def add_up(
    numbers: Numbers,
    tallies: memoryview[Any],
    norm: float,
    starts: Numbers,
    entries: Numbers,
    sums: memoryview[Any],
) -> None:
    """Add to each place what the lists of numbers have for it, by their tallies through the norm.

    The list of a number is from its start to the next.  An entry is a place and, in its last byte, how much.
    Numbers that have no list add nothing.
    """
    for each in range(len(numbers)):
        number = numbers[each]
        if 0 < number < len(starts) - 1:
            tally = tallies[each] / norm
            for at in range(starts[number], starts[number + 1]):
                entry = entries[at]
                sums[entry >> _PLACE] += tally * (entry & _LEVEL)


def sift(
    said: Numbers,
    alone: Numbers,
    flags: Numbers,
    pairs: Numbers,
    singles: list[int],
    firsts: list[int],
) -> None:
    """Add the places of words that have a flag alone, and those that make one of `pairs` with the next.

    A pair is two numbers in one, rising; `flags` has one for each remainder of `mixed`.
    """
    last = len(flags) - 1
    for at in range(len(said)):
        number = said[at]
        if 0 <= number < len(alone) and alone[number]:
            singles.append(at)
        if at + 1 < len(said) and flags[mixed(number, said[at + 1], last)]:
            wanted = paired(number, said[at + 1])
            low, high = 0, len(pairs)
            while low < high:
                middle = (low + high) >> 1
                if pairs[middle] < wanted:
                    low = middle + 1
                else:
                    high = middle
            if low < len(pairs) and pairs[low] == wanted:
                firsts.append(at)


def paired(first: int, second: int) -> int:
    """Return two numbers as one; less than any other where one is below zero."""
    return (first << _WORD) | second if first >= 0 and second >= 0 else -1


def mixed(first: int, second: int, last: int) -> int:
    """Return a remainder of two numbers; pairs with one in common get different ones."""
    return (first * _SPREAD + second) & last
