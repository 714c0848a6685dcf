"""The tables of the archive, by subject.  `metadata` holds them all.

Each keeps what is asked for in columns, and the rest as `document`: the contract's own JSON, which
reads the same in ten years.  Only rows that belong to one other row refer to it by a foreign key;
stages write in whatever order the stream brings.
"""

from nightdesk.archive.tables.access import api_tokens, audit_log
from nightdesk.archive.tables.base import metadata
from nightdesk.archive.tables.definitions import definition_epoch, definitions, rarities
from nightdesk.archive.tables.detection import developments, emerging, matches, memory, paces
from nightdesk.archive.tables.news import (
    article_keys,
    articles,
    learned_lines,
    line_counts,
    reports,
    revisions,
)
from nightdesk.archive.tables.polling import (
    feed_entries,
    feed_polls,
    feed_states,
    hosts,
    hub_subscriptions,
)
from nightdesk.archive.tables.stream import accounts, dead_letters, marks, outbox, topic_logs
from nightdesk.archive.tables.telling import (
    alert_actions,
    alert_handling,
    alerts,
    deliveries,
    delivery_attempts,
    delivery_decisions,
    held_deliveries,
    left_alone,
    notification_groups,
)

__all__ = [
    "accounts",
    "alert_actions",
    "alert_handling",
    "alerts",
    "api_tokens",
    "article_keys",
    "articles",
    "audit_log",
    "dead_letters",
    "definition_epoch",
    "definitions",
    "deliveries",
    "delivery_attempts",
    "delivery_decisions",
    "developments",
    "emerging",
    "feed_entries",
    "feed_polls",
    "feed_states",
    "held_deliveries",
    "hosts",
    "hub_subscriptions",
    "learned_lines",
    "left_alone",
    "line_counts",
    "marks",
    "matches",
    "memory",
    "metadata",
    "notification_groups",
    "outbox",
    "paces",
    "rarities",
    "reports",
    "revisions",
    "topic_logs",
]
