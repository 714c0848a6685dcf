"""Deliveries: what is to be told to whom and when, who is at it, and how each attempt went.

A delivery is due at a time; a worker claims it for the length of a lease, tries, and finishes it: with
a new due time, or for good.  A worker that dies leaves a lease that runs out.  The database decides
who claims: of two workers never both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from nightdesk.archive.documents import load
from nightdesk.archive.errors import LeaseLost
from nightdesk.archive.statements import among, fetch_in, insert_new, insert_or_update
from nightdesk.archive.tables import alerts, deliveries, delivery_attempts
from schemas.alert import Alert
from schemas.delivery import Delivery, DeliveryState

_OPEN = frozenset({DeliveryState.PENDING, DeliveryState.RETRYING})
_OPEN_NAMES = sorted(state.value for state in _OPEN)
_PLAN = insert_new(deliveries)
_ATTEMPT = insert_or_update(delivery_attempts)

# The inner SELECT is a CTE, and not a plain subquery: PostgreSQL must run it once, or LIMIT and
# SKIP LOCKED would count afresh for each row that it looks at.
_DUE = (
    select(deliveries.c.id)
    .where(
        deliveries.c.due_at <= bindparam("now"),
        or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= bindparam("now")),
    )
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM = (
    update(deliveries)
    .where(deliveries.c.id.in_(select(_DUE.c.id)))
    .values(leased_until=bindparam("until"), leased_by=bindparam("worker"))
    .returning(deliveries.c.due_at, deliveries.c.id, deliveries.c.document)
)
_FINISH = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_id"), deliveries.c.state.in_(_OPEN_NAMES))
    .values(
        {
            "state": bindparam("to_state"),
            "attempts": bindparam("to_attempts"),
            "reason": bindparam("to_reason"),
            "seconds": bindparam("to_seconds"),
            "due_at": bindparam("to_due_at"),
            "changed_at": bindparam("to_changed_at"),
            "document": bindparam("to_document"),
            "leased_until": None,
            "leased_by": None,
        }
    )
)
_FINISH_OWN = _FINISH.where(deliveries.c.leased_by == bindparam("worker"))
_OF_ALERT = (
    select(deliveries.c.document)
    .where(deliveries.c.alert == bindparam("of_alert"))
    .order_by(deliveries.c.sequence, deliveries.c.subscription, deliveries.c.receiver)
)
_HEARD = (
    select(deliveries.c.alert, deliveries.c.subscription)
    .where(among(deliveries.c.alert), deliveries.c.state != DeliveryState.SUPPRESSED.value)
    .distinct()
)
_ATTEMPTS = (
    select(delivery_attempts)
    .where(among(delivery_attempts.c.delivery))
    .order_by(delivery_attempts.c.delivery, delivery_attempts.c.n)
)
_COUNTS = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a delivery; `outcome` is the channel's word for how it ended."""

    started_at: datetime
    seconds: float
    outcome: str
    detail: str = ""


def plan(conn: Connection, planned: Sequence[Delivery], due_at: datetime) -> None:
    """Store deliveries, due at `due_at` unless suppressed; those that are known already stay as they are."""
    _PLAN.run(conn, [_row(delivery, due_at) for delivery in planned])


def plan_one(conn: Connection, planned: Delivery, due_at: datetime) -> bool:
    """Store a delivery as `plan` does; return False where it was known already."""
    return _PLAN.run_one(conn, _row(planned, due_at))


def _row(delivery: Delivery, due_at: datetime) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "alert": delivery.alert,
        "sequence": delivery.sequence,
        "subscription": delivery.subscription,
        "receiver": delivery.receiver,
        "channel": delivery.channel,
        "planned_at": delivery.changed_at,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "reason": delivery.reason,
        "seconds": delivery.seconds,
        "due_at": due_at if delivery.state in _OPEN else None,
        "leased_until": None,
        "leased_by": None,
        "changed_at": delivery.changed_at,
        "document": delivery.model_dump_json(),
    }


def claim(
    conn: Connection, *, worker: str, now: datetime, lease: timedelta, limit: int
) -> list[Delivery]:
    """Lease at most `limit` deliveries that are due at `now` to `worker`; return them, longest due first.

    Commit before delivering: until then other workers may have to wait.
    """
    values = {"now": now, "most": limit, "until": now + lease, "worker": worker}
    rows = sorted(tuple(row) for row in conn.execute(_CLAIM, values))
    return [load(Delivery, document) for _, _, document in rows]


