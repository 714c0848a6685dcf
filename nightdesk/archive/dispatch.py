"""What the dispatcher asks of deliveries: claims that pass over busy receivers, what goes with a claim,
leases given back, and deliveries opened again.

A worker that dies leaves a lease that runs out.  The database decides who claims: of two workers never both.
`nightdesk.archive.deliveries` holds the rest: planning, finishing, and what was told to whom.
Lists that come in are as long as a claim, some hundred at most; what deliveries tell besides may be more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, or_, select, tuple_, update

from nightdesk.archive.documents import load
from nightdesk.archive.errors import DocumentUnreadable
from nightdesk.archive.statements import Lookup, among, fetch_in
from nightdesk.archive.tables import alerts, deliveries, delivery_attempts
from schemas.alert import Alert
from schemas.delivery import Delivery, DeliveryState

ReceiverName = tuple[str, str]
"""A subscription and the name of one of its receivers."""

# A CTE, and not a plain subquery: PostgreSQL must run it once, or LIMIT and SKIP LOCKED would count afresh
# for each row that it looks at.
_DUE = (
    select(deliveries.c.id)
    .where(
        deliveries.c.due_at <= bindparam("now"),
        or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= bindparam("now")),
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
_AT = Lookup(
    select(alerts.c.id, alerts.c.sequence, alerts.c.document), alerts.c.id, alerts.c.sequence
)
_FIRST_TRIED = (
    select(delivery_attempts.c.delivery, func.min(delivery_attempts.c.started_at))
    .where(among(delivery_attempts.c.delivery), delivery_attempts.c.n > 0)
    .group_by(delivery_attempts.c.delivery)
)
_REACHED = (
    select(
        deliveries.c.alert,
        deliveries.c.subscription,
        deliveries.c.receiver,
        func.max(deliveries.c.sequence),
    )
    .where(among(deliveries.c.alert), deliveries.c.state == DeliveryState.DELIVERED.value)
    .group_by(deliveries.c.alert, deliveries.c.subscription, deliveries.c.receiver)
)
_RELEASE = (
    update(deliveries)
    .where(among(deliveries.c.id), deliveries.c.leased_by == bindparam("worker"))
    .values(leased_until=None, leased_by=None)
)
_RELEASE_ALL = (
    update(deliveries)
    .where(deliveries.c.due_at.is_not(None), deliveries.c.leased_by.is_not(None))
    .values(leased_until=None, leased_by=None)
)
AHEAD = timedelta(minutes=10)
"""What was written so far in the future was written by a clock that has been set back since."""
_CATCH_UP = (
    update(deliveries)
    .where(
        deliveries.c.due_at.is_not(None),
        or_(deliveries.c.leased_by.is_(None), deliveries.c.leased_by != bindparam("worker")),
        or_(
            deliveries.c.changed_at > bindparam("ahead"),
            deliveries.c.leased_until > bindparam("ahead"),
        ),
    )
    .values(due_at=bindparam("now"), leased_until=None, leased_by=None)
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

    Returns them, longest due first and the changes of one alert in order, and beside them the ids of
    claimed rows whose document cannot be read.  Commit before delivering.
    """
    values = {
        "now": now,
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
    for id_, sequence, document in _AT.fetch(conn, changes):
        try:
            found[id_, sequence] = load(Alert, document)
        except DocumentUnreadable:
            continue
    return found


def first_tried(conn: Connection, delivery_ids: Iterable[str]) -> dict[str, datetime]:
    """Return delivery -> when it was first tried, for those that were."""
    return {row[0]: row[1] for row in fetch_in(conn, _FIRST_TRIED, delivery_ids)}


def overtaken(conn: Connection, tried: Iterable[Delivery]) -> dict[str, int]:
    """Return delivery -> a later change of its alert that its receiver has already, where there is one."""
    asked = {(one.alert, one.subscription, one.receiver): one for one in tried}
    found = {}
    for alert, subscription, receiver, latest in fetch_in(conn, _REACHED, {a for a, *_ in asked}):
        one = asked.get((alert, subscription, receiver))
        if one is not None and latest > one.sequence:
            found[one.id] = latest
    return found


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


def catch_up(conn: Connection, now: datetime, *, worker: str) -> int:
    """Make due at once what was planned, put off or leased by a clock that was ahead; return how many.

    What `worker` itself has leased stays: it is at it.  No lease is as long as AHEAD.
    """
    values = {"now": now, "ahead": now + AHEAD, "worker": worker}
    return conn.execute(_CATCH_UP, values).rowcount


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
