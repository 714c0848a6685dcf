"""Marks: how far each stage has worked through each partition, moved only by compare-and-set.

A mark moves in the transaction that holds its batch's effects.  So a replayed message finds its
offset at or below the mark, and of two workers that both believe to own a partition one gets
`MarkMoved` and nothing of its batch stays.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, select, update

from nightdesk.archive.errors import MarkMoved
from nightdesk.archive.statements import Lookup, insert_new, insert_or_update
from nightdesk.archive.tables import marks, topic_logs

NOWHERE = -1
"""The mark of a partition of which nothing was worked through: the offset before the first."""

_READ = Lookup(
    select(marks.c.topic, marks.c.partition, marks.c.offset).where(
        marks.c.stage == bindparam("of_stage")
    ),
    marks.c.topic,
)
_MOVE = (
    update(marks)
    .where(
        marks.c.stage == bindparam("of_stage"),
        marks.c.topic == bindparam("of_topic"),
        marks.c.partition == bindparam("of_partition"),
        marks.c.offset == bindparam("expected"),
    )
    .values(offset=bindparam("to_offset"))
)
_FIRST = insert_new(marks)
_LOG_ID = select(topic_logs.c.log_id).where(topic_logs.c.topic == bindparam("of_topic"))
_NOTE_LOG = insert_or_update(topic_logs)


def read_marks(
    conn: Connection, stage: str, partitions: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    """Return the mark of each (topic, partition); `NOWHERE` (-1) where there is none."""
    found = dict.fromkeys(partitions, NOWHERE)
    topics = [topic for topic, _ in found]
    for topic, partition, offset in _READ.fetch(conn, topics, of_stage=stage):
        if (topic, partition) in found:
            found[topic, partition] = offset
    return found


def advance_mark(
    conn: Connection, stage: str, topic: str, partition: int, *, expected: int, offset: int
) -> None:
    """Move the mark from `expected` (as read) to `offset`.

    Raises MarkMoved where it is elsewhere by now; ValueError where it would not move forward.  On
    PostgreSQL this waits for a rival's open transaction, and then tells.
    """
    if offset <= expected:
        raise ValueError(f"a mark moves forward only: {expected} to {offset}")
    where = {"of_stage": stage, "of_topic": topic, "of_partition": partition}
    values = where | {"expected": expected, "to_offset": offset}
    moved = bool(conn.execute(_MOVE, values).rowcount)
    if not moved and expected == NOWHERE:
        row = {"stage": stage, "topic": topic, "partition": partition, "offset": offset}
        moved = _FIRST.run_one(conn, row)
    if not moved:
        raise MarkMoved(
            f"the mark of {stage} on {topic}-{partition} is no longer at {expected}",
            hint="another worker owns this partition by now; this one gives up its batch",
        )


def forget_marks(conn: Connection, topic: str, partition: int | None = None) -> int:
    """Drop all stages' marks of a topic (or of one partition) whose offsets begin anew; return how many."""
    statement = delete(marks).where(marks.c.topic == topic)
    if partition is not None:
        statement = statement.where(marks.c.partition == partition)
    return conn.execute(statement).rowcount


def forget_if_anew(conn: Connection, topic: str, log_id: str | None, *, created: bool) -> bool:
    """Forget the marks of `topic` if its offsets began anew since they were set; return whether any were.

    `log_id` names this life of the topic, where the broker tells (it is noted for the next call);
    `created` says that the topic was created just now.
    """
    anew = created
    if log_id is not None:
        known = conn.execute(_LOG_ID, {"of_topic": topic}).scalar()
        anew = created or (known is not None and known != log_id)
        _NOTE_LOG.run_one(conn, {"topic": topic, "log_id": log_id})
    return anew and forget_marks(conn, topic) > 0
