"""Puts a decision into words: one sentence of reasons, and the quoted spans.

Comes in: contributions and their article.  Goes out: the same contributions with the words in common named,
the reason, and spans of the article.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.nominate import hits_in
from nightdesk.storylines.packed import Packed
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.rivalry import RIVAL_SAYS
from nightdesk.storylines.score import WORDS, quotes
from schemas import Article, Contribution, Span

_IN_REASON: Final = {
    "entities": "",
    "cues": "says ",
    WORDS: "",
    "missing": "",
    "opposing cues": "against it: ",
    "no cue": "",
    "excluded": "excluded by ",
    "neighbours": "",
    "rivals": "",
    RIVAL_SAYS: "more is said of ",
    "copy": "",
}
"""What stands before the detail of each contribution that makes a reason, in order."""


def words_of(static: Sequence[Contribution]) -> str:
    """Return the words in common that static contributions name."""
    return next((part.detail for part in static if part.name == WORDS), "")


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
    return [*naming(parts, words)], spans


def naming(parts: Sequence[Contribution], words: str) -> tuple[Contribution, ...]:
    """Return `parts` with the words in common named, if any are given."""
    return tuple(
        part.model_copy(update={"detail": words}) if words and part.name == WORDS else part
        for part in parts
    )
