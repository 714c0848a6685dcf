"""The F-measure that a storyline can expect, given how probable its reports are."""

from __future__ import annotations

_REPORTS = 2.0
"""So many reports what is expected at first is worth."""


def best_expected(rising: list[float], missed: float, at_first: float) -> float:
    """Return the best F-measure that accepting the likeliest few can be expected to have.

    `rising` are the probabilities of all reports in order; a missed one is `missed` times as bad as a false
    alarm.
    """
    reports = len(rising)
    weight = 1.0 + missed
    told, either = _REPORTS * at_first, _REPORTS
    for at in range(reports):
        either += missed * rising[at]
    hits, best = 0.0, told / either
    for accepted in range(1, reports + 1):
        belief = rising[reports - accepted]
        # Less likely ones can but lower it from here on.
        if weight * belief <= best:
            break
        hits += belief
        expected = (weight * hits + told) / (accepted + either)
        best = max(best, expected)
    return best
