"""Tables of what users declare and what is compiled with it: every version of every definition, what the
articles taught of the rarity of words, and one counter that moves with each."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Table, Text

from nightdesk.archive.tables.base import metadata
from nightdesk.archive.types import UtcTime, Words

definitions = Table(
    "definitions",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("retired", Boolean, nullable=False),
    Column("author", Words, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("document", Text, nullable=False),
)

definition_epoch = Table(
    "definition_epoch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
)

# Without a payload it is the shipped rarity that came into force.
rarities = Table(
    "rarities",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("author", Words, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("since", UtcTime),
    Column("payload", LargeBinary),
)
