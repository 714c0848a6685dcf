"""The most that a storyline without texts can come to, and what it has to come to.

Comes in: a compiled storyline.  Goes out: the probability of a report that names and says all of it, and the
bar that it is held against.  With texts it hangs on the words of the report, and no more can be told.
"""

from __future__ import annotations

from math import fsum
from typing import NamedTuple

from nightdesk.storylines import weights
from nightdesk.storylines.bar import fixed_bar
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.rethinking import logistic
from schemas import Bar


class Best(NamedTuple):
    """The greatest probability of any report, and its bar."""

    probability: float
    bar: Bar


def best_of(storyline: CompiledStoryline) -> Best | None:
    """Return the most that a storyline can come to by entities and cues; None where it has texts."""
    if storyline.profile:
        return None
    worth = storyline.declared
    entities = [worth.optional * group.weight for group in storyline.groups if group.optional]
    if len(entities) < len(storyline.groups):
        entities.append(worth.complete)
    cues = len(storyline.definition.cues.supporting)
    said = [worth.cues[min(rank, 2)] for rank in range(min(cues, weights.MOST_CUES))]
    if said:
        said.append(worth.lead)
    score = fsum((storyline.base, *entities, *said))
    return Best(logistic(score), fixed_bar(storyline.definition.sensitivity))
