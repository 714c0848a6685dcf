"""What happened since a moment: changes of alerts, of how they are handled, and deliveries, in order.

A row is written with the moment at which its transaction began its work, and is seen when that commits: so a
reader that follows along looks back a little each time, and knows by the key what it has seen.  Of what is
`known` to it only keys are read.  A row that cannot be read is left out: it must not hold up the others.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, literal_column, select, tuple_

from nightdesk.archive.dispatch import alerts_at
from nightdesk.archive.documents import load
from nightdesk.archive.errors import DocumentUnreadable
from nightdesk.archive.statements import Lookup
from nightdesk.archive.tables import alert_handling, alerts, deliveries
from schemas.alert import Alert
from schemas.base import Contract
from schemas.delivery import Delivery, DeliveryState
from schemas.handling import Handling

MOST = 5_000
"""Rows that one look returns, at most: the first."""

C = TypeVar("C", bound=Contract)
_CHUNK = 500
_CHANGES = (
    select(alerts.c.raised_at, alerts.c.id, alerts.c.sequence)
    .order_by(alerts.c.raised_at, alerts.c.id, alerts.c.sequence)
    .limit(_CHUNK)
)
_HANDLED = (
    select(alert_handling.c.changed_at, alert_handling.c.alert, alert_handling.c.version)
    .order_by(alert_handling.c.changed_at, alert_handling.c.alert)
    .limit(MOST)
)
# Its channel stands in the statement itself, for the index that holds no other's.
_DELIVERED = (
    select(deliveries.c.changed_at, deliveries.c.id)
    .where(deliveries.c.channel == literal_column("'events'"))
    .order_by(deliveries.c.changed_at, deliveries.c.id)
    .limit(MOST)
)
_HANDLINGS = Lookup(
    select(alert_handling.c.alert, alert_handling.c.document), alert_handling.c.alert
)
_DOCUMENTS = Lookup(select(deliveries.c.id, deliveries.c.document), deliveries.c.id)


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery that reached its receiver, with the changes of alerts that it told."""

    at: datetime
    delivery: Delivery
    alerts: tuple[Alert, ...]


def change_key(alert: str, sequence: int) -> str:
    """Return what a change of an alert is known by."""
    return f"{alert}/{sequence}"


def handling_key(alert: str, version: int) -> str:
    """Return what a change of an alert's handling is known by."""
    return f"{alert}/handling/{version}"


def changes(
    conn: Connection, since: datetime, known: Container[str] = ()
) -> Iterator[tuple[datetime, Alert]]:
    """Yield the changes of alerts from `since` on, first raised first."""
    after: tuple[datetime, str, int] | None = None
    for _ in range(MOST // _CHUNK):
        statement = _CHANGES.where(alerts.c.raised_at >= (after[0] if after else since))
        if after is not None:
            place = tuple_(alerts.c.raised_at, alerts.c.id, alerts.c.sequence)
            statement = statement.where(place > tuple_(*after))
        rows = [tuple(row) for row in conn.execute(statement)]
        new = [row for row in rows if change_key(row[1], row[2]) not in known]
        as_told = alerts_at(conn, (row[1:] for row in new))
        yield from ((row[0], as_told[row[1:]]) for row in new if row[1:] in as_told)
        if len(rows) < _CHUNK:
            return
        after = rows[-1]


def handled(
    conn: Connection, since: datetime, known: Container[str] = ()
) -> list[tuple[datetime, Handling]]:
    """Return how alerts are handled now whose handling changed from `since` on, first changed first."""
    rows = conn.execute(_HANDLED.where(alert_handling.c.changed_at >= since))
    new = {alert: at for at, alert, version in rows if handling_key(alert, version) not in known}
    found = dict(_readable(Handling, _HANDLINGS.fetch(conn, new)))
    return [(at, found[alert]) for alert, at in new.items() if alert in found]


def told(
    conn: Connection,
    subscription: str,
    receiver: str,
    since: datetime,
    known: Container[str] = (),
) -> list[Told]:
    """Return what reached an `events` receiver from `since` on, first told first; known by its id."""
    statement = _DELIVERED.where(
        deliveries.c.subscription == subscription,
        deliveries.c.state == DeliveryState.DELIVERED.value,
        deliveries.c.receiver == receiver,
        deliveries.c.changed_at >= since,
    )
    new = {id_: at for at, id_ in conn.execute(statement) if id_ not in known}
    found = dict(_readable(Delivery, _DOCUMENTS.fetch(conn, new)))
    as_told = alerts_at(conn, (pair for one in found.values() for pair in _pairs(one)))
    return [
        Told(at, one, tuple(as_told[pair] for pair in _pairs(one) if pair in as_told))
        for id_, at in new.items()
        if (one := found.get(id_)) is not None
    ]


def _readable(kind: type[C], rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, C]]:
    for key, document in rows:
        try:
            yield key, load(kind, document)
        except DocumentUnreadable:
            continue


def _pairs(delivery: Delivery) -> list[tuple[str, int]]:
    own = [(delivery.alert, delivery.sequence)]
    return own + [(other.alert, other.sequence) for other in delivery.also]
