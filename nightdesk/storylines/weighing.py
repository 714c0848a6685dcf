"""What a layer of the model makes of rows of features, one product after the other."""

from __future__ import annotations

import cython

from nightdesk.numbers import Reals, Room, Wholes
from nightdesk.storylines.greatest import zeros

if not cython.compiled:

    def rint(value: float) -> float:
        """Return the nearest whole number, of two the even one."""
        return float(round(value))


_PARTS = 1e6
"""What is told and kept is rounded to so many parts of one."""

BENDS = 3
"""A feature's weight may change at so many values of it."""

_NUMBERS = 3 + 2 * BENDS
"""Of the base and of each feature: its weight, what is added to it in each of two contexts, and for each bend
the value at which it lies and what is added to the weight beyond it."""


def weigh(
    weights: Reals,
    rows: Reals,
    first: int,
    brief: float,
    close: float,
    products: Room,
) -> float:
    """Write what the base and each feature add to the log-odds of a report, and return their sum.

    The report's features stand in `rows` from `first` on; `brief` and `close` are its contexts.
    """
    total = 0.0
    for at in range(len(products)):
        number = at * _NUMBERS
        product = weights[number] + brief * weights[number + 1] + close * weights[number + 2]
        if at:
            value = rows[first + at - 1]
            product *= value
            for bend in range(number + 3, number + _NUMBERS, 2):
                beyond = value - weights[bend]
                if beyond > 0.0:
                    product += beyond * weights[bend + 1]
        products[at] = product
        total += product
    return total


def weigh_all(
    weights: Reals,
    rows: Reals,
    contexts: Reals,
    log_odds: Room,
) -> None:
    """Write the log-odds of many reports, whose rows are of one width and whose contexts are two each."""
    reports = len(log_odds)
    if reports:
        width = len(rows) // reports
        products = zeros(len(weights) // _NUMBERS)
        for one in range(reports):
            brief, close = contexts[2 * one], contexts[2 * one + 1]
            log_odds[one] = weigh(weights, rows, one * width, brief, close, products)


def gather(
    products: Reals, groups: Wholes, usual: Reals, brief: float, close: float, sums: Room
) -> None:
    """Add each product to the sum of its group, and tell these beside what is usual, rounded.

    `usual` has three numbers for each group: a level, and what each context adds to it.  What is taken from
    a group for it goes to the first one.
    """
    for at in range(len(products)):
        sums[groups[at]] += products[at]
    for at in range(len(sums)):
        level = usual[3 * at] + brief * usual[3 * at + 1] + close * usual[3 * at + 2]
        sums[at] -= level
        sums[0] += level
    for at in range(len(sums)):
        sums[at] = rounded(sums[at])


def rounded(value: float) -> float:
    """Return a number to its sixth digit."""
    return rint(value * _PARTS) / _PARTS
