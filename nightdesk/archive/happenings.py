"""What happened since a moment: changes of alerts, of how they are handled, and deliveries, in order.

A row is written with the moment at which its transaction began its work, and is seen when that commits: so a
reader that follows along looks back a little each time, and knows by the key what it has seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, tuple_

from nightdesk.archive.documents import load
from nightdesk.archive.statements import Lookup
from nightdesk.archive.tables import alert_handling, alerts, deliveries
from schemas.alert import Alert
from schemas.delivery import Delivery, DeliveryState
from schemas.handling import Handling

MOST = 5_000
"""Rows that one look returns, at most: the first."""

_CHUNK = 500
_CHANGES = (
    select(alerts.c.raised_at, alerts.c.id, alerts.c.sequence, alerts.c.document)
    .order_by(alerts.c.raised_at, alerts.c.id, alerts.c.sequence)
    .limit(_CHUNK)
)
_HANDLED = (
    select(alert_handling.c.changed_at, alert_handling.c.document)
    .order_by(alert_handling.c.changed_at, alert_handling.c.alert)
    .limit(MOST)
)
_DELIVERED = (
    select(deliveries.c.changed_at, deliveries.c.id, deliveries.c.document)
    .order_by(deliveries.c.changed_at, deliveries.c.id)
    .limit(MOST)
)
_AS_TOLD = Lookup(
    select(alerts.c.id, alerts.c.sequence, alerts.c.document), alerts.c.id, alerts.c.sequence
)


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery that reached its receiver, with the changes of alerts that it told."""

    at: datetime
    delivery: Delivery
    alerts: tuple[Alert, ...]


def changes(conn: Connection, since: datetime) -> Iterator[tuple[datetime, Alert]]:
    """Yield the changes of alerts from `since` on, first raised first."""
    after: tuple[datetime, str, int] | None = None
    for _ in range(MOST // _CHUNK):
        statement = _CHANGES.where(alerts.c.raised_at >= (after[0] if after else since))
        if after is not None:
            place = tuple_(alerts.c.raised_at, alerts.c.id, alerts.c.sequence)
            statement = statement.where(place > tuple_(*after))
        rows = conn.execute(statement).all()
        for row in rows:
            yield row.raised_at, load(Alert, row.document)
        if len(rows) < _CHUNK:
            return
        last = rows[-1]
        after = (last.raised_at, last.id, last.sequence)


def handled(conn: Connection, since: datetime) -> list[tuple[datetime, Handling]]:
    """Return how alerts are handled now whose handling changed from `since` on, first changed first."""
    rows = conn.execute(_HANDLED.where(alert_handling.c.changed_at >= since))
    return [(row.changed_at, load(Handling, row.document)) for row in rows]


def told(conn: Connection, subscription: str, receiver: str, since: datetime) -> list[Told]:
    """Return what reached a receiver from `since` on, first told first."""
    statement = _DELIVERED.where(
        deliveries.c.subscription == subscription,
        deliveries.c.state == DeliveryState.DELIVERED.value,
        deliveries.c.receiver == receiver,
        deliveries.c.changed_at >= since,
    )
    found = [(row.changed_at, load(Delivery, row.document)) for row in conn.execute(statement)]
    pairs = {pair for _, one in found for pair in _pairs(one)}
    as_told = {(id_, n): load(Alert, doc) for id_, n, doc in _AS_TOLD.fetch(conn, pairs)}
    return [
        Told(at, one, tuple(as_told[pair] for pair in _pairs(one) if pair in as_told))
        for at, one in found
    ]


def _pairs(delivery: Delivery) -> list[tuple[str, int]]:
    own = [(delivery.alert, delivery.sequence)]
    return own + [(other.alert, other.sequence) for other in delivery.also]
