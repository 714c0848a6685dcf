"""Emerging storylines as alerts: one for each offer, told when it is made, when it has doubled, and when it
is settled.

Comes in: an offer, the last change of its alert, and some of its reports.  Goes out: the next change, or None
where nothing is worth telling.  All that it needs to know stands in that last change, so that a look which
is repeated tells nothing twice.  Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nightdesk.alerts.changes import next_state
from nightdesk.alerts.members import alerted
from nightdesk.ids import content_id
from schemas import Alert, AlertKind, AlertState, Arrival, Article, Severity
from schemas.offer import Offer

MOST_ARTICLES = 20
"""Reports that an alert tells of: the first, and the newest."""

GROWS = 2
"""It is told anew where so many times the outlets tell it."""


def about(offer: str) -> str:
    """Return what the alert of an offer is about (`Alert.about`)."""
    return f"emerging:{offer}"


def told_reports(offer: Offer) -> tuple[str, ...]:
    """Return the ids of the reports that its alert tells of."""
    return tuple(dict.fromkeys((*offer.reports[:1], *offer.reports[1:][1 - MOST_ARTICLES :])))


def is_worth_telling(offer: Offer, last: Alert | None) -> bool:
    """Whether an offer that stands is told of after its `last` change: made, doubled, or made once more."""
    if last is None or last.state is AlertState.QUIET:
        return True
    return offer.outlets >= GROWS * last.sources


def offered(
    offer: Offer, last: Alert | None, reports: Sequence[Article], now: datetime
) -> Alert | None:
    """Return the change that tells of an offer; None where none of its reports is at hand any more."""
    if not reports:
        return None
    said = f"{offer.articles} reports of {offer.outlets} outlets that no storyline holds"
    if last is not None:
        said += f", after {last.sources} outlets"
    return Alert(
        id=last.id if last is not None else content_id("alert", "emerging", offer.id),
        sequence=last.sequence + 1 if last is not None else 1,
        kind=AlertKind.EMERGING,
        emerging=offer.id,
        title=offer.title,
        reason=said,
        # Nobody asked for it yet: there is nothing that it could fit, and no words that earned it.
        articles=tuple(alerted(report, probability=0.0) for report in reports),
        sources=offer.outlets,
        pages=any(report.arrival is Arrival.LIVE for report in reports),
        first_seen_at=min(report.seen_at for report in reports),
        latest_seen_at=max(report.seen_at for report in reports),
        raised_at=now,
        severity=Severity.INFO,
        state=next_state(last.state if last is not None else None),
    )


def settled(last: Alert | None, why: str, now: datetime) -> Alert | None:
    """Return the change that closes an alert, if it stands open: the offer was taken, dismissed, or is
    gone."""
    if last is None or last.state is AlertState.QUIET:
        return None
    return last.model_copy(
        update={
            "sequence": last.sequence + 1,
            "state": AlertState.QUIET,
            "reason": why,
            "raised_at": now,
        }
    )
