"""What `decide` and `settle` share: from log-odds to contributions, a probability, and a decision.

Comes in: what the model made of reports.  Goes out: contributions whose sum is the score, and decisions
at a bar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import fsum

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from nightdesk.storylines.bar import fixed_bar
from nightdesk.storylines.columns import DECISIONS
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.rethinking import code, logistic
from schemas import Bar, Contribution, Decision

Floats = NDArray[np.float64]

_CONTRIBUTIONS: TypeAdapter[tuple[Contribution, ...]] = TypeAdapter(tuple[Contribution, ...])


def text_parts(
    told: Iterable[tuple[str, float]], say: Callable[[str, float], str]
) -> tuple[Contribution, ...]:
    """Return what the model's groups of features add for one report; what adds nothing is left out.

    `say` names what a group refers to, given what it adds.
    """
    rows = [
        {"name": name, "value": value, "detail": say(name, value)} for name, value in told if value
    ]
    # All in one call: one by one takes twice as long.
    return _CONTRIBUTIONS.validate_python(tuple(rows))


def conclude(
    parts: Sequence[Contribution], told: Sequence[tuple[str, float]] = ()
) -> tuple[float, float]:
    """Return the score, which is the sum of `parts` and of what is `told` besides, and its probability."""
    score = fsum([*[part.value for part in parts], *[value for _, value in told]])
    return score, logistic(score)


def bar_of(storyline: CompiledStoryline, beliefs: Iterable[float], *, at_once: bool = False) -> Bar:
    """Return the bar at which a storyline that believes `beliefs` of its reports takes one; `at_once` for an
    article that it never decided about.
    """
    if not storyline.profile:
        return fixed_bar(storyline.definition.sensitivity)
    return storyline.asked.bar(beliefs, at_once=at_once)


def judge(probability: float, bar: Bar) -> Decision:
    """Return the decision at a bar."""
    return DECISIONS[int(code(probability, bar.fits, bar.possible))]
