"""Notifications: deliveries that are held until their pool is told, the pools, and what was decided of each.

A subscription's pools are changed by one worker at a time, who holds its anchor, a row without a name.  The
stage `deliver` alone writes without it: it puts deliveries into the inbox, and makes that due.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update

from nightdesk.archive.dispatch import AHEAD
from nightdesk.archive.documents import load
from nightdesk.archive.statements import among, insert_new, insert_or_update
from nightdesk.archive.tables import (
    deliveries,
    delivery_decisions,
    held_deliveries,
    notification_groups,
)
from schemas.delivery import Delivery, DeliveryState

_groups, _held, _decisions = notification_groups, held_deliveries, delivery_decisions
_ANCHOR = ""
_SAVE = insert_or_update(_groups)
_ANCHORED = insert_new(_groups)
_HOLD = insert_or_update(_held)
_DECIDE = insert_new(_decisions)

_DUE = (
    select(_groups.c.subscription)
    .where(
        or_(
            _groups.c.due_at <= bindparam("now"),
            and_(_groups.c.due_at.is_not(None), _groups.c.changed_at > bindparam("ahead")),
        )
    )
    .group_by(_groups.c.subscription)
    .order_by(func.min(_groups.c.due_at), _groups.c.subscription)
    .limit(bindparam("most"))
)
_NEXT_DUE = select(func.min(_groups.c.due_at))
_LOCK = (
    select(_groups.c.name)
    .where(_groups.c.subscription == bindparam("of"), _groups.c.name == _ANCHOR)
    .with_for_update()
)
_POOLS = (
    select(_groups.c.name, _groups.c.due_at, _groups.c.document, _groups.c.changed_at)
    .where(_groups.c.subscription == bindparam("of"), _groups.c.name != _ANCHOR)
    .order_by(_groups.c.name)
    .with_for_update()
)
_DROP = delete(_groups).where(
    _groups.c.subscription == bindparam("of"),
    _groups.c.name.in_(bindparam("names", expanding=True)),
)
_WAKE = (
    update(_groups)
    .where(_groups.c.name.in_(bindparam("names", expanding=True)))
    .values(due_at=bindparam("now"))
)
_WAITING = (
    select(_held.c.name, deliveries.c.planned_at, deliveries.c.document)
    .join(deliveries, deliveries.c.id == _held.c.delivery)
    .where(
        _held.c.subscription == bindparam("of"),
        _held.c.name.in_(bindparam("names", expanding=True)),
    )
    .order_by(deliveries.c.planned_at, deliveries.c.id)
)
_COUNT = select(_held.c.name, func.count()).group_by(_held.c.name)
_MOVE = update(_held).where(_held.c.delivery == bindparam("of")).values(name=bindparam("to"))
_RELEASE = delete(_held).where(among(_held.c.delivery))
_SETTLE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of"), deliveries.c.state == DeliveryState.HELD.value)
    .values(
        state=bindparam("to_state"),
        reason=bindparam("to_reason"),
        due_at=bindparam("to_due_at"),
        changed_at=bindparam("now"),
        document=bindparam("to_document"),
    )
)
_LAST = (
    select(_decisions.c.delivery, func.max(_decisions.c.n))
    .where(among(_decisions.c.delivery))
    .group_by(_decisions.c.delivery)
)
_OF = (
    select(_decisions.c.decided_at, _decisions.c.state, _decisions.c.reason)
    .where(_decisions.c.delivery == bindparam("of"))
    .order_by(_decisions.c.n)
)
_UNTOLD = (DeliveryState.HELD.value, DeliveryState.SUPPRESSED.value)
_TOLD = (
    select(deliveries.c.alert, func.max(deliveries.c.sequence))
    .where(
        deliveries.c.subscription == bindparam("of"),
        among(deliveries.c.alert),
        deliveries.c.state.not_in(_UNTOLD),
    )
    .group_by(deliveries.c.alert)
)


@dataclass(frozen=True, slots=True)
class StoredPool:
    """A pool of a subscription; `document` is the notifier's own JSON, `due_at` when to look at it."""

    name: str
    due_at: datetime | None
    document: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that is held in a pool, since it was planned."""

    delivery: Delivery
    pool: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of a delivery, and why."""

    decided_at: datetime
    state: DeliveryState
    reason: str


def hold(conn: Connection, held: Sequence[Delivery], inbox: StoredPool, now: datetime) -> None:
    """Put planned deliveries of the state `held` into their subscriptions' inboxes, which are due now."""
    _HOLD.run(
        conn,
        [{"delivery": d.id, "subscription": d.subscription, "name": inbox.name} for d in held],
    )
    names = sorted({delivery.subscription for delivery in held})
    _ANCHORED.run(conn, [_row(name, StoredPool(_ANCHOR, None, ""), now) for name in names])
    _SAVE.run(conn, [_row(name, inbox, now) for name in names])


