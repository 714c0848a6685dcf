"""What a look for emerging storylines tells: offers made and grown, those taken, dismissed, or gone.

Comes in: the look, within the transaction that has stored it.  Goes out: what is to be sent.  What somebody
said of an offer since the last look is told of here too, for it is no look that takes or dismisses one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.alerts import emerging
from nightdesk.archive import alerts, articles
from nightdesk.pipeline.raising import Row, raise_alerts
from nightdesk.storylines.offers import Look
from schemas import Alert
from schemas.offer import Offer, OfferState

BY = "lookout"


def tell(
    connection: Connection,
    look: Look,
    known: Iterable[str],
    standing: Mapping[str, Offer],
    *,
    now: datetime,
) -> list[Row]:
    """Raise what is to be told; `known` are the ids of all offers before the look, `standing` those after it.

    Raises ArchiveConflict where another worker looked at the same moment.
    """
    last = alerts.standing_about(
        connection, map(emerging.about, {*known, *look.swallowed, *standing})
    )
    raised = _offered(connection, look, standing, last, now)
    for about, alert in last.items():
        id_ = about.partition(":")[2]
        why = _settled(id_, look, standing.get(id_))
        closed = emerging.settled(alert, why, now) if why else None
        raised += [closed] if closed is not None else []
    return raise_alerts(connection, raised, by=BY, now=now)


def _offered(
    connection: Connection,
    look: Look,
    standing: Mapping[str, Offer],
    last: Mapping[str, Alert],
    now: datetime,
) -> list[Alert]:
    made = {offer.id for offer, _ in look.made}
    # What was offered before alerts told of it is left alone.
    asked = [
        offer
        for id_ in dict.fromkeys([*made, *(offer.id for offer in look.grown)])
        if (offer := standing.get(id_)) is not None
        and offer.state is OfferState.OFFERED
        and (id_ in made or emerging.about(id_) in last)
        and emerging.is_worth_telling(offer, last.get(emerging.about(id_)))
    ]
    ids = {id_ for offer in asked for id_ in emerging.told_reports(offer)}
    found = articles.latest(connection, sorted(ids)) if ids else {}
    told = []
    for offer in sorted(asked, key=lambda one: one.id):
        reports = [found[id_].article() for id_ in emerging.told_reports(offer) if id_ in found]
        alert = emerging.offered(offer, last.get(emerging.about(offer.id)), reports, now)
        told += [alert] if alert is not None else []
    return told


def _settled(id_: str, look: Look, offer: Offer | None) -> str:
    """Return why an offer is not on offer any more; nothing where it is."""
    if id_ in look.swallowed:
        return "another offer holds its reports"
    if offer is None:
        return "nothing more came"
    if offer.state is OfferState.TAKEN:
        return f"it was taken: storyline {offer.storyline} is in force"
    return "it was dismissed" if offer.state is OfferState.DISMISSED else ""
