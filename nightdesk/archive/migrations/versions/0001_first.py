"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nightdesk.archive.types import Serial, UtcTime, Words

revision = "0001_first"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("shard", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stage", "outcome", "shard", name=op.f("pk_accounts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("storyline", sa.Text(), nullable=False),
        sa.Column("development", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pages", sa.Boolean(), nullable=False),
        sa.Column("raised_at", UtcTime, nullable=False),
        sa.Column("routed", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_alerts")),
    )
    op.create_index(op.f("ix_alerts_raised_at"), "alerts", ["raised_at"], unique=False)
    op.create_index(
        op.f("ix_alerts_storyline_raised_at"), "alerts", ["storyline", "raised_at"], unique=False
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("source", Words, nullable=False),
        sa.Column("url", Words, nullable=True),
        sa.Column("title", Words, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("published_at", UtcTime, nullable=True),
        sa.Column("event_time", UtcTime, nullable=False),
        sa.Column("first_seen_at", UtcTime, nullable=False),
        sa.Column("seen_at", UtcTime, nullable=False),
        sa.Column("arrival", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    op.create_index(op.f("ix_articles_seen_at_id"), "articles", ["seen_at", "id"], unique=False)
    op.create_index(
        op.f("ix_articles_event_time_id"), "articles", ["event_time", "id"], unique=False
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("died_at", UtcTime, nullable=False),
        sa.Column("retried_at", UtcTime, nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
    )
    op.create_index(op.f("ix_dead_letters_died_at"), "dead_letters", ["died_at"], unique=False)
    op.create_table(
        "definition_epoch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition_epoch")),
    )
    op.create_table(
        "definitions",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("author", Words, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "version", name=op.f("pk_definitions")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", Words, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("due_at", UtcTime, nullable=True),
        sa.Column("leased_until", UtcTime, nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("planned_at", UtcTime, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        op.f("ix_deliveries_alert_sequence"), "deliveries", ["alert", "sequence"], unique=False
    )
    op.create_index(
        op.f("ix_deliveries_due_at_id"),
        "deliveries",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_deliveries_state"), "deliveries", ["state"], unique=False)
    op.create_index(
        op.f("ix_deliveries_subscription_state_alert_sequence"),
        "deliveries",
        ["subscription", "state", "alert", "sequence"],
        unique=False,
    )
    op.create_table(
        "developments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("storyline", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcTime, nullable=False),
        sa.Column("latest_at", UtcTime, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_developments")),
    )
    op.create_index(
        op.f("ix_developments_storyline_latest_at"),
        "developments",
        ["storyline", "latest_at"],
        unique=False,
    )
    op.create_table(
        "emerging",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("latest_at", UtcTime, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emerging")),
    )
    op.create_index(op.f("ix_emerging_latest_at"), "emerging", ["latest_at"], unique=False)
    op.create_index(op.f("ix_emerging_state"), "emerging", ["state"], unique=False)
    op.create_table(
        "feed_entries",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("last_seen_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("feed", "entry", name=op.f("pk_feed_entries")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_feed_entries_last_seen_at"), "feed_entries", ["last_seen_at"], unique=False
    )
    op.create_table(
        "feed_polls",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("polled_at", UtcTime, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("detail", Words, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_polls")),
    )
    op.create_index(op.f("ix_feed_polls_feed"), "feed_polls", ["feed"], unique=False)
    op.create_index(op.f("ix_feed_polls_polled_at"), "feed_polls", ["polled_at"], unique=False)
    op.create_table(
        "feed_states",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("url", Words, nullable=False),
        sa.Column("next_poll_at", UtcTime, nullable=True),
        sa.Column("health", sa.Text(), nullable=False),
        sa.Column("health_since", UtcTime, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_success_at", UtcTime, nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_feed_states")),
    )
    op.create_index(
        op.f("ix_feed_states_next_poll_at"), "feed_states", ["next_poll_at"], unique=False
    )
    op.create_table(
        "marks",
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stage", "topic", "partition", name=op.f("pk_marks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "matches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("storyline", sa.Text(), nullable=False),
        sa.Column("storyline_version", sa.Integer(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("candidate", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("decided_at", UtcTime, nullable=False),
        sa.Column("event_time", UtcTime, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("development", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_matches")),
    )
    op.create_index(op.f("ix_matches_article"), "matches", ["article"], unique=False)
    op.create_index(op.f("ix_matches_candidate"), "matches", ["candidate"], unique=False)
    op.create_index(
        op.f("ix_matches_decision_decided_at"), "matches", ["decision", "decided_at"], unique=False
    )
    op.create_index(
        op.f("ix_matches_storyline_decided_at"),
        "matches",
        ["storyline", "decided_at"],
        unique=False,
    )
    op.create_table(
        "memory",
        sa.Column("storyline", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("storyline", name=op.f("pk_memory")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("enqueued_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("entry", Words, nullable=False),
        sa.Column("article", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", Words, nullable=False),
        sa.Column("seen_at", UtcTime, nullable=False),
        sa.Column("arrival", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(op.f("ix_reports_seen_at"), "reports", ["seen_at"], unique=False)
    op.create_table(
        "article_keys",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.id"], name=op.f("fk_article_keys_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_article_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_article_keys_article"), "article_keys", ["article"], unique=False)
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", Words, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"],
            ["deliveries.id"],
            name=op.f("fk_delivery_attempts_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery", "n", name=op.f("pk_delivery_attempts")),
    )
    op.create_table(
        "revisions",
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("seen_at", UtcTime, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.id"], name=op.f("fk_revisions_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article", "revision", name=op.f("pk_revisions")),
    )
    op.create_table(
        "topic_logs",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("log_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_topic_logs")),
    )
    op.execute("INSERT INTO definition_epoch (id, epoch) VALUES (1, 0)")
