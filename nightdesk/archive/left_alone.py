"""Receivers that are left alone for a while, since they failed again and again: what each worker says of its
own breakers, for those who ask why nothing arrives.

The breakers themselves live in the workers' memory (`nightdesk.delivery.breaker`); these rows follow them.
A worker that died leaves rows, which end when anybody reaches the receiver, and are passed over once the
receiver is declared no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, bindparam, delete, func, select

from nightdesk.archive import definitions
from nightdesk.archive.deliveries import OPEN_NAMES
from nightdesk.archive.dispatch import ReceiverName
from nightdesk.archive.statements import Lookup, insert_or_update
from nightdesk.archive.tables import deliveries, left_alone

_SAY = insert_or_update(left_alone)
_ALL = select(left_alone).order_by(
    left_alone.c.subscription, left_alone.c.receiver, left_alone.c.worker
)
_REACHED = Lookup(delete(left_alone), left_alone.c.subscription, left_alone.c.receiver)
_WAITING = select(func.count()).where(
    deliveries.c.subscription == bindparam("of_subscription"),
    deliveries.c.receiver == bindparam("of_receiver"),
    deliveries.c.state.in_(OPEN_NAMES),
)


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A receiver that has been left alone `since`; from `next_try_at` on one delivery tries it.  `reason` is
    how it failed last, and `waiting` how many deliveries wait for it."""

    subscription: str
    receiver: str
    since: datetime
    next_try_at: datetime
    reason: str
    waiting: int = 0


def say(conn: Connection, worker: str, left: Sequence[LeftAlone], now: datetime) -> None:
    """Store whom `worker` leaves alone at `now`, in place of what it said before."""
    take_back(conn, worker)
    rows = [
        {
            "subscription": one.subscription,
            "receiver": one.receiver,
            "worker": worker,
            "since": one.since,
            "next_try_at": one.next_try_at,
            "changed_at": now,
            "reason": one.reason,
        }
        for one in left
    ]
    _SAY.run(conn, rows)


def take_back(conn: Connection, worker: str | None) -> None:
    """Forget what `worker` said, or anybody if None: its breakers begin anew."""
    statement = delete(left_alone)
    if worker is not None:
        statement = statement.where(left_alone.c.worker == worker)
    conn.execute(statement)


def reached(conn: Connection, receivers: Collection[ReceiverName]) -> None:
    """These were just reached: whoever left them alone has no more reason to."""
    _REACHED.delete(conn, sorted(receivers))


def find(conn: Connection) -> list[LeftAlone]:
    """Return the receivers that anybody leaves alone and that are still declared, by subscription and name:
    each since when the first did, until when the first tries it again."""
    found = []
    for (subscription, receiver), rows in groupby(
        conn.execute(_ALL).all(), key=lambda row: (row.subscription, row.receiver)
    ):
        said = list(rows)
        if not _is_declared(conn, subscription, receiver):
            continue
        name = {"of_subscription": subscription, "of_receiver": receiver}
        found.append(
            LeftAlone(
                subscription,
                receiver,
                min(row.since for row in said),
                min(row.next_try_at for row in said),
                max(said, key=lambda row: row.changed_at).reason,
                int(conn.execute(_WAITING, name).scalar_one()),
            )
        )
    return found


def _is_declared(conn: Connection, subscription: str, receiver: str) -> bool:
    latest = definitions.subscription_in_force(conn, subscription)
    names: Iterable[str] = (one.name for one in latest.definition.receivers) if latest else ()
    return receiver in names
