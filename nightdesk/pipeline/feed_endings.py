"""Alerts of feeds that are retired or disabled while in trouble are closed: no poll of them comes any more.

Looked for where definitions have changed, by each worker as it takes them up, for until then it may still
poll what was retired: the last of them finds what the others left.  An alert is closed by the same
compare-and-set on the feed's state as a poll's, so that it is closed once; a feed that is being fetched is
waited for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.alerts.closing import closed_feed, closed_outage
from nightdesk.alerts.outages import LatestPoll
from nightdesk.archive import alerts, feeds
from nightdesk.archive.engine import Archive
from nightdesk.archive.errors import ArchiveConflict, FeedStateMoved
from nightdesk.archive.outages import named
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.state import FeedState
from nightdesk.pipeline.feed_alerts import polls_about
from nightdesk.pipeline.poll import save_state
from nightdesk.pipeline.raising import Row, raise_alerts
from schemas import Alert, Feed

BY = "poller"


@dataclass
class Closed:
    """What was closed, and the outbox rows to send now.  `waiting` counts alerts that could not be closed
    yet, since their feed is being fetched or another worker was at it: look again."""

    alerts: list[Alert] = field(default_factory=list)
    to_send: list[Row] = field(default_factory=list)
    waiting: int = 0


def close_untended(archive: Archive, declared: Mapping[str, Feed], now: datetime) -> Closed:
    """Close the open alerts about feeds that are not `declared`, or disabled, and about outages of which
    the feeds that are still polled are none."""
    enabled = {name for name, feed in declared.items() if feed.enabled}
    with archive.read() as connection:
        found = alerts.open_about_feeds(connection)
    done = Closed()
    for standing in found:
        if standing.feed in enabled or standing.trouble is None:
            continue
        if standing.feed is None and enabled.issuperset(standing.trouble.feeds):
            continue
        try:
            with archive.begin() as connection:
                if standing.feed is None:
                    last = _closed_outage(connection, standing, enabled, now)
                else:
                    last = _closed_feed(connection, standing, declared.get(standing.feed), now)
                    done.waiting += last is None
                if last is not None:
                    done.to_send += raise_alerts(connection, [last], by=BY, now=now)
                    done.alerts.append(last)
        except (FeedStateMoved, ArchiveConflict):
            done.waiting += 1
    return done


def _closed_feed(
    connection: Connection, standing: Alert, feed: Feed | None, now: datetime
) -> Alert | None:
    """Return the change that closes a feed's alert, with the state that no longer tells of it; None where
    the feed is being fetched."""
    name = standing.feed or ""
    stored = feeds.load(connection, [name]).get(name)
    if stored is not None:
        version, document = stored
        state = FeedState.model_validate_json(document)
        until = state.next_poll_at
        if state.claimed_by is not None and until is not None and until > now:
            return None
        if state.told is not None and state.told.alert == standing.id:
            save_state(connection, name, state.model_copy(update={"told": None}), version)
    return closed_feed(standing, feed, now=now)


def _closed_outage(
    connection: Connection, standing: Alert, enabled: set[str], now: datetime
) -> Alert | None:
    """Return the change that closes an outage, if it is over for the feeds that are still polled."""
    assert standing.trouble is not None
    rows = [row for row in polls_about(connection, standing, now) if row.feed in enabled]
    if not rows:
        # A desk that was off for days has no polls of late, which says nothing of those that are left.
        rows = [row for row in named(connection, standing.trouble.feeds) if row.feed in enabled]
    polls = [LatestPoll(row.feed, host_of(row.url), row.failed) for row in rows]
    return closed_outage(standing, polls, now=now)
