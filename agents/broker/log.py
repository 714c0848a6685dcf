"""The log: topics, partitions, messages and positions in one SQLite file. Synchronous; no Faust.

In come messages for a partition; out come their offsets, which count up by one and are never used
twice. `append` writes any number of messages in one transaction: all are kept, or none. A `Log`
belongs to the one thread that calls it; `topics` and the integers of its partitions may be read by
others, since they move only after the transaction that moved them. A second `Log` opened with
`readonly=True` reads beside the writer without blocking it.
"""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .errors import InvalidTopic, TopicMismatch, UnknownTopic, explained
from .model import Draft, Partition, Record, Topic, weigh
from .storage import OFFSET_BITS, begin_life, end_life, open_log

# Kafka's rule for names: letters, digits, dot, underscore, hyphen, at most 249 of them.
_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")
# Rows of one INSERT statement. A statement costs a fixed time and one hand-over of the GIL, so
# few large ones are faster; powers of two keep the prepared statements few.
_CHUNKS = (256, 64, 16, 4, 1)
_COLUMNS = 6
# More than a WAL can hold between two checkpoints: what is lost at most.
SKIP_OFFSETS = 1 << 20


class Log:
    """An open log file. Raises `CannotOpen` and its kind, or `CorruptFile`, when it cannot open."""

    def __init__(self, path: Path, *, readonly: bool = False, synchronous: str = "normal") -> None:
        self.path = path
        self._readonly = readonly
        self.db = open_log(path, readonly=readonly, synchronous=synchronous)
        self.topics: dict[str, Topic] = {}
        try:
            if not readonly:
                with explained(path):
                    power_cut = begin_life(self.db)
                if power_cut:
                    self._skip_offsets()
            self.reload()
        except BaseException:
            self.db.close()
            raise

    def close(self) -> None:
        """Close the file; SQLite folds the WAL into it when this was the last connection."""
        with explained(self.path):
            try:
                if not self._readonly:
                    end_life(self.db)
            finally:
                self.db.close()

    def _skip_offsets(self) -> None:
        """After a power cut the last messages may be gone, though somebody saw them, and remembers
        their offsets: never give those to other messages."""
        with self.transaction() as db:
            db.execute("UPDATE partitions SET end_offset = end_offset + ?", (SKIP_OFFSETS,))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: committed at the end of the block, rolled back by an error."""
        with explained(self.path):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                # SQLite may have rolled back by itself, on a full disk for one.
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    # -- topics ---------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read topics and partitions anew from the file (a reader beside a writer needs it)."""
        topics: dict[int, Topic] = {}
        with explained(self.path):
            for id_, name, log_id, most_ms, most_bytes, compacting in self.db.execute(
                "SELECT id, name, log_id, retention_ms, retention_bytes, compacting FROM topics"
            ):
                topics[id_] = Topic(id_, name, log_id, most_ms, most_bytes, bool(compacting))
            for row in self.db.execute(
                "SELECT id, topic_id, number, start_offset, end_offset, bytes"
                " FROM partitions ORDER BY number"
            ):
                topic = topics[row[1]]
                topic.partitions.append(Partition(row[0], topic, *row[2:]))
        self.topics = {topic.name: topic for topic in topics.values()}

    def ensure_topic(
        self,
        name: str,
        partitions: int,
        *,
        retention_ms: int | None = None,
        retention_bytes: int | None = None,
        compacting: bool = False,
        now_ms: int,
    ) -> bool:
        """Create the topic; True if it is new.

        An existing one takes over the settings and keeps its partitions, which may be more than
        `partitions`; `TopicMismatch` if they are fewer, since keys would change their partition.
        """
        if not _NAME.fullmatch(name) or partitions < 1:
            raise InvalidTopic(
                f"a topic cannot be called {name!r} with {partitions} partitions",
                hint="use letters, digits, '.', '_' and '-' (at most 249), and one partition or more",
            )
        settings = (retention_ms, retention_bytes, compacting)
        known = self.topics.get(name)
        if known is None:
            with self.transaction() as db:
                topic_id = db.execute(
                    "INSERT INTO topics (name, log_id, retention_ms, retention_bytes, compacting,"
                    " created_ms) VALUES (?, ?, ?, ?, ?, ?)",
                    (name, str(uuid.uuid4()), *settings, now_ms),
                ).lastrowid
                db.executemany(
                    "INSERT INTO partitions (topic_id, number, start_offset, end_offset, bytes)"
                    " VALUES (?, ?, 0, 0, 0)",
                    [(topic_id, number) for number in range(partitions)],
                )
            self._adopt(name)
            return True
        if len(known.partitions) < partitions:
            raise TopicMismatch(
                f"topic {name!r} has {len(known.partitions)} partitions, {partitions} are asked for",
                hint="ask for no more than it has; or drain it, delete it, and start again: adding "
                "partitions would move keys, and with them their order",
            )
        if (known.retention_ms, known.retention_bytes, known.compacting) != settings:
            with self.transaction() as db:
                db.execute(
                    "UPDATE topics SET retention_ms = ?, retention_bytes = ?, compacting = ?"
                    " WHERE id = ?",
                    (*settings, known.id),
                )
                if compacting and not known.compacting:
                    self._index_keys(db, known)
            known.retention_ms, known.retention_bytes, known.compacting = settings
        return False

    def _adopt(self, name: str) -> None:
        before = self.topics
        self.reload()
        # Others hold on to the objects of the topics they know: keep those, take the new one.
        self.topics = before | {name: self.topics[name]}

    def _index_keys(self, db: sqlite3.Connection, topic: Topic) -> None:
        for partition in topic.partitions:
            low = partition.id << OFFSET_BITS
            span = (low, low + (1 << OFFSET_BITS))
            db.execute("DELETE FROM latest WHERE partition_id = ?", (partition.id,))
            db.execute("DELETE FROM superseded WHERE message_id >= ? AND message_id < ?", span)
            rows = db.execute(
                "SELECT id, key, value IS NULL, appended_ms FROM messages"
                " WHERE id >= ? AND id < ? AND key IS NOT NULL ORDER BY id",
                span,
            ).fetchall()
            self._supersede(db, rows)

    def delete_topic(self, name: str) -> None:
        """Delete the topic, its messages and the positions in it."""
        topic = self.topics[name]
        with self.transaction() as db:
            for partition in topic.partitions:
                low = partition.id << OFFSET_BITS
                for table, column in (("messages", "id"), ("superseded", "message_id")):
                    db.execute(
                        f"DELETE FROM {table} WHERE {column} >= ? AND {column} < ?",
                        (low, low + (1 << OFFSET_BITS)),
                    )
            db.execute("DELETE FROM topics WHERE id = ?", (topic.id,))
        self.topics = {key: value for key, value in self.topics.items() if key != name}

    # -- messages -------------------------------------------------------------------------------

    def append(self, drafts: Sequence[Draft], *, now_ms: int) -> list[int]:
        """Write all `drafts` in one transaction; return their offsets, in the same order.

        Raises `StorageFull`, `StorageFailed` or `CorruptFile`; then none of them was kept, and no
        offset was used.
        """
        ends: dict[Partition, int] = {}
        grown: dict[Partition, int] = defaultdict(int)
        offsets: list[int] = []
        rows: list[int | bytes | None] = []
        keyed: list[tuple[int, bytes, bool, int]] = []
        for draft in drafts:
            partition, timestamp_ms, headers, key, value = draft
            offset = ends.get(partition)
            if offset is None:
                self._check_alive(partition)
                offset = partition.end
            ends[partition] = offset + 1
            grown[partition] += weigh(draft)
            offsets.append(offset)
            message_id = partition.id << OFFSET_BITS | offset
            rows += (message_id, timestamp_ms, now_ms, headers, key, value)
            if key is not None and partition.topic.compacting:
                keyed.append((message_id, key, value is None, now_ms))
        with self.transaction() as db:
            _insert(db, rows)
            if keyed:
                self._supersede(db, keyed)
            db.executemany(
                "UPDATE partitions SET end_offset = ?, bytes = bytes + ? WHERE id = ?",
                [(end, grown[partition], partition.id) for partition, end in ends.items()],
            )
        for partition, end in ends.items():
            partition.end = end
            partition.bytes += grown[partition]
        return offsets

    def _check_alive(self, partition: Partition) -> None:
        if self.topics.get(partition.topic.name) is not partition.topic:
            raise UnknownTopic(
                f"topic {partition.topic.name!r} was deleted from {self.path}",
                hint="create it again, and restart what sends to it",
            )

    def _supersede(
        self, db: sqlite3.Connection, keyed: Iterable[tuple[int, bytes, bool, int]]
    ) -> None:
        """Note for compaction that each `(id, key, is tombstone, time)` replaces an older one."""
        for message_id, key, tombstone, time_ms in keyed:
            partition_id = message_id >> OFFSET_BITS
            db.execute(
                "INSERT OR REPLACE INTO superseded (message_id, tombstone_ms)"
                " SELECT message_id, NULL FROM latest WHERE partition_id = ? AND key = ?",
                (partition_id, key),
            )
            db.execute(
                "INSERT OR REPLACE INTO latest VALUES (?, ?, ?)", (partition_id, key, message_id)
            )
            if tombstone:
                db.execute("INSERT INTO superseded VALUES (?, ?)", (message_id, time_ms))

    def fetch(
        self, partition: Partition, offset: int, *, max_records: int, max_bytes: int
    ) -> list[Record]:
        """Messages from `offset` on, oldest first: at most `max_records`, and at most `max_bytes`
        unless the first alone is larger. Empty when nothing is kept from there on."""
        low = partition.id << OFFSET_BITS
        base = low | offset
        records: list[Record] = []
        room = max_bytes
        with explained(self.path):
            cursor = self.db.execute(
                "SELECT id, timestamp_ms, headers, key, value FROM messages"
                " WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                (base, low + (1 << OFFSET_BITS), max_records),
            )
            for row in cursor:
                record = Record(row[0] - low, row[1], row[2], row[3], row[4])
                room -= weigh(record)
                if records and room < 0:
                    break
                records.append(record)
            cursor.close()
        return records

    # -- positions ------------------------------------------------------------------------------

    def register(self, group: str, positions: Mapping[Partition, int], *, now_ms: int) -> None:
        """Make `group` known to partitions where it has no position yet: what it is still to read
        is from now on kept from retention."""
        with self.transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO positions VALUES (?, ?, ?, ?)",
                [(group, partition.id, at, now_ms) for partition, at in positions.items()],
            )

    def commit(self, group: str, positions: Mapping[Partition, int], *, now_ms: int) -> None:
        """Note that `group` has done with everything before each position (the next to read)."""
        with self.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?)",
                [(group, partition.id, at, now_ms) for partition, at in positions.items()],
            )

    def positions(self, group: str) -> dict[tuple[str, int], int]:
        """Committed positions of `group`, by (topic, partition number)."""
        with explained(self.path):
            rows = self.db.execute(
                "SELECT t.name, p.number, c.position FROM positions c"
                " JOIN partitions p ON p.id = c.partition_id JOIN topics t ON t.id = p.topic_id"
                " WHERE c.group_name = ?",
                (group,),
            ).fetchall()
        return {(name, number): position for name, number, position in rows}

    def groups(self) -> list[str]:
        """Names of all groups that have positions, sorted."""
        with explained(self.path):
            rows = self.db.execute(
                "SELECT DISTINCT group_name FROM positions ORDER BY 1"
            ).fetchall()
        return [name for (name,) in rows]

    def forget_group(self, group: str) -> None:
        """Delete the positions of a group that is gone for good, so that it holds nothing back."""
        with self.transaction() as db:
            db.execute("DELETE FROM positions WHERE group_name = ?", (group,))


def _insert(db: sqlite3.Connection, values: Sequence[int | bytes | None]) -> None:
    at, left = 0, len(values) // _COLUMNS
    for rows in _CHUNKS:
        while left >= rows:
            marks = ",".join(["(?,?,?,?,?,?)"] * rows)
            db.execute(
                f"INSERT INTO messages (id, timestamp_ms, appended_ms, headers, key, value)"
                f" VALUES {marks}",
                values[at : at + rows * _COLUMNS],
            )
            at += rows * _COLUMNS
            left -= rows
