"""Tables of who may come in, and what they did: tokens by their hash alone, and the audit log."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from nightdesk.archive.tables.base import metadata
from nightdesk.archive.types import Serial, UtcTime, Words

# `hash` is that of a random token: the token itself is kept nowhere.  `scopes` have a space between.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Words, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("author", Words, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("used_at", UtcTime),
    Column("revoked_at", UtcTime),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", Words, nullable=False),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Words, nullable=False),
    Index(None, "at"),
    Index(None, "kind", "subject"),
)
