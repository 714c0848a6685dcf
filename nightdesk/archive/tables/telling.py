"""Tables of telling people: alerts with every change of them and what people did about them, deliveries
with each decision about them and each attempt at them, what gathers until it is told, and who is left
alone."""

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

_IS_FOLLOWED = text("channel = 'events'")
"""Only what streams of events tell is asked for by subscription and moment: the others cost nothing."""

_PARTLY = {
    Index(None, deliveries.c.due_at, deliveries.c.id, sqlite_where=_IS_DUE): _IS_DUE,
    Index(
        None, deliveries.c.subscription, deliveries.c.changed_at, sqlite_where=_IS_FOLLOWED
    ): _IS_FOLLOWED,
}


@event.listens_for(metadata, "before_create")
def _same_on_postgresql(_metadata: MetaData, connection: Connection, **_options: object) -> None:
    # Told to the indexes above, it would have every desk import that dialect, for 2.3 MB.
    if connection.dialect.name == "postgresql":
        for index, where in _PARTLY.items():
            index.dialect_kwargs["postgresql_where"] = where


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

# What was decided of a delivery before and after it was planned, beside the reason that it bears now.
delivery_decisions = Table(
    "delivery_decisions",
    metadata,
    Column("delivery", Text, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("decided_at", UtcTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Words, nullable=False),
)

# What waits to be told, and in which group.
held_deliveries = Table(
    "held_deliveries",
    metadata,
    Column("delivery", Text, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("subscription", Text, nullable=False),
    Column("name", Text, nullable=False),
    Index(None, "subscription", "name"),
)

# Receivers that a worker leaves alone for a while, since they failed again and again.
left_alone = Table(
    "left_alone",
    metadata,
    Column("subscription", Text, primary_key=True),
    Column("receiver", Text, primary_key=True),
    Column("worker", Text, primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("next_try_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("reason", Words, nullable=False),
)

# What of a subscription is told together: when it is to be looked at again, and what was told of it.
notification_groups = Table(
    "notification_groups",
    metadata,
    Column("subscription", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("due_at", UtcTime, index=True),
    Column("changed_at", UtcTime, nullable=False),
    Column("document", Text, nullable=False),
)

alert_handling = Table(
    "alert_handling",
    metadata,
    Column("alert", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("document", Text, nullable=False),
)

alert_actions = Table(
    "alert_actions",
    metadata,
    Column("alert", Text, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("document", Text, nullable=False),
)
