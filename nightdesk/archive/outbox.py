"""The outbox: messages that a transaction decided to send, kept until they are sent.

They commit with the effects that they tell of.  After the commit the worker sends them and discards
their rows; what a crash leaves behind is `pending`, and a sweeper sends it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, text

from nightdesk.archive.statements import Lookup, insert_only
from nightdesk.archive.tables import outbox

_INSERT = insert_only(outbox)
_LAST_ID = text("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
_NEXT_IDS = text(
    "SELECT nextval(pg_get_serial_sequence('outbox', 'id')) FROM generate_series(1, :n)"
)
_DISCARD = Lookup(delete(outbox), outbox.c.id)
_PENDING = (
    select(outbox.c.id, outbox.c.topic, outbox.c.key, outbox.c.value)
    .where(outbox.c.enqueued_at < bindparam("before"))
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_COUNT = select(func.count()).select_from(outbox)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send: `value` is what travels, `key` picks the partition."""

    topic: str
    key: str
    value: bytes


def enqueue(
    conn: Connection, origin: str, messages: Sequence[Outgoing], now: datetime
) -> list[int]:
    """Store `messages` of the stage `origin`; return their ids, rising, in the order given.

    The ids are fetched first and inserted with the rows: quicker than asking for each row's back, and
    in order for certain.
    """
    if not messages:
        return []
    ids = _allocate(conn, len(messages))
    _INSERT.run(
        conn,
        [
            {
                "id": id_,
                "origin": origin,
                "topic": message.topic,
                "key": message.key,
                "value": message.value,
                "enqueued_at": now,
            }
            for id_, message in zip(ids, messages, strict=True)
        ],
    )
    return ids


def discard(conn: Connection, ids: Sequence[int]) -> None:
    """Drop messages that were sent; ids that are gone already are passed over."""
    _DISCARD.delete(conn, ids)


def pending(conn: Connection, *, before: datetime, limit: int) -> list[tuple[int, Outgoing]]:
    """Return at most `limit` messages that were enqueued before `before`, in the order of their ids."""
    rows = conn.execute(_PENDING, {"before": before, "most": limit})
    return [(id_, Outgoing(topic, key, bytes(value))) for id_, topic, key, value in rows]


def count_pending(conn: Connection) -> int:
    """Return how many messages wait to be sent or discarded."""
    return int(conn.execute(_COUNT).scalar_one())


def _allocate(conn: Connection, n: int) -> list[int]:
    if conn.dialect.name == "sqlite":
        # Ours alone until the commit: a SQLite archive has one writer.  Explicit ids move `seq` too.
        last = conn.execute(_LAST_ID).scalar() or 0
        return list(range(last + 1, last + 1 + n))
    return sorted(conn.execute(_NEXT_IDS, {"n": n}).scalars())
