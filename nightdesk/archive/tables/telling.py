"""Tables of telling people: alerts with every change of them, deliveries, and each attempt at one."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    event,
    text,
)

from nightdesk.archive.tables.base import metadata
from nightdesk.archive.types import UtcTime, Words

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("storyline", Text, nullable=False),
    Column("development", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("pages", Boolean, nullable=False),
    Column("raised_at", UtcTime, nullable=False),
    Column("routed", Integer),
    Column("document", Text, nullable=False),
    Index(None, "raised_at"),
    Index(None, "storyline", "raised_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("alert", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("subscription", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    Column("seconds", Float),
    Column("due_at", UtcTime),
    Column("leased_until", UtcTime),
    Column("leased_by", Text),
    Column("planned_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "alert", "sequence"),
    Index(None, "subscription", "state", "alert", "sequence"),
)

_IS_DUE = text("due_at IS NOT NULL")
"""Only what is still to be delivered is due: its index stays small however long the history."""

_due = Index(None, deliveries.c.due_at, deliveries.c.id, sqlite_where=_IS_DUE)


@event.listens_for(metadata, "before_create")
def _same_on_postgresql(_metadata: MetaData, connection: Connection, **_options: object) -> None:
    # Told to the index above, it would have every desk import that dialect, for 2.3 MB.
    if connection.dialect.name == "postgresql":
        _due.dialect_kwargs["postgresql_where"] = _IS_DUE


delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("delivery", Text, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Words, nullable=False),
)
