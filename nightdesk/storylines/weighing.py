"""What a layer of the model makes of rows of features, one product after the other."""

from __future__ import annotations

from array import array

from nightdesk.storylines.greatest import zeros

_NUMBERS = 3
"""Of the base and of each feature: its weight, and what is added to it in each of two contexts."""


def weigh(
    weights: memoryview[float],
    rows: memoryview[float],
    first: int,
    brief: float,
    close: float,
    products: memoryview[float],
) -> float:
    """Write what the base and each feature add to the log-odds of a report, and return their sum.

    The report's features stand in `rows` from `first` on; `brief` and `close` are its contexts.
    """
    total = 0.0
    for at in range(len(products)):
        number = at * _NUMBERS
        product = weights[number] + brief * weights[number + 1] + close * weights[number + 2]
        if at:
            product *= rows[first + at - 1]
        products[at] = product
        total += product
    return total


def weigh_all(
    weights: memoryview[float],
    rows: memoryview[float],
    contexts: memoryview[float],
    log_odds: memoryview[float],
) -> None:
    """Write the log-odds of many reports, whose rows are of one width and whose contexts are two each."""
    reports = len(log_odds)
    if reports:
        width = len(rows) // reports
        products = zeros(len(weights) // _NUMBERS)
        for one in range(reports):
            brief, close = contexts[2 * one], contexts[2 * one + 1]
            log_odds[one] = weigh(weights, rows, one * width, brief, close, products)


def gather(products: array[float], groups: array[int], sums: array[float]) -> None:
    """Add each product to the sum of its group."""
    for at in range(len(products)):
        sums[groups[at]] += products[at]
