"""Signatures side by side: how many values have two of them in common?"""

from __future__ import annotations

from nightdesk.numbers import WholeRoom, Wholes


def count_equal(table: Wholes, one: Wholes, counts: WholeRoom) -> int:
    """Write how many values each row of a table shares with `one`, place by place; return the most."""
    width, most = len(one), 0
    for row in range(len(counts)):
        first, number = row * width, 0
        for at in range(width):
            number += table[first + at] == one[at]
        counts[row] = number
        most = max(most, number)
    return most
