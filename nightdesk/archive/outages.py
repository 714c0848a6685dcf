"""How many feeds fail together: what is asked before one is told of alone, and when an outage may be over.

Each answer is rows of a feed, its address and whether its latest poll failed.  Pushes are no polls here: they
come though nothing can be fetched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select

from nightdesk.archive.feeds import PUSHED
from nightdesk.archive.statements import Lookup
from nightdesk.archive.tables import feed_polls, feed_states

_SCHEMES = ("http", "https")
_FEED = (feed_states.c.feed, feed_states.c.url, feed_states.c.failures)
_ASKED = feed_polls.c.detail.not_like(f"{PUSHED}%")
_LATEST_POLLS = (
    select(*_FEED)
    .join(feed_polls, feed_states.c.feed == feed_polls.c.feed)
    .where(feed_polls.c.polled_at >= bindparam("since"), _ASKED)
    .order_by(feed_polls.c.polled_at.desc(), feed_polls.c.id.desc())
    .limit(bindparam("most"))
)
_FAILING = (
    select(*_FEED)
    .where(
        feed_states.c.failures > 0,
        feed_states.c.next_poll_at >= bindparam("due"),
        or_(
            feed_states.c.last_success_at.is_(None),
            feed_states.c.last_success_at >= bindparam("since"),
        ),
    )
    .order_by(feed_states.c.feed)
    .limit(bindparam("most"))
)
_NAMED = Lookup(select(*_FEED), feed_states.c.feed)


@dataclass(frozen=True, slots=True)
class LatestPoll:
    """The latest poll of a feed: where it is fetched, and whether it failed."""

    feed: str
    url: str
    failed: bool


def latest_polls(conn: Connection, since: datetime, *, limit: int) -> list[LatestPoll]:
    """Return the feeds of the last `limit` polls since `since`, as they stand now, last polled first."""
    rows = conn.execute(_LATEST_POLLS, {"since": since, "most": limit})
    found: dict[str, LatestPoll] = {}
    for feed, url, failures in rows:
        found.setdefault(feed, LatestPoll(feed, url, failures > 0))
    return list(found.values())


def latest_polls_of_host(
    conn: Connection, host: str, since: datetime, *, limit: int
) -> list[LatestPoll]:
    """Return the feeds of a host (with its port, in small letters) that were polled last, at most `limit` of
    them and none before `since`, last polled first."""
    address = func.lower(feed_states.c.url)
    there = or_(
        *(address.startswith(f"{scheme}://{host}/", autoescape=True) for scheme in _SCHEMES)
    )
    polled_at = func.max(feed_polls.c.polled_at).label("at")
    statement = (
        select(*_FEED, polled_at)
        .join(feed_polls, feed_polls.c.feed == feed_states.c.feed)
        .where(there, feed_polls.c.polled_at >= since, _ASKED)
        .group_by(*_FEED)
        .order_by(polled_at.desc(), feed_states.c.feed)
        .limit(limit)
    )
    return [LatestPoll(feed, url, n > 0) for feed, url, n, _ in conn.execute(statement)]


def failing(
    conn: Connection, since: datetime, *, due_after: datetime, limit: int
) -> list[LatestPoll]:
    """Return feeds that fail and could be read since `since`, or never yet, by name.

    What was due before `due_after` is left out: nobody polls it any more.
    """
    rows = conn.execute(_FAILING, {"since": since, "due": due_after, "most": limit})
    return [LatestPoll(feed, url, n > 0) for feed, url, n in rows]


def named(conn: Connection, feeds: Iterable[str]) -> list[LatestPoll]:
    """Return the feeds of these names that have a state."""
    return [LatestPoll(feed, url, n > 0) for feed, url, n in _NAMED.fetch(conn, feeds)]
