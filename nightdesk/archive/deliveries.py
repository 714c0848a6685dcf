"""Deliveries: what is to be told to whom and when, and how each attempt went.

A delivery is due at a time; a worker claims it for the length of a lease (`nightdesk.archive.dispatch`),
tries, and finishes it: with a new due time, or for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, select

from nightdesk.archive.documents import load
from nightdesk.archive.errors import LeaseLost
from nightdesk.archive.statements import (
    Lookup,
    UpdateMany,
    among,
    fetch_in,
    insert_new,
    insert_or_update,
)
from nightdesk.archive.tables import alerts, deliveries, delivery_attempts
from schemas.alert import Alert
from schemas.delivery import Delivery, DeliveryState

_OPEN = frozenset({DeliveryState.PENDING, DeliveryState.RETRYING})
OPEN_NAMES = sorted(state.value for state in _OPEN)
"""The states of deliveries that are still to be tried."""

_PLAN = insert_new(deliveries)
_ATTEMPT = insert_or_update(delivery_attempts)

_STILL_OPEN = select(deliveries.c.id).where(deliveries.c.state.in_(OPEN_NAMES)).with_for_update()
_OPEN_ONES = Lookup(_STILL_OPEN, deliveries.c.id)
_OURS = Lookup(_STILL_OPEN.where(deliveries.c.leased_by == bindparam("worker")), deliveries.c.id)
_FINISH = UpdateMany(
    deliveries,
    keys=["id"],
    sets=[
        *("state", "attempts", "reason", "seconds", "due_at", "changed_at", "document"),
        *("leased_until", "leased_by"),
    ],
)
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


@dataclass(frozen=True, slots=True)
class Finished:
    """How a claimed delivery stands after a try.  `due_at` is when to try again, None where it has ended;
    `attempt` the try, None where there was none.  Raises ValueError where state and due time disagree."""

    delivery: Delivery
    due_at: datetime | None = None
    attempt: Attempt | None = None

    def __post_init__(self) -> None:
        state = self.delivery.state
        if (self.due_at is not None) != (state in _OPEN):
            raise ValueError(f"a {state.value} delivery and the due time {self.due_at} disagree")


def finish(
    conn: Connection,
    delivery: Delivery,
    *,
    due_at: datetime | None = None,
    attempt: Attempt | None = None,
    worker: str | None = None,
) -> None:
    """Store how a claimed delivery stands after a try, end its lease, and note the attempt.

    Raises LeaseLost where the delivery is not open any more or, if `worker` is given, where somebody else
    holds its lease: what has ended stays.
    """
    if not finish_all(conn, [Finished(delivery, due_at, attempt)], worker):
        raise LeaseLost(
            f"the delivery {delivery.id} is not ours to finish",
            hint="its lease ran out and another worker took it; the receiver tells them apart by id",
        )


def finish_all(
    conn: Connection, finished: Sequence[Finished], worker: str | None = None
) -> set[str]:
    """Store how deliveries stand, as `finish` does; return the ids of those that were open still and, if
    `worker` is given, leased by it.  The others are not touched; of several about one delivery the first
    counts."""
    ids = [one.delivery.id for one in finished]
    asked = _OPEN_ONES if worker is None else _OURS
    given = {} if worker is None else {"worker": worker}
    ours = {row[0] for row in asked.fetch(conn, ids, **given)}
    first = {one.delivery.id: one for one in reversed(finished)}
    held = [one for id_, one in first.items() if id_ in ours]
    _FINISH.run(conn, [_finish(one) for one in held])
    _note(conn, held)
    return ours


def _finish(finished: Finished) -> tuple[object, ...]:
    delivery = finished.delivery
    return (
        *(delivery.id, delivery.state.value, delivery.attempts, delivery.reason, delivery.seconds),
        *(finished.due_at, delivery.changed_at, delivery.model_dump_json()),
        *(None, None),
    )


def _note(conn: Connection, finished: Iterable[Finished]) -> None:
    """Note the attempts that were made."""
    rows = [
        {
            "delivery": one.delivery.id,
            "n": one.delivery.attempts,
            "started_at": one.attempt.started_at,
            "seconds": one.attempt.seconds,
            "outcome": one.attempt.outcome,
            "detail": one.attempt.detail,
        }
        for one in finished
        if one.attempt is not None
    ]
    _ATTEMPT.run(conn, rows)


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
