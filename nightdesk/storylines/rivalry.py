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
from nightdesk.storylines.score import TEXT_PARTS, Assessment
from schemas import Contribution

RIVAL_SAYS = "rival says"
"""What that contribution is called."""


def beside_rivals(storyline: CompiledStoryline, assessed: Mapping[str, Assessment]) -> Assessment:
    """Return the assessment of `storyline`, of which that of each rival that came near takes something where
    more of what it declares is said.
    """
    own = assessed[storyline.id]
    rivals = [name for name in storyline.definition.rivals if name in assessed]
    if not rivals or rivals == [storyline.id]:
        return own
    worth, rival = max((_declared(assessed[name]), name) for name in rivals)
    lead = worth - max(0.0, _declared(own))
    if worth <= 0.0 or lead <= 0.0:
        return own
    value = -min(weights.MOST_BY_RIVAL, weights.BY_RIVAL * lead)
    said = [p.detail for p in assessed[rival].contributions if p.value > 0 and _is_declared(p)]
    detail = f"{rival}: {', '.join(filter(None, said))}"
    part = Contribution(name=RIVAL_SAYS, value=round(value, 6), detail=detail)
    return replace(own, contributions=(*own.contributions, part))


def _declared(assessment: Assessment) -> float:
    return fsum(part.value for part in assessment.contributions if _is_declared(part))


def _is_declared(part: Contribution) -> bool:
    return part.name not in TEXT_PARTS