def finish(
    conn: Connection,
    delivery: Delivery,
    *,
    due_at: datetime | None = None,
    attempt: Attempt | None = None,
    worker: str | None = None,
) -> None:
    """Store how a claimed delivery stands after a try, end its lease, and note the attempt.

    `due_at` is when to try again; None where it has ended.  Raises LeaseLost where the delivery is not
    open any more or, if `worker` is given, where somebody else holds its lease: what has ended stays.
    """
    if (due_at is not None) != (delivery.state in _OPEN):
        raise ValueError(f"a {delivery.state.value} delivery and the due time {due_at} disagree")
    values = {
        "of_id": delivery.id,
        "to_state": delivery.state.value,
        "to_attempts": delivery.attempts,
        "to_reason": delivery.reason,
        "to_seconds": delivery.seconds,
        "to_due_at": due_at,
        "to_changed_at": delivery.changed_at,
        "to_document": delivery.model_dump_json(),
    }
    if worker is None:
        done = conn.execute(_FINISH, values).rowcount
    else:
        done = conn.execute(_FINISH_OWN, values | {"worker": worker}).rowcount
    if not done:
        raise LeaseLost(
            f"the delivery {delivery.id} is not ours to finish",
            hint="its lease ran out and another worker took it; the receiver tells them apart by id",
        )
    if attempt is not None:
        row = {
            "delivery": delivery.id,
            "n": delivery.attempts,
            "started_at": attempt.started_at,
            "seconds": attempt.seconds,
            "outcome": attempt.outcome,
            "detail": attempt.detail,
        }
        _ATTEMPT.run(conn, [row])


def of_alert(conn: Connection, alert: str, sequence: int | None = None) -> list[Delivery]:
    """Return the deliveries of an alert, or of one change of it, in order."""
    statement = _OF_ALERT
    if sequence is not None:
        statement = statement.where(deliveries.c.sequence == sequence)
    rows = conn.execute(statement, {"of_alert": alert}).scalars()
    return [load(Delivery, document) for document in rows]


def heard_by(conn: Connection, alerts: Iterable[str]) -> dict[str, set[str]]:
    """Return alert -> the subscriptions that were told anything of it, or will be, for each asked for."""
    found: dict[str, set[str]] = {alert: set() for alert in alerts}
    for alert, subscription in fetch_in(conn, _HEARD, found):
        found[alert].add(subscription)
    return found


def attempts_of(conn: Connection, delivery_id: str) -> list[Attempt]:
    """Return the attempts at a delivery, oldest first."""
    return attempts_of_each(conn, [delivery_id])[delivery_id]


def attempts_of_each(conn: Connection, delivery_ids: Iterable[str]) -> dict[str, list[Attempt]]:
    """Return delivery -> the attempts at it, oldest first, for each that is asked for."""
    found: dict[str, list[Attempt]] = {id_: [] for id_ in delivery_ids}
    for row in fetch_in(conn, _ATTEMPTS, found):
        attempt = Attempt(row.started_at, row.seconds, row.outcome, row.detail)
        found[row.delivery].append(attempt)
    return found


def for_subscription(
    conn: Connection, subscription: str, limit: int, *, receiver: str | None = None
) -> list[Alert]:
    """Return the alerts that were delivered to a subscription (to one receiver of it, if given), each as last
    delivered, by itself or within another delivery; last raised first."""
    told = select(deliveries.c.alert, func.max(deliveries.c.sequence).label("sequence")).where(
        deliveries.c.subscription == subscription,
        deliveries.c.state.in_([DeliveryState.DELIVERED.value, DeliveryState.INCLUDED.value]),
    )
    if receiver is not None:
        told = told.where(deliveries.c.receiver == receiver)
    newest = told.group_by(deliveries.c.alert).subquery("newest")
    statement = (
        select(alerts.c.document)
        .join(newest, and_(alerts.c.id == newest.c.alert, alerts.c.sequence == newest.c.sequence))
        .order_by(alerts.c.raised_at.desc(), alerts.c.id)
        .limit(limit)
    )
    return [load(Alert, document) for document in conn.execute(statement).scalars()]


def count_by_state(conn: Connection) -> dict[DeliveryState, int]:
    """Return how many deliveries are in each state; 0 where none is."""
    found = dict.fromkeys(DeliveryState, 0)
    for state, n in conn.execute(_COUNTS):
        found[DeliveryState(state)] = int(n)
    return found
