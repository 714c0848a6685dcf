"""Which lines recur in the articles of a source, and which of them are dropped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nightdesk.archive.types import UtcTime, Words

revision = "0003_boilerplate"
down_revision = "0002_rarities"


def upgrade() -> None:
    op.create_table(
        "learned_lines",
        sa.Column("source", Words, nullable=False),
        sa.Column("line", sa.LargeBinary(length=8), nullable=False),
        sa.Column("words", Words, nullable=False),
        sa.Column("learned_at", UtcTime, nullable=False),
        sa.Column("seen_at", UtcTime, nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", UtcTime, nullable=True),
        sa.PrimaryKeyConstraint("source", "line", name=op.f("pk_learned_lines")),
    )
    op.create_table(
        "line_counts",
        sa.Column("source", Words, nullable=False),
        sa.Column("seen_at", UtcTime, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_line_counts")),
    )
