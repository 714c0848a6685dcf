"""What is thought of reports that are judged again: probabilities and decisions, side by side.

Decisions are codes: 0 for what fits, 1 for what is possible, 2 for what is not.  Of `opened` reports, which
are not 0, another opinion may be had; of others what was thought before stands.
"""

from __future__ import annotations

import cython

from nightdesk.numbers import Reals, Room, WholeRoom, Wholes
from nightdesk.storylines.weighing import rounded

if not cython.compiled:
    from math import exp

_MOST = 30.0
"""Scores count no further, either way."""


def logistic(score: float) -> float:
    """Return the probability that a score in log-odds stands for."""
    return 1.0 / (1.0 + exp(-min(_MOST, max(-_MOST, score))))


def open_at(
    moments: Reals, excluded: Reals, moment: float, window: float, opened: WholeRoom
) -> None:
    """Mark the reports that are within a window of a moment, and not excluded."""
    for at in range(len(moments)):
        opened[at] = excluded[at] == 0.0 and -window <= moments[at] - moment <= window


def believe(log_odds: Reals, worth: Reals, opened: Wholes, scores: Room, beliefs: Room) -> None:
    """Write the scores, which are log-odds and what is declared, and the probabilities, rounded."""
    for at in range(len(log_odds)):
        if opened[at]:
            scores[at] = log_odds[at] + worth[at]
            beliefs[at] = rounded(logistic(scores[at]))


def decide(
    beliefs: Reals, fits: float, possible: float, mind: float, opened: Wholes, decisions: Room
) -> None:
    """Write the decisions at a bar over those that were made before.

    A report falls back only where `mind` more would not keep it where it was.
    """
    for at in range(len(beliefs)):
        if opened[at]:
            before, now = decisions[at], code(beliefs[at], fits, possible)
            if now <= before or code(beliefs[at] + mind, fits, possible) != before:
                decisions[at] = now


def code(belief: float, fits: float, possible: float) -> float:
    """Return the code of the decision at a bar."""
    if belief >= fits:
        return 0.0
    return 1.0 if belief >= possible else 2.0
