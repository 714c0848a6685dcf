"""Tables of detection: every decision, what a storyline remembers, its developments and pace, and offers
of new storylines."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, Table, Text

from nightdesk.archive.tables.base import metadata
from nightdesk.archive.types import UtcTime

matches = Table(
    "matches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("storyline", Text, nullable=False),
    Column("storyline_version", Integer, nullable=False),
    Column("article", Text, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("candidate", Text, nullable=False, index=True),
    Column("decision", Text, nullable=False),
    Column("probability", Float, nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    Column("event_time", UtcTime, nullable=False),
    Column("outcome", Text),
    Column("development", Text),
    Column("document", Text, nullable=False),
    Index(None, "storyline", "decided_at"),
    Index(None, "decision", "decided_at"),
)

memory = Table(
    "memory",
    metadata,
    Column("storyline", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

emerging = Table(
    "emerging",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False, index=True),
    Column("latest_at", UtcTime, nullable=False, index=True),
    Column("changed_at", UtcTime, nullable=False),
    Column("document", Text, nullable=False),
)

developments = Table(
    "developments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("storyline", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("latest_at", UtcTime, nullable=False),
    Column("document", Text, nullable=False),
    # When it goes quiet, should nothing more come; null where it is quiet, or nobody was told of it.
    Column("quiet_at", UtcTime, index=True),
    Index(None, "storyline", "latest_at"),
)

# How many reports a storyline gets: what a surge is held against.
paces = Table(
    "paces",
    metadata,
    Column("storyline", Text, primary_key=True),
    Column("document", Text, nullable=False),
)
