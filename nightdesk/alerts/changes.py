"""A change of a development, as its alert tells of it.

Comes in: the development as it stands after a report (or after none came), and why that is told.  Goes out:
the development with its next sequence and state, and the alert.  Every sequence of an alert is made here, so
that one rule says how states follow each other:

    new ─▶ developing ─▶ quiet ─▶ reopened ─▶ developing …

What is not told changes no state: an alert and its development never disagree.  Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nightdesk.alerts.grouping import Development
from nightdesk.alerts.news import is_news
from schemas import Alert, AlertKind, Match, Novelty, Rate, Storyline
from schemas.alert import AlertState


@dataclass(frozen=True)
class Cause:
    """Why something is told: the match that it came with, what that adds, and how many came how fast; `also`
    and `awaited` are those of the alert."""

    kind: AlertKind
    reason: str
    match: Match
    novelty: Novelty | None = None
    rate: Rate | None = None
    also: tuple[AlertKind, ...] = ()
    awaited: bool = False


def tell(
    development: Development, cause: Cause, storyline: Storyline, now: datetime
) -> tuple[Development, Alert]:
    """Return the development one sequence on, and the alert that tells of it."""
    article = cause.match.article
    live = is_news(cause.match)
    after = development.model_copy(
        update={
            "sequence": development.sequence + 1,
            "state": next_state(development.state if development.sequence else None),
            "paged": development.paged or live,
            "told_outlets": len(development.outlets),
            "told_sources": len(development.sources),
        }
    )
    alert = Alert(
        id=after.alert,
        sequence=after.sequence,
        kind=cause.kind,
        storyline=storyline.id,
        storyline_title=storyline.title,
        storyline_version=cause.match.storyline_version,
        development=after.id,
        title=after.title,
        reason=cause.reason,
        articles=tuple(member.told for member in after.members),
        sources=len(after.sources),
        spans=after.spans,
        pages=live,
        first_seen_at=after.first_seen_at,
        latest_seen_at=after.latest_seen_at,
        raised_at=now,
        raised_by=article.id,
        novelty=cause.novelty,
        severity=storyline.severity,
        state=after.state,
        contradictions=after.contradictions,
        rate=cause.rate,
        also=cause.also,
        sources_before=development.told_sources,
        awaited=cause.awaited,
    )
    return after, alert


def next_state(before: AlertState | None) -> AlertState:
    """Return the state after something more is told of what was `before`; None where nothing was told yet."""
    if before is None:
        return AlertState.NEW
    return AlertState.REOPENED if before is AlertState.QUIET else AlertState.DEVELOPING
