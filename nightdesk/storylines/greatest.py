"""The greatest few of many numbers, found in one pass."""

from __future__ import annotations

from array import array

from nightdesk.numbers import Reals, Room, room

MOST = 8
"""Of more than these nobody asks."""


def zeros(size: int) -> array[float]:
    """Return so many zeros, as loops take them."""
    return room(size)


def greatest(values: Reals, first: int, end: int, number: int, top: Room) -> int:
    """Write the `number` greatest of the values from `first` to `end` into `top`, falling.

    Returns how many they are: fewer where there are no more.
    """
    known = 0
    for at in range(first, end):
        value = values[at]
        if known < number:
            place = known
            known += 1
        elif value > top[number - 1]:
            place = number - 1
        else:
            continue
        while place > 0 and top[place - 1] < value:
            top[place] = top[place - 1]
            place -= 1
        top[place] = value
    return known


def insert(top: Room, known: int, number: int, value: float) -> None:
    """Put one more value into the `number` greatest, of which so many are `known`."""
    place = known
    if known == number:
        place = number - 1
        if top[place] >= value:
            return
    while place > 0 and top[place - 1] < value:
        top[place] = top[place - 1]
        place -= 1
    top[place] = value


def mean(top: Reals, known: int) -> float:
    """Return the mean of the first few, 0 of none."""
    total = 0.0
    for at in range(known):
        total += top[at]
    return total / known if known else 0.0


def mean_with(top: Room, known: int, number: int, value: float) -> float:
    """Return the mean of the `number` greatest of one more value and those that are known."""
    if known == number and top[known - 1] >= value:
        return mean(top, known)
    counted = known if known < number else number - 1
    total = value
    for at in range(counted):
        total += top[at]
    return total / (counted + 1)
