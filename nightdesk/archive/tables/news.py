"""Tables of the news: what became of each report, the articles with their revisions and keys, and which
lines recur in a source's articles."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from nightdesk.archive.tables.base import metadata
from nightdesk.archive.types import UtcTime, Words

reports = Table(
    "reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("entry", Words, nullable=False),
    Column("article", Text),
    Column("outcome", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("seen_at", UtcTime, nullable=False, index=True),
    Column("arrival", Text, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("feed", Text, nullable=False),
    Column("source", Words, nullable=False),
    Column("url", Words),
    Column("title", Words, nullable=False),
    Column("language", Text, nullable=False),
    Column("published_at", UtcTime),
    Column("event_time", UtcTime, nullable=False),
    Column("first_seen_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("arrival", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Index(None, "seen_at", "id"),
    Index(None, "event_time", "id"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("article", Text, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("report", Text, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("candidates", Integer),
    Column("document", Text, nullable=False),
)

# Keys are kept as digests: they come at random, and each batch touches hundreds of their pages.
article_keys = Table(
    "article_keys",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column(
        "article",
        Text,
        ForeignKey("articles.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sqlite_with_rowid=False,
)

line_counts = Table(
    "line_counts",
    metadata,
    Column("source", Words, primary_key=True),
    Column("seen_at", UtcTime, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

# Since `undone_at` a line is not dropped any more.
learned_lines = Table(
    "learned_lines",
    metadata,
    Column("source", Words, primary_key=True),
    Column("line", LargeBinary(8), primary_key=True),
    Column("words", Words, nullable=False),
    Column("learned_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Column("undone_at", UtcTime),
)
