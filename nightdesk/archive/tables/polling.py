"""Tables of polling: each feed's state and health, which entries were seen, the history of polls, who pushes
it, and when hosts may be asked."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, Table, Text

from nightdesk.archive.tables.base import metadata
from nightdesk.archive.types import Serial, UtcTime, Words

feed_states = Table(
    "feed_states",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("url", Words, nullable=False),
    Column("next_poll_at", UtcTime, index=True),
    Column("health", Text, nullable=False),
    Column("health_since", UtcTime),
    Column("failures", Integer, nullable=False),
    Column("last_success_at", UtcTime),
    Column("document", Text, nullable=False),
)

feed_entries = Table(
    "feed_entries",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("entry", Text, primary_key=True),
    Column("report", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False, index=True),
    sqlite_with_rowid=False,
)

feed_polls = Table(
    "feed_polls",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("feed", Text, nullable=False, index=True),
    Column("polled_at", UtcTime, nullable=False, index=True),
    Column("status", Integer),
    Column("outcome", Text, nullable=False),
    Column("new", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("detail", Words, nullable=False),
)

hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("due_at", UtcTime, index=True),
    Column("document", Text, nullable=False),
)

hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),
    Column("rest_until", UtcTime, index=True),
    Column("turn_of", Text),
    Column("turn_until", UtcTime),
)
