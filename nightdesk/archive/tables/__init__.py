"""The tables of the archive, by subject.  `metadata` holds them all.

Each keeps what is asked for in columns, and the rest as `document`: the contract's own JSON, which
reads the same in ten years.  Only rows that belong to one other row refer to it by a foreign key;
stages write in whatever order the stream brings.
"""

from nightdesk.archive.tables.base import metadata
from nightdesk.archive.tables.definitions import definition_epoch, definitions, rarities
from nightdesk.archive.tables.detection import developments, emerging, matches, memory
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
from nightdesk.archive.tables.telling import alerts, deliveries, delivery_attempts

__all__ = [
    "accounts",
    "alerts",
    "article_keys",
    "articles",
    "dead_letters",
    "definition_epoch",
    "definitions",
    "deliveries",
    "delivery_attempts",
    "developments",
    "emerging",
    "feed_entries",
    "feed_polls",
    "feed_states",
    "hosts",
    "hub_subscriptions",
    "learned_lines",
    "line_counts",
    "marks",
    "matches",
    "memory",
    "metadata",
    "outbox",
    "rarities",
    "reports",
    "revisions",
    "topic_logs",
]
