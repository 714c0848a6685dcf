"""What declared rivals have to say: a report that has their entities and cues and not ours is theirs.

Comes in: a storyline, and the static assessments of all that an article came near to.  Goes out: the
storyline's own, with one more contribution where a rival has more to say.  Which of two rivals is nearer in
words, the model weighs (`nightdesk.storylines.neighbourhood`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import fsum

from nightdesk.storylines import weights
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.score import Assessment, declared_in
from schemas import Contribution

RIVAL_SAYS = "rival says"
"""What that contribution is called."""


def beside_rivals(storyline: CompiledStoryline, assessed: Mapping[str, Assessment]) -> Assessment:
    """Return the assessment of `storyline`, of which that of each rival that came near takes something where
    more of what it declares is said.
    """
    own = assessed[storyline.id]
    rivals = [name for name in storyline.definition.rivals if name in assessed]
    if not rivals:
        return own
    worth, rival = max((_worth(assessed[name]), name) for name in rivals)
    lead = worth - max(0.0, _worth(own))
    if lead <= 0.0:
        return own
    value = -min(weights.MOST_BY_RIVAL, weights.BY_RIVAL * lead)
    said = [part.detail for part in declared_in(assessed[rival].contributions) if part.value > 0]
    detail = f"{rival}: {', '.join(filter(None, said))}"
    part = Contribution(name=RIVAL_SAYS, value=round(value, 6), detail=detail)
    return replace(own, contributions=(*own.contributions, part))


def _worth(assessment: Assessment) -> float:
    return fsum(part.value for part in declared_in(assessment.contributions))
