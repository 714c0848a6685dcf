"""Puts a decision into words: what each contribution refers to, the reason, and the quoted spans.

Comes in: contributions, the static ones beside them, the memory.  Goes out: the same contributions with
details, one sentence of reasons, and spans of the article.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.judging import Floats
from nightdesk.storylines.neighbourhood import TRUSTED
from nightdesk.storylines.nominate import assess_alone
from nightdesk.storylines.remembered import Remembered
from schemas import Article, Contribution, Span

_IN_REASON: Final = {
    "entities": "{}",
    "cues": "says {}",
    "words in common": "{}",
    "missing": "{}",
    "opposing cues": "against it: {}",
    "no cue": "{}",
    "excluded": "excluded by {}",
    "neighbours": "{}",
    "rivals": "{}",
    "copy": "{}",
}


def detailed(
    parts: Sequence[Contribution],
    static: Sequence[Contribution],
    remembered: Sequence[Remembered],
    near: Floats,
) -> list[Contribution]:
    """Return `parts` with what they refer to; `near` is the likeness to each remembered report."""
    accepted = sum(report.probability >= TRUSTED for report in remembered)
    told = {
        "words in common": _words_of(static),
        "neighbours": _neighbours(remembered, near),
        "learned": f"{accepted} reports accepted before",
    }
    return _told(parts, told)


def _words_of(static: Sequence[Contribution]) -> str:
    return next((part.detail for part in static if part.name == "words in common"), "")


def _told(parts: Sequence[Contribution], told: Mapping[str, str]) -> list[Contribution]:
    return [
        part.model_copy(update={"detail": told[part.name]}) if told.get(part.name) else part
        for part in parts
    ]


def _neighbours(remembered: Sequence[Remembered], near: Floats) -> str:
    """Name the remembered report that is nearest, on the side that weighs more."""
    if not len(near) or not near.any():
        return ""
    beliefs = np.array([report.probability for report in remembered])
    friends, strangers = near * beliefs, near * (1.0 - beliefs)
    accepted = friends.max() >= strangers.max()
    nearest = remembered[int((friends if accepted else strangers).argmax())]
    side = "accepted" if accepted else "not accepted"
    return f"nearer to what was {side}: “{nearest.title or nearest.article}”"


def reason_of(parts: Sequence[Contribution]) -> str:
    """Say in words what decided, what was declared first."""
    by_name = {part.name: part.detail for part in parts}
    said = [form.format(by_name[name]) for name, form in _IN_REASON.items() if by_name.get(name)]
    return "; ".join(said) or "no word in common with the storyline"


def quoted(article: Article, storyline: CompiledStoryline) -> tuple[Span, ...]:
    """Return the words that earned it."""
    return assess_alone(article, storyline).spans


def explained(
    parts: Sequence[Contribution], article: Article, storyline: CompiledStoryline
) -> tuple[list[Contribution], tuple[Span, ...]]:
    """Return `parts` with the words in common named, and the words that earned them.

    `nominate` leaves both out, since of most candidates nobody will ever read them.
    """
    assessment = assess_alone(article, storyline)
    named = {"words in common": _words_of(assessment.contributions)}
    return _told(parts, named), assessment.spans
