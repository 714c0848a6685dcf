"""Subscriptions at hubs that push feeds (WebSub)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nightdesk.archive.types import UtcTime

revision = "0004_hub_subscriptions"
down_revision = "0003_boilerplate"


def upgrade() -> None:
    op.create_table(
        "hub_subscriptions",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", UtcTime, nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_hub_subscriptions")),
        sa.UniqueConstraint("token", name=op.f("uq_hub_subscriptions_token")),
    )
    op.create_index(
        op.f("ix_hub_subscriptions_due_at"), "hub_subscriptions", ["due_at"], unique=False
    )
