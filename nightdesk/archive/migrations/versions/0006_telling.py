"""What gathers before it is told, each decision about a delivery, what people did about alerts, who may come
in and what they did.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nightdesk.archive.types import Serial, UtcTime, Words

revision = "0006_telling"
down_revision = "0005_hosts"


def upgrade() -> None:
    op.create_table(
        "alert_actions",
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert", "n", name=op.f("pk_alert_actions")),
    )
    op.create_table(
        "alert_handling",
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert", name=op.f("pk_alert_handling")),
    )
    op.create_table(
        "delivery_decisions",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decided_at", UtcTime, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", Words, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"],
            ["deliveries.id"],
            name=op.f("fk_delivery_decisions_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery", "n", name=op.f("pk_delivery_decisions")),
    )
    op.create_table(
        "held_deliveries",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"],
            ["deliveries.id"],
            name=op.f("fk_held_deliveries_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery", name=op.f("pk_held_deliveries")),
    )
    op.create_index(
        op.f("ix_held_deliveries_subscription_name"), "held_deliveries", ["subscription", "name"]
    )
    op.create_table(
        "notification_groups",
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", UtcTime, nullable=True),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subscription", "name", name=op.f("pk_notification_groups")),
    )
    op.create_index(op.f("ix_notification_groups_due_at"), "notification_groups", ["due_at"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("author", Words, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=True),
        sa.Column("used_at", UtcTime, nullable=True),
        sa.Column("revoked_at", UtcTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_tokens_hash")),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("actor", Words, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", Words, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"])
    op.create_index(op.f("ix_audit_log_kind_subject"), "audit_log", ["kind", "subject"])
