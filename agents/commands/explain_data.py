"""An explanation as plain data, for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nightdesk.storylines.explain import thresholds
from schemas import Article

if TYPE_CHECKING:
    from nightdesk.explanation import Explanation
    from nightdesk.storylines.missing import Lack


def as_data(explanation: Explanation, *, draft: bool) -> dict[str, Any]:
    """Return everything as plain data."""
    match, lacks = explanation.match, explanation.missing
    bounds = thresholds(explanation.definition, match.bar, explanation.rarity)
    data = match.model_dump(mode="json", exclude={"article"})
    fields = fields_of(match.article)
    for span in data["spans"]:
        span["text"] = fields[span["field"]][span["start"] : span["end"]]
    return data | {
        "article": match.article.model_dump(mode="json"),
        "basis": "recorded" if explanation.recorded else "draft" if draft else "computed",
        "barred": list(explanation.barred),
        "named": explanation.named,
        "floor": explanation.floor,
        "sensitivity": explanation.definition.sensitivity.value,
        "thresholds": {"fits": bounds.fits, "possible": bounds.possible},
        # No word would help what is barred.
        "needs": {
            "fits": None if explanation.barred else bounds.to_fit(match.score),
            "possible": None if explanation.barred else bounds.to_be_possible(match.score),
        },
        "missing": {
            "entities": [_lack(lack) for lack in lacks.entities],
            "cue": _lack(lacks.cue) if lacks.cue else None,
            "words": list(lacks.words),
            "opposed": list(lacks.opposed),
            "excluded": list(lacks.excluded),
            "barred": list(lacks.barred),
        },
        "rivals": [rival.model_dump(mode="json") for rival in explanation.rivals],
        "remembered": explanation.remembered,
        "history": [
            {
                "version": one.version,
                "decided_at": one.decided_at.isoformat(),
                "decision": one.decision.value,
                "probability": one.probability,
                "storyline_version": one.storyline_version,
                "revision": one.article.revision,
                "reason": one.reason,
            }
            for one in explanation.history
        ],
    }


def _lack(lack: Lack) -> dict[str, Any]:
    return {
        "name": lack.name,
        "any_of": list(lack.any_of),
        "gain": lack.gain,
        "optional": lack.optional,
    }


def fields_of(article: Article) -> dict[str, str]:
    """Return the texts of an article by the names that spans call them."""
    return {"title": article.title, "description": article.description, "text": article.text}
