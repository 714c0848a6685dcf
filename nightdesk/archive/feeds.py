"""Feeds as polled: each one's state (saved by compare-and-set), the entries it showed, and its polls.

The state's document belongs to `nightdesk.feeds`; what is asked of all feeds stands in columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from nightdesk.archive.errors import FeedStateMoved
from nightdesk.archive.statements import (
    Lookup,
    delete_some,
    insert_new,
    insert_or_update,
)
from nightdesk.archive.tables import feed_entries, feed_polls, feed_states
from nightdesk.archive.types import fold

_LOAD = Lookup(
    select(feed_states.c.feed, feed_states.c.version, feed_states.c.document), feed_states.c.feed
)
_DUE = (
    select(feed_states.c.feed)
    .where(feed_states.c.next_poll_at <= bindparam("now"))
    .order_by(feed_states.c.next_poll_at, feed_states.c.feed)
    .limit(bindparam("most"))
)
_FIRST = insert_new(feed_states)
_CHANGED = [c.name for c in feed_states.c if c.name != "feed"]
_MOVE = (
    update(feed_states)
    .where(
        feed_states.c.feed == bindparam("of_feed"), feed_states.c.version == bindparam("expected")
    )
    .values({name: bindparam(f"to_{name}") for name in _CHANGED})
)
_HEALTH = select(
    feed_states.c.feed,
    feed_states.c.url,
    feed_states.c.health,
    feed_states.c.health_since,
    feed_states.c.failures,
    feed_states.c.last_success_at,
    feed_states.c.next_poll_at,
).order_by(feed_states.c.feed)
_NEXT = select(feed_states.c.feed, feed_states.c.url, feed_states.c.next_poll_at)
_BY_HEALTH = select(feed_states.c.health, func.count()).group_by(feed_states.c.health)
_SEEN = Lookup(
    select(feed_entries.c.entry, feed_entries.c.content_hash).where(
        feed_entries.c.feed == bindparam("of_feed")
    ),
    feed_entries.c.entry,
)
_REMEMBER = insert_or_update(feed_entries)
_ADD_POLLS = insert(feed_polls)
_POLLS = (
    select(feed_polls)
    .where(feed_polls.c.feed == bindparam("of_feed"))
    .order_by(feed_polls.c.polled_at.desc(), feed_polls.c.id.desc())
    .limit(bindparam("most"))
)


PUSHED = "pushed by its hub"
"""What the detail of a push begins with: it stands among the polls, and says nothing of the feed's server."""


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """What is asked of a feed's state without reading its document."""

    feed: str
    url: str
    health: str
    health_since: datetime | None
    failures: int
    last_success_at: datetime | None
    next_poll_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """One entry of a feed as last seen, and the report that was made of it."""

    entry: str
    report: str
    content_hash: str
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll: `status` is HTTP's, None where no answer came; the counts are entries of each outcome."""

    feed: str
    polled_at: datetime
    status: int | None
    outcome: str
    new: int
    unchanged: int
    duplicate: int
    rejected: int
    seconds: float
    detail: str = ""


def load(conn: Connection, feed_ids: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return feed -> (version, document), for the feeds that have a state."""
    rows = _LOAD.fetch(conn, feed_ids)
    return {feed: (int(version), document) for feed, version, document in rows}


def due(conn: Connection, now: datetime, limit: int) -> list[str]:
    """Return feeds whose next poll is at or before `now`, longest due first."""
    return list(conn.execute(_DUE, {"now": now, "most": limit}).scalars())


def save(
    conn: Connection,
    feed: str,
    document: str,
    *,
    expected_version: int,
    url: str,
    next_poll_at: datetime | None,
    health: str,
    health_since: datetime | None = None,
    failures: int = 0,
    last_success_at: datetime | None = None,
) -> int:
    """Save a feed's state as the version after `expected_version` (0 where it has none); return it.

    Raises FeedStateMoved where another poller saved it since it was read.
    """
    row = {
        "version": expected_version + 1,
        "url": url,
        "next_poll_at": next_poll_at,
        "health": health,
        "health_since": health_since,
        "failures": failures,
        "last_success_at": last_success_at,
        "document": document,
    }
    if expected_version:
        values = {f"to_{name}": value for name, value in row.items()}
        key = {"of_feed": feed, "expected": expected_version}
        saved = bool(conn.execute(_MOVE, values | key).rowcount)
    else:
        saved = _FIRST.run_one(conn, row | {"feed": feed})
    if not saved:
        raise FeedStateMoved(
            f"the state of the feed {feed} is no longer version {expected_version}",
            hint="another poller has this feed by now; this one gives up what it fetched",
        )
    return expected_version + 1


def health(conn: Connection) -> list[FeedHealth]:
    """Return how each feed does, by name."""
    return [
        FeedHealth(
            row.feed,
            row.url,
            row.health,
            row.health_since,
            row.failures,
            row.last_success_at,
            row.next_poll_at,
        )
        for row in conn.execute(_HEALTH)
    ]


def next_polls(conn: Connection) -> list[tuple[str, str, datetime | None]]:
    """Return each feed that was ever polled, where it is fetched, and when it is due: what is asked every few
    seconds of all feeds, and so of nothing else."""
    return [(feed, url, due) for feed, url, due in conn.execute(_NEXT)]


def count_by_health(conn: Connection) -> dict[str, int]:
    """Return how many feeds are in each state of health."""
    return {word: int(n) for word, n in conn.execute(_BY_HEALTH)}


def seen_entries(conn: Connection, feed: str, entries: Iterable[str]) -> dict[str, str]:
    """Return entry -> content hash, for the entries of this feed that were seen."""
    folded = {entry: fold(entry) for entry in entries}
    found = dict(_SEEN.fetch(conn, folded.values(), of_feed=feed))
    return {entry: found[short] for entry, short in folded.items() if short in found}


def remember_entries(conn: Connection, feed: str, rows: Sequence[SeenEntry]) -> None:
    """Note entries as seen, or as seen again."""
    _REMEMBER.run(
        conn,
        [
            {
                "feed": feed,
                "entry": fold(row.entry),
                "report": row.report,
                "content_hash": row.content_hash,
                "last_seen_at": row.last_seen_at,
            }
            for row in rows
        ],
    )


def prune_entries(conn: Connection, before: datetime, *, limit: int = 5_000) -> int:
    """Forget at most `limit` entries that no poll showed since `before`; return how many."""
    return delete_some(conn, feed_entries, feed_entries.c.last_seen_at < before, limit)


def add_polls(conn: Connection, polls: Sequence[Poll]) -> None:
    """Add to the history of polls."""
    if polls:
        conn.execute(_ADD_POLLS, [asdict(poll) for poll in polls])


def polls_of(conn: Connection, feed: str, *, limit: int) -> list[Poll]:
    """Return the polls of a feed, latest first."""
    rows = conn.execute(_POLLS, {"of_feed": feed, "most": limit})
    return [Poll(*tuple(row)[1:]) for row in rows]


def prune_polls(conn: Connection, before: datetime, *, limit: int = 5_000) -> int:
    """Drop at most `limit` polls from before `before`; return how many."""
    return delete_some(conn, feed_polls, feed_polls.c.polled_at < before, limit)
