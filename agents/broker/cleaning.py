"""Retention and compaction: what may be dropped from a log, and dropping it in small steps.

In come a log and the time; out goes the number of messages dropped. Unlike Kafka, which drops by
age and size whether or not anybody has read, a message is dropped only when every group known to
its partition has committed past it. The price: a group that is gone for good holds its messages
until `Log.forget_group`. Age counts from the append, since a sender's timestamp may be any number.
Each call looks at a bounded number of messages, so that appends wait milliseconds at most.
"""

from __future__ import annotations

from .errors import explained
from .log import Log
from .model import Partition
from .storage import OFFSET_BITS

# How long a tombstone stays after it was the only message of its key, so that readers see it:
# Kafka's delete.retention.ms default, one day.
TOMBSTONE_MS = 24 * 3600 * 1000


def clean(log: Log, *, now_ms: int, budget: int = 1000, tombstone_ms: int = TOMBSTONE_MS) -> int:
    """Drop up to about `budget` messages that are due, and say how many; 0 means nothing is due.

    `now_ms` is milliseconds since 1970. Raises what `Log.append` raises; then nothing was dropped.
    """
    with explained(log.path):
        return _clean(log, now_ms, budget, tombstone_ms)


def _clean(log: Log, now_ms: int, budget: int, tombstone_ms: int) -> int:
    floors = _floors(log)
    dropped = 0
    for topic in log.topics.values():
        for partition in topic.partitions:
            if dropped >= budget:
                return dropped
            floor = floors.get(partition.id, partition.end)
            if topic.retention_ms is not None or topic.retention_bytes is not None:
                dropped += _expire(log, partition, floor, now_ms, budget - dropped)
            if topic.compacting and dropped < budget:
                due_ms = now_ms - tombstone_ms
                dropped += _compact(log, partition, floor, due_ms, budget - dropped)
    return dropped


def _floors(log: Log) -> dict[int, int]:
    """By partition id, the lowest position that any group has committed."""
    rows = log.db.execute("SELECT partition_id, min(position) FROM positions GROUP BY partition_id")
    return dict(rows.fetchall())


def _expire(log: Log, partition: Partition, floor: int, now_ms: int, budget: int) -> int:
    topic, low = partition.topic, partition.id << OFFSET_BITS
    rows = log.db.execute(
        "SELECT id, appended_ms, coalesce(length(key), 0) + coalesce(length(value), 0)"
        " + coalesce(length(headers), 0) FROM messages"
        " WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        (low | partition.start, low + floor, budget),
    )
    count, left, start = 0, partition.bytes, partition.start
    for message_id, appended_ms, size in rows:
        old = topic.retention_ms is not None and appended_ms < now_ms - topic.retention_ms
        over = topic.retention_bytes is not None and left > topic.retention_bytes
        if not (old or over):
            break
        count, left, start = count + 1, left - size, message_id - low + 1
    rows.close()
    if not count:
        return 0
    with log.transaction() as db:
        span = (low, low + start)
        db.execute("DELETE FROM messages WHERE id >= ? AND id < ?", span)
        if topic.compacting:
            db.execute("DELETE FROM superseded WHERE message_id >= ? AND message_id < ?", span)
            db.execute(
                "DELETE FROM latest WHERE partition_id = ? AND message_id < ?",
                (partition.id, low + start),
            )
        db.execute(
            "UPDATE partitions SET start_offset = ?, bytes = ? WHERE id = ?",
            (start, left, partition.id),
        )
    partition.start, partition.bytes = start, left
    return count


def _compact(log: Log, partition: Partition, floor: int, due_ms: int, budget: int) -> int:
    low = partition.id << OFFSET_BITS
    rows = log.db.execute(
        "SELECT s.message_id, m.key, coalesce(length(m.key), 0) + coalesce(length(m.value), 0)"
        " + coalesce(length(m.headers), 0)"
        " FROM superseded s LEFT JOIN messages m ON m.id = s.message_id"
        " WHERE s.message_id >= ? AND s.message_id < ?"
        " AND (s.tombstone_ms IS NULL OR s.tombstone_ms <= ?)"
        " ORDER BY s.message_id LIMIT ?",
        (low, low + floor, due_ms, budget),
    ).fetchall()
    if not rows:
        return 0
    ids = [(row[0],) for row in rows]
    freed = sum(row[2] for row in rows)
    with log.transaction() as db:
        db.executemany("DELETE FROM messages WHERE id = ?", ids)
        db.executemany("DELETE FROM superseded WHERE message_id = ?", ids)
        # A tombstone that goes was its key's latest message: the key is now forgotten.
        db.executemany(
            "DELETE FROM latest WHERE partition_id = ? AND key = ? AND message_id = ?",
            [(partition.id, row[1], row[0]) for row in rows if row[1] is not None],
        )
        db.execute("UPDATE partitions SET bytes = bytes - ? WHERE id = ?", (freed, partition.id))
    partition.bytes -= freed
    return len(rows)
