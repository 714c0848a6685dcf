"""Puts a decision into words: what each contribution refers to, the reason, and the quoted spans.

Comes in: contributions, the static ones beside them, the memory.  Goes out: the same contributions with
details, one sentence of reasons, and spans of the article.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nightdesk.numbers import Reals, side_by_side
from nightdesk.storylines.company import nearest
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.memory import Measure
from nightdesk.storylines.nominate import hits_in
from nightdesk.storylines.packed import Packed
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.remembered import Remembered
from nightdesk.storylines.score import quotes
from schemas import Article, Contribution, Span

_WORDS: Final = "words in common"

_IN_REASON: Final = {
    "entities": "",
    "cues": "says ",
    _WORDS: "",
    "missing": "",
    "opposing cues": "against it: ",
    "no cue": "",
    "excluded": "excluded by ",
    "neighbours": "",
    "rivals": "",
    "copy": "",
}
"""What stands before the detail of each contribution that makes a reason, in order."""


def details_of(
    static: Sequence[Contribution], remembered: Sequence[Remembered], measure: Measure, met: Reals
) -> dict[str, str]:
    """Return what the model's contributions refer to; `met` is the likeness to the storyline's texts, then to
    each remembered report.
    """
    return {
        _WORDS: _words_of(static),
        "neighbours": _neighbours(remembered, measure, met),
        "learned": f"{measure.accepted} reports accepted before",
    }


def _words_of(static: Sequence[Contribution]) -> str:
    return next((part.detail for part in static if part.name == _WORDS), "")


def _neighbours(remembered: Sequence[Remembered], measure: Measure, met: Reals) -> str:
    """Name the remembered report that is nearest, on the side that weighs more."""
    place = nearest(met, len(met) - len(remembered), side_by_side(measure.beliefs))
    if not place:
        return ""
    report = remembered[abs(place) - 1]
    side = "accepted" if place > 0 else "not accepted"
    return f"nearer to what was {side}: “{report.title or report.article}”"


def reason_of(parts: Sequence[Contribution]) -> str:
    """Say in words what decided, what was declared first."""
    said = {part.name: part.detail for part in parts if part.detail}
    ordered = [before + said[name] for name, before in _IN_REASON.items() if name in said]
    return "; ".join(ordered) or "no word in common with the storyline"


def quoted(article: Article, storyline: CompiledStoryline) -> tuple[Span, ...]:
    """Return the words that earned it."""
    reading = Reading.of(article)
    return quotes(reading, storyline, hits_in(reading, storyline))[1]


def explained(
    parts: Sequence[Contribution],
    article: Article,
    storyline: CompiledStoryline,
    packed: Packed | None = None,
) -> tuple[list[Contribution], tuple[Span, ...]]:
    """Return `parts` with the words in common named, and the words that earned them.

    `nominate` leaves both out where a report is not likely to fit: nobody will ever read them.  `packed`
    are the article's heaviest words where they are known.
    """
    reading = Reading.of(article)
    words, spans = quotes(reading, storyline, hits_in(reading, storyline), packed)
    told = [
        part.model_copy(update={"detail": words}) if words and part.name == _WORDS else part
        for part in parts
    ]
    return told, spans