def due_subscriptions(conn: Connection, now: datetime, *, limit: int) -> list[str]:
    """Return the subscriptions with a pool that is due, longest due first.

    What was written in the future is due: else what waits would wait until the clock gets there again.
    """
    values = {"now": now, "ahead": now + AHEAD, "most": limit}
    return list(conn.execute(_DUE, values).scalars())


def next_due(conn: Connection) -> datetime | None:
    """Return when the next pool of any subscription falls due."""
    found: datetime | None = conn.execute(_NEXT_DUE).scalar()
    return found


def lock(conn: Connection, subscription: str, now: datetime) -> list[StoredPool]:
    """Return the pools of a subscription, which nobody else changes until the transaction ends."""
    conn.execute(_LOCK, {"of": subscription})
    pools = []
    for name, due_at, document, changed_at in conn.execute(_POOLS, {"of": subscription}):
        is_ahead = due_at is not None and changed_at > now + AHEAD
        pools.append(StoredPool(name, now if is_ahead else due_at, document))
    return pools


def save_pools(
    conn: Connection,
    subscription: str,
    pools: Iterable[StoredPool],
    gone: Collection[str],
    now: datetime,
) -> None:
    """Store pools, and drop those that are `gone`."""
    _SAVE.run(conn, [_row(subscription, pool, now) for pool in pools])
    if gone:
        conn.execute(_DROP, {"of": subscription, "names": sorted(gone)})


def wake(conn: Connection, names: Collection[str], now: datetime) -> None:
    """Have the pools of these names looked at, whose subscription ever they are."""
    if names:
        conn.execute(_WAKE, {"names": sorted(names), "now": now})


def waiting_in(conn: Connection, subscription: str, names: Collection[str]) -> list[Waiting]:
    """Return what waits in these pools of a subscription, oldest first."""
    rows = conn.execute(_WAITING, {"of": subscription, "names": sorted(names)})
    return [Waiting(load(Delivery, document), name, since) for name, since, document in rows]


def count_waiting(conn: Connection) -> dict[str, int]:
    """Return pool -> how many deliveries wait in pools of that name."""
    return {name: int(n) for name, n in conn.execute(_COUNT)}


def move(conn: Connection, moves: Mapping[str, str]) -> None:
    """Put held deliveries (by id) into other pools."""
    if moves:
        conn.execute(_MOVE, [{"of": id_, "to": name} for id_, name in sorted(moves.items())])


def settle(conn: Connection, rows: Sequence[Delivery], now: datetime) -> None:
    """Store what became of held deliveries: they have ended, or are pending, and due at once."""
    if not rows:
        return
    values = [
        {
            "of": row.id,
            "to_state": row.state.value,
            "to_reason": row.reason,
            "to_due_at": now if row.state is DeliveryState.PENDING else None,
            "now": now,
            "to_document": row.model_dump_json(),
        }
        for row in sorted(rows, key=lambda row: row.id)
    ]
    conn.execute(_SETTLE, values)
    conn.execute(_RELEASE, {"items": sorted(row.id for row in rows)})


def record(
    conn: Connection, decided: Sequence[tuple[str, DeliveryState, str]], now: datetime
) -> None:
    """Note what was decided of deliveries: (id, state, reason), in order."""
    if not decided:
        return
    items = sorted({id_ for id_, _, _ in decided})
    last = {id_: int(n) for id_, n in conn.execute(_LAST, {"items": items})}
    rows = []
    for id_, state, reason in decided:
        last[id_] = last.get(id_, 0) + 1
        rows.append(
            {
                "delivery": id_,
                "n": last[id_],
                "decided_at": now,
                "state": state.value,
                "reason": reason,
            }
        )
    _DECIDE.run(conn, rows)


def decisions_of(conn: Connection, delivery: str) -> list[Decided]:
    """Return what was decided of a delivery while it waited, oldest first."""
    rows = conn.execute(_OF, {"of": delivery})
    return [Decided(at, DeliveryState(state), reason) for at, state, reason in rows]


def told(conn: Connection, subscription: str, alerts: Iterable[str]) -> dict[str, int]:
    """Return alert -> the highest sequence that a subscription was told, or is being told."""
    items = sorted(set(alerts))
    if not items:
        return {}
    rows = conn.execute(_TOLD, {"of": subscription, "items": items})
    return {alert: int(sequence) for alert, sequence in rows}


def _row(subscription: str, pool: StoredPool, now: datetime) -> dict[str, object]:
    return {
        "subscription": subscription,
        "name": pool.name,
        "due_at": pool.due_at,
        "changed_at": now,
        "document": pool.document,
    }
