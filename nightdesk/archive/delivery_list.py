"""Deliveries as people look for them: by subscription, receiver, state, alert and time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from nightdesk.archive.documents import load
from nightdesk.archive.tables import deliveries
from schemas.delivery import Delivery, DeliveryState

_DOCUMENTS = select(deliveries.c.document).order_by(deliveries.c.changed_at.desc(), deliveries.c.id)
_ONE = select(deliveries.c.document, deliveries.c.planned_at, deliveries.c.due_at).where(
    deliveries.c.id == bindparam("of_id")
)
_ALIKE = (
    select(deliveries.c.id)
    .where(deliveries.c.id >= bindparam("from_"), deliveries.c.id < bindparam("to"))
    .order_by(deliveries.c.id)
    .limit(6)
)
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries; what is None or empty narrows nothing."""

    subscription: str | None = None
    receiver: str | None = None
    states: Collection[DeliveryState] = ()
    alert: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A delivery with when it was planned, and when it is due, if it is."""

    delivery: Delivery
    planned_at: datetime
    due_at: datetime | None


def find(conn: Connection, wanted: Wanted, limit: int) -> list[Delivery]:
    """Return at most `limit` deliveries, last changed first."""
    statement = _DOCUMENTS.where(*_conditions(wanted)).limit(limit)
    return [load(Delivery, document) for document in conn.execute(statement).scalars()]


def count_by_state(conn: Connection, wanted: Wanted) -> dict[DeliveryState, int]:
    """Return state -> how many, of those that there are."""
    statement = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
    rows = conn.execute(statement.where(*_conditions(wanted)))
    return {DeliveryState(state): int(n) for state, n in rows}


def get(conn: Connection, delivery_id: str) -> Standing | None:
    """Return one delivery; None where it is not known."""
    row = conn.execute(_ONE, {"of_id": delivery_id}).one_or_none()
    if row is None:
        return None
    return Standing(load(Delivery, row.document), row.planned_at, row.due_at)


def alike(conn: Connection, beginning: str) -> list[str]:
    """Return the first few ids that begin so."""
    found = conn.execute(_ALIKE, {"from_": beginning, "to": beginning + _LAST})
    return [str(id_) for id_ in found.scalars()]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    equal = (
        (deliveries.c.subscription, wanted.subscription),
        (deliveries.c.receiver, wanted.receiver),
        (deliveries.c.alert, wanted.alert),
    )
    found: list[ColumnElement[bool]] = [c == value for c, value in equal if value is not None]
    if wanted.states:
        found.append(deliveries.c.state.in_(sorted(state.value for state in wanted.states)))
    if wanted.since is not None:
        found.append(deliveries.c.changed_at >= wanted.since)
    return found
