"""Receivers that are left alone for a while, and an index of what streams of events tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nightdesk.archive.types import UtcTime, Words

revision = "0008_left_alone"
down_revision = "0007_developments"


def upgrade() -> None:
    op.create_table(
        "left_alone",
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("since", UtcTime, nullable=False),
        sa.Column("next_try_at", UtcTime, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.Column("reason", Words, nullable=False),
        sa.PrimaryKeyConstraint("subscription", "receiver", "worker", name=op.f("pk_left_alone")),
    )
    op.create_index(
        op.f("ix_deliveries_subscription_changed_at"),
        "deliveries",
        ["subscription", "changed_at"],
        sqlite_where=sa.text("channel = 'events'"),
        postgresql_where=sa.text("channel = 'events'"),
    )
