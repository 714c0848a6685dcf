"""Tables of the stream itself: how far each stage is, what it still has to send, what it counted, and
what it could not use."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from nightdesk.archive.tables.base import metadata
from nightdesk.archive.types import Serial, UtcTime, Words

marks = Table(
    "marks",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

topic_logs = Table(
    "topic_logs",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("log_id", Text, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("shard", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# An id of the outbox is never used twice, not even once all rows are gone: a sweeper may still hold it.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("origin", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", Words, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("enqueued_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("died_at", UtcTime, nullable=False, index=True),
    Column("retried_at", UtcTime),
    Column("document", Text, nullable=False),
)
