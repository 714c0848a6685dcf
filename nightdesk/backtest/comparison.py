"""Comparison: a draft beside the version in force, over the same articles.

Comes in: two outcomes.  Goes out: which hits only the draft has, which only the version in force, and
how many both.  A hit is an article that fits; the other side's word on it is kept beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nightdesk.backtest.findings import Judged, Outcome
from schemas import Decision


@dataclass(frozen=True)
class Differing:
    """An article that one of the two takes for a hit.  `other` is None where it was not even named."""

    hit: Judged
    other: Judged | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        other = self.other
        return self.hit.as_dict() | {
            "other_decision": other.decision.value if other else None,
            "other_probability": other.probability if other else None,
        }


@dataclass(frozen=True)
class Comparison:
    """All in event-time order; `other` of a new hit is what the version in force says of it."""

    same: tuple[Judged, ...]
    new: tuple[Differing, ...]
    lost: tuple[Differing, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {
            "same": len(self.same),
            "new": [differing.as_dict() for differing in self.new],
            "lost": [differing.as_dict() for differing in self.lost],
        }


def compare(draft: Outcome, in_force: Outcome) -> Comparison:
    """Compare the last decisions of two trials over the same articles."""
    said = {judged.article: judged for judged in in_force.judged}
    now = {judged.article: judged for judged in draft.judged}
    before = {judged.article for judged in in_force.of(Decision.FITS)}
    after = {judged.article for judged in draft.of(Decision.FITS)}
    return Comparison(
        same=tuple(j for j in draft.of(Decision.FITS) if j.article in before),
        new=tuple(
            Differing(j, said.get(j.article))
            for j in draft.of(Decision.FITS)
            if j.article not in before
        ),
        lost=tuple(
            Differing(j, now.get(j.article))
            for j in in_force.of(Decision.FITS)
            if j.article not in after
        ),
    )
