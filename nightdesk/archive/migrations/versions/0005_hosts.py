"""When hosts may be asked: how long they asked to be left alone, and whose turn it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nightdesk.archive.types import UtcTime

revision = "0005_hosts"
down_revision = "0004_hub_subscriptions"


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("rest_until", UtcTime, nullable=True),
        sa.Column("turn_of", sa.Text(), nullable=True),
        sa.Column("turn_until", UtcTime, nullable=True),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
    op.create_index(op.f("ix_hosts_rest_until"), "hosts", ["rest_until"], unique=False)
