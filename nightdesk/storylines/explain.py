"""Explains a match or candidate: the score as a sum, the words that earned it, and the distance to a yes.

Comes in: contributions and spans of a candidate or match.  Goes out: lines of plain text, and the
pieces from which a screen is painted (`pieces`, `thresholds`); what was missing is told by
`nightdesk.storylines.missing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, log

from nightdesk.storylines.compile import compile_storyline
from nightdesk.storylines.judging import bar_of
from nightdesk.storylines.rarity import Rarity, shipped_rarity
from nightdesk.storylines.rethinking import logistic
from schemas import Article, Bar, Contribution, Match, Span, Storyline

_AROUND = 30


@dataclass(frozen=True)
class Thresholds:
    """The probabilities from which a report fits, and is possible, and how far a score is from them."""

    fits: float
    possible: float

    def to_fit(self, score: float) -> float:
        """Return the log-odds that `score` lacks to fit; negative where it has them to spare."""
        return _log_odds(self.fits) - score

    def to_be_possible(self, score: float) -> float:
        """Return the log-odds that `score` lacks to be possible; negative where it has them to spare."""
        return _log_odds(self.possible) - score


@dataclass(frozen=True)
class Piece:
    """Some characters of a field; `span` is what they earned, None where nobody quotes them."""

    text: str
    span: Span | None = None


def thresholds(
    storyline: Storyline, bar: Bar | None = None, rarity: Rarity | None = None
) -> Thresholds:
    """Return the thresholds at a bar; without one, those that the storyline begins with.

    These are of words as `rarity` weighs them, the shipped one if None.
    """
    if bar is None:
        compiled = compile_storyline(storyline, 1, rarity=rarity or shipped_rarity())
        bar = bar_of(compiled, (), at_once=True)
    return Thresholds(bar.fits, bar.possible)


def pieces(text: str, spans: Sequence[Span]) -> list[Piece]:
    """Cut the text of one field at its spans, nothing left out; of spans that overlap the heavier stays.

    Spans that do not lie inside of the text are passed over.
    """
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda s: (-abs(s.weight), s.start, s.end)):
        inside = 0 <= span.start < span.end <= len(text)
        if inside and not any(span.start < c.end and c.start < span.end for c in chosen):
            chosen.append(span)
    found, at = [], 0
    for span in sorted(chosen, key=lambda s: s.start):
        found.append(Piece(text[at : span.start]))
        found.append(Piece(text[span.start : span.end], span))
        at = span.end
    found.append(Piece(text[at:]))
    return [piece for piece in found if piece.text]


def explain_match(match: Match) -> str:
    """Return why `match` was decided as it was: a headline, the sum, then the quoted words."""
    head = (
        f"{match.decision.value}: {match.storyline} (version {match.storyline_version})"
        f" · probability {match.probability:.2f}\n  {match.article.title or match.article.id}"
    )
    return "\n".join((head, explain_score(match.contributions), quote(match.article, match.spans)))


def explain_score(contributions: Sequence[Contribution]) -> str:
    """Return the contributions as a sum in log-odds, and the probability that it makes."""
    lines = [f"  {part.value:+7.2f}  {part.name:<16} {part.detail}" for part in contributions]
    total = fsum(part.value for part in contributions)
    return "\n".join([*lines, f"  {total:+7.2f}  {'sum':<16} probability {logistic(total):.2f}"])


def quote(article: Article, spans: Sequence[Span]) -> str:
    """Return each span in its surroundings, the heaviest first."""
    texts = {"title": article.title, "description": article.description, "text": article.text}
    lines = []
    for span in sorted(spans, key=lambda s: (-abs(s.weight), s.field, s.start)):
        text = texts[span.field]
        before = " ".join(text[max(0, span.start - _AROUND) : span.start].split())
        after = " ".join(text[span.end : span.end + _AROUND].split())
        lines.append(
            f"  {span.weight:+7.2f}  {span.field}: …{before} [{text[span.start : span.end]}] {after}…"
        )
    return "\n".join(lines)


def _log_odds(probability: float) -> float:
    return log(probability / (1.0 - probability))
