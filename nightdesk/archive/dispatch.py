"""What the dispatcher asks of deliveries: claims that pass over busy receivers, what goes with a claim,
leases given back, and deliveries opened again.

`nightdesk.archive.deliveries` holds the rest: planning, finishing, and what was told to whom.
Lists that come in are as long as a claim, some hundred at most; what deliveries tell besides may be more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, tuple_, update

from nightdesk.archive.documents import load
from nightdesk.archive.errors import DocumentUnreadable
from nightdesk.archive.statements import fetch_in
from nightdesk.archive.tables import alerts, deliveries, delivery_attempts
from schemas.alert import Alert
from schemas.delivery import Delivery, DeliveryState

ReceiverName = tuple[str, str]
"""A subscription and the name of one of its receivers."""

AHEAD = timedelta(days=1)
"""Nothing waits or is leased for so long: what does was written by a clock that has been set back since."""


def _past(moment: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(moment <= bindparam("now"), moment > bindparam("ahead"))


# A CTE, for PostgreSQL must run it once: see `deliveries.claim`.
_DUE = (
    select(deliveries.c.id)
    .where(
        _past(deliveries.c.due_at),
        or_(deliveries.c.leased_until.is_(None), _past(deliveries.c.leased_until)),
        tuple_(deliveries.c.subscription, deliveries.c.receiver).not_in(
            bindparam("busy", expanding=True)
        ),
    )
    .order_by(deliveries.c.due_at, deliveries.c.sequence, deliveries.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM = (
    update(deliveries)
    .where(deliveries.c.id.in_(select(_DUE.c.id)))
    .values(leased_until=bindparam("until"), leased_by=bindparam("worker"))
    .returning(deliveries.c.due_at, deliveries.c.sequence, deliveries.c.id, deliveries.c.document)
)
_AT = select(alerts.c.id, alerts.c.sequence, alerts.c.document).where(
    tuple_(alerts.c.id, alerts.c.sequence).in_(bindparam("items", expanding=True))
)
_FIRST_TRIED = (
    select(delivery_attempts.c.delivery, func.min(delivery_attempts.c.started_at))
    .where(
        delivery_attempts.c.delivery.in_(bindparam("items", expanding=True)),
        delivery_attempts.c.n > 0,
    )
    .group_by(delivery_attempts.c.delivery)
)
_RELEASE = (
    update(deliveries)
    .where(
        deliveries.c.id.in_(bindparam("items", expanding=True)),
        deliveries.c.leased_by == bindparam("worker"),
    )
    .values(leased_until=None, leased_by=None)
)
_RELEASE_ALL = (
    update(deliveries)
    .where(deliveries.c.due_at.is_not(None), deliveries.c.leased_by.is_not(None))
    .values(leased_until=None, leased_by=None)
)
_ENDED = select(deliveries.c.document).where(
    deliveries.c.id == bindparam("of_id"),
    deliveries.c.state.in_(bindparam("states", expanding=True)),
)
_LIFE = 1_000_000
"""Attempts of a delivery that was opened again are numbered from 1 anew; earlier ones, by so much lower."""
_EARLIER = (
    update(delivery_attempts)
    .where(delivery_attempts.c.delivery == bindparam("of_id"))
    .values(n=delivery_attempts.c.n - _LIFE)
)
_REOPEN = (
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("of_id"),
        deliveries.c.state.in_(bindparam("states", expanding=True)),
    )
    .values(
        state=bindparam("to_state"),
        attempts=0,
        reason=bindparam("to_reason"),
        due_at=bindparam("to_due_at"),
        changed_at=bindparam("to_due_at"),
        document=bindparam("to_document"),
    )
)


def claim(
    conn: Connection,
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    busy: Collection[ReceiverName] = (),
) -> tuple[list[Delivery], list[str]]:
    """Lease at most `limit` deliveries that are due at `now` to `worker`, none of `busy` receivers.

    What is due, or leased, more than `AHEAD` from now is due at once.
    Returns them, longest due first and the changes of one alert in order, and beside them the ids of
    claimed rows whose document cannot be read.  Commit before delivering.
    """
    values = {
        "now": now,
        "ahead": now + AHEAD,
        "most": limit,
        "until": now + lease,
        "worker": worker,
        "busy": sorted(busy),
    }
    claimed, unreadable = [], []
    for _, _, id_, document in sorted(tuple(row) for row in conn.execute(_CLAIM, values)):
        try:
            claimed.append(load(Delivery, document))
        except DocumentUnreadable:
            unreadable.append(id_)
    return claimed, unreadable


def alerts_at(conn: Connection, changes: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Alert]:
    """Return (id, sequence) -> the alert as it stood then; what is gone or unreadable is left out."""
    found = {}
    for id_, sequence, document in fetch_in(conn, _AT, changes):
        try:
            found[id_, sequence] = load(Alert, document)
        except DocumentUnreadable:
            continue
    return found


def first_tried(conn: Connection, delivery_ids: Iterable[str]) -> dict[str, datetime]:
    """Return delivery -> when it was first tried, for those that were."""
    return {row[0]: row[1] for row in fetch_in(conn, _FIRST_TRIED, delivery_ids)}


def release(conn: Connection, delivery_ids: Sequence[str], *, worker: str) -> None:
    """Give back leases of `worker`: the deliveries are due again at once.  Others' leases stay."""
    conn.execute(_RELEASE, {"items": list(delivery_ids), "worker": worker})


def release_all(conn: Connection, *, worker: str | None) -> int:
    """Give back every lease of `worker`, of all workers if None; return how many.

    For a worker that has just started: whatever is leased in its name was left by one that died.
    """
    statement = _RELEASE_ALL
    if worker is not None:
        statement = statement.where(deliveries.c.leased_by == worker)
    return conn.execute(statement).rowcount


def reopen(
    conn: Connection,
    delivery_id: str,
    now: datetime,
    *,
    reason: str,
    states: Collection[DeliveryState] = (DeliveryState.FAILED,),
) -> Delivery | None:
    """Open a delivery that has ended again: due at `now`, its attempts counted afresh; earlier ones stay.

    Returns it, or None where no delivery in one of `states` has this id.  Its id stays: a receiver that had
    it after all knows it.
    """
    among = {"states": sorted(state.value for state in states)}
    document = conn.execute(_ENDED, {"of_id": delivery_id} | among).scalar()
    if document is None:
        return None
    opened = load(Delivery, document).model_copy(
        update={
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "seconds": None,
            "reason": reason,
            "changed_at": now,
        }
    )
    values = {
        "of_id": delivery_id,
        "to_state": opened.state.value,
        "to_reason": opened.reason,
        "to_due_at": now,
        "to_document": opened.model_dump_json(),
    }
    if not conn.execute(_REOPEN, values | among).rowcount:
        return None
    conn.execute(_EARLIER, {"of_id": delivery_id})
    return opened
