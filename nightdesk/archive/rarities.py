"""What the archive's articles taught of the rarity of words, by version, and the articles to learn from.

The highest version is in force; before the first, and with one that has no payload, the shipped rarity is.
A new version moves the epoch of the definitions, so that every worker takes it over with its next
transaction and not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select

from nightdesk.archive import definitions
from nightdesk.archive.tables import articles
from nightdesk.archive.tables import rarities as table

KEPT = 30
"""Versions that are kept, the newest."""

FIRST = datetime(1, 1, 1, tzinfo=UTC)

_VERSION = select(func.max(table.c.version))
_LATEST = select(table).order_by(table.c.version.desc()).limit(1)
_INSERT = insert(table)
_COUNT = select(func.count()).where(articles.c.seen_at >= bindparam("since"))
_IDS = (
    select(articles.c.seen_at, articles.c.id)
    .where(
        articles.c.seen_at >= bindparam("read_to"),
        or_(
            articles.c.seen_at > bindparam("read_to"),
            and_(articles.c.seen_at == bindparam("read_to"), articles.c.id > bindparam("read_id")),
        ),
    )
    .order_by(articles.c.seen_at, articles.c.id)
    .limit(bindparam("most"))
)


class Place(NamedTuple):
    """How far a reader has come: when the last article was seen, and its id."""

    seen_at: datetime
    article: str


@dataclass(frozen=True, slots=True)
class Learnt:
    """One version: made by whom and when, of articles seen since when; without `payload`, the shipped one."""

    version: int
    author: str
    made_at: datetime
    since: datetime | None
    payload: bytes | None


def version(conn: Connection) -> int:
    """Return the version in force; 0 before the first."""
    return int(conn.execute(_VERSION).scalar() or 0)


def in_force(conn: Connection) -> Learnt | None:
    """Return what is in force; None where nothing was ever learnt."""
    row = conn.execute(_LATEST).one_or_none()
    if row is None:
        return None
    payload = None if row.payload is None else bytes(row.payload)
    return Learnt(row.version, row.author, row.made_at, row.since, payload)


def put(
    conn: Connection,
    payload: bytes | None,
    *,
    author: str,
    now: datetime,
    since: datetime | None = None,
) -> int:
    """Bring a rarity into force, the shipped one if `payload` is None; return its version.

    One that was in force before, payload for payload, keeps its version.
    """
    definitions.hold(conn)
    before = in_force(conn)
    if (before.payload if before else None) == payload:
        return before.version if before else 0
    new = before.version + 1 if before else 1
    values = {
        "version": new,
        "author": author,
        "made_at": now,
        "since": since,
        "payload": payload,
    }
    conn.execute(_INSERT, values)
    conn.execute(delete(table).where(table.c.version <= new - KEPT))
    definitions.move(conn)
    return new


def count(conn: Connection, since: datetime | None = None) -> int:
    """Return how many articles were seen since then."""
    return int(conn.execute(_COUNT, {"since": since or FIRST}).scalar_one())


def ids(conn: Connection, after: Place, limit: int) -> Sequence[Place]:
    """Return the next articles after `after`, in the order in which they were last seen."""
    rows = conn.execute(_IDS, {"read_to": after.seen_at, "read_id": after.article, "most": limit})
    return [Place(row[0], row[1]) for row in rows]
