"""Subscriptions at hubs (WebSub), one of a feed at most: found by feed, by token, by when something is due.

The document belongs to `nightdesk.feeds.websub`.  It holds a secret, so it is read for work alone and never
shown.  `lock` keeps a row from other writers until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select

from nightdesk.archive.statements import Lookup, insert_or_update
from nightdesk.archive.tables import hub_subscriptions as table

_OF_FEEDS = Lookup(select(table.c.feed, table.c.document), table.c.feed)
_LOCKED = select(table.c.document).where(table.c.feed == bindparam("of_feed")).with_for_update()
_BY_TOKEN = select(table.c.document).where(table.c.token == bindparam("of_token"))
_PRESENT = select(table.c.feed, table.c.document).order_by(table.c.feed)
_DUE = (
    select(table.c.feed)
    .where(table.c.due_at <= bindparam("now"))
    .order_by(table.c.due_at, table.c.feed)
    .limit(bindparam("most"))
)
_STATES = select(table.c.feed, table.c.state)
_BY_STATE = select(table.c.state, func.count()).group_by(table.c.state)
_DROP = delete(table).where(table.c.feed == bindparam("of_feed"))
_SAVE = insert_or_update(table)


def load(conn: Connection, feeds: Iterable[str]) -> dict[str, str]:
    """Return feed -> document, for the feeds that have a subscription."""
    return dict(_OF_FEEDS.fetch(conn, feeds))


def lock(conn: Connection, feed: str) -> str | None:
    """Return the document of a feed's subscription, None where there is none; others wait for our commit."""
    found: str | None = conn.execute(_LOCKED, {"of_feed": feed}).scalar()
    return found


def by_token(conn: Connection, token: str) -> str | None:
    """Return the document of the subscription with this token, None where there is none."""
    found: str | None = conn.execute(_BY_TOKEN, {"of_token": token}).scalar()
    return found


def present(conn: Connection) -> dict[str, str]:
    """Return feed -> document of all, by feed."""
    return {row.feed: row.document for row in conn.execute(_PRESENT)}


def states(conn: Connection) -> dict[str, str]:
    """Return feed -> state of all."""
    return {row.feed: row.state for row in conn.execute(_STATES)}


def due(conn: Connection, now: datetime, limit: int) -> list[str]:
    """Return feeds whose subscription has something due at or before `now`, longest due first."""
    return list(conn.execute(_DUE, {"now": now, "most": limit}).scalars())


def count_by_state(conn: Connection) -> dict[str, int]:
    """Return how many subscriptions are in each state."""
    return {state: int(n) for state, n in conn.execute(_BY_STATE)}


def save(
    conn: Connection,
    feed: str,
    document: str,
    *,
    token: str,
    state: str,
    due_at: datetime | None,
) -> None:
    """Save a feed's subscription over the one that it has."""
    row = {"feed": feed, "token": token, "state": state, "due_at": due_at, "document": document}
    _SAVE.run(conn, [row])


def drop(conn: Connection, feed: str) -> None:
    """Forget a feed's subscription."""
    conn.execute(_DROP, {"of_feed": feed})
