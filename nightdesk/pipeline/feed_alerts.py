"""What a poll tells of its feed's health: read within the poll's own transaction, decided by
`nightdesk.alerts.feed_health` and `nightdesk.alerts.outages`, which are pure.

    an outage spoke for the feed, and stands ──▶ nothing
    broken, told of nothing yet ─▶ an outage stands or begins? ─yes─▶ it speaks for the feed
                                                 └no─▶ the feed's own alert
    a feed that failed is read again ──▶ is an outage over? its alert is closed

So neither is looked for at each poll, but where one is about to be told, and where one may be over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from nightdesk.alerts import outages
from nightdesk.alerts.feed_health import LASTING, Condition, cause_of, condition, follow
from nightdesk.alerts.outages import LatestPoll
from nightdesk.archive import alerts
from nightdesk.archive import outages as archived
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.told import Told
from schemas import Alert, AlertKind, Feed


class Telling(NamedTuple):
    """The state with what is told of it, and the alerts to send."""

    state: FeedState
    alerts: list[Alert]


def tell(
    connection: Connection,
    feed: Feed,
    before: FeedState,
    after: FeedState,
    *,
    now: datetime,
    lasting: timedelta = LASTING,
) -> Telling:
    """Decide what a poll at `now` tells.  The caller saves the state, then records and sends the alerts: a
    poll that comes too late must learn that from the state, and another worker that told of the same outage
    meanwhile has this one concluded again.

    `lasting` is how long a feed must fail until it counts as broken.
    """
    found = condition(feed, before, after, now=now, lasting=lasting)
    after = _heard_of(connection, after, found)
    raised: list[Alert] = []
    if found is Condition.BROKEN and after.told is None:
        opened = _outage(connection, feed, after, now)
        if opened is not None:
            outage, new = opened
            after = after.model_copy(update={"told": _spoken_for(outage, after, now)})
            raised += new
    if after.told is None or not after.told.outage:
        told, alert = follow(feed, before, after, now=now, lasting=lasting)
        after = after.model_copy(update={"told": told})
        raised += [alert] if alert is not None else []
    if before.failures and not after.failures:
        raised += _ended(connection, feed, after, now)
    return Telling(after, raised)


def _heard_of(connection: Connection, after: FeedState, found: Condition) -> FeedState:
    """Return the state without the outage that spoke for its feed, where that is over or the feed is read."""
    told = after.told
    if told is None or not told.outage or found is Condition.UNCLEAR:
        return after
    if found is Condition.BROKEN and outages.is_open(alerts.latest(connection, told.alert)):
        return after
    return after.model_copy(update={"told": None})


def _outage(
    connection: Connection, feed: Feed, after: FeedState, now: datetime
) -> tuple[Alert, list[Alert]] | None:
    """Return the alert of the outage that `feed` is part of, if any, and what is to be told of it."""
    host = host_of(after.address_of(feed.url))
    names = outages.outages_of(host)
    last = {name: alerts.last_about(connection, name) for name in names}
    for standing in last.values():
        if standing is not None and outages.takes_in(standing, now):
            return standing, []
    for name in names:
        polls = _latest(connection, name, feed, host, now=now)
        if _begins(connection, name, polls, now):
            before, closed = last[name], list[Alert]()
            if before is not None and outages.is_open(before):
                # It takes in no more, so that this one takes its place: two would never both be closed.
                before = outages.succeeded(before, now=now)
                closed = [before]
            alert = outages.began(
                name,
                polls,
                before,
                health=after.health.value,
                reason=after.health_reason,
                since=after.failing_since or now,
                now=now,
            )
            return alert, [*closed, alert]
    return None


def _begins(connection: Connection, name: str, polls: list[LatestPoll], now: datetime) -> bool:
    if name != outages.MANY:
        return outages.share_of(name, polls).is_out
    told = alerts.feeds_broken_since(connection, now - outages.WITHIN)
    return told >= outages.MOST_TOLD


def _spoken_for(outage: Alert, after: FeedState, now: datetime) -> Told:
    return Told(
        alert=outage.id,
        kind=AlertKind.FEED_BROKEN,
        since=after.failing_since or now,
        causes=(cause_of(after),),
        outage=outage.about,
    )


def _ended(connection: Connection, feed: Feed, after: FeedState, now: datetime) -> list[Alert]:
    host = host_of(after.address_of(feed.url))
    closed = []
    for name in outages.outages_of(host):
        standing = alerts.last_about(connection, name)
        if standing is None or not outages.is_open(standing):
            continue
        polls = _latest(connection, name, feed, host, standing, now=now)
        share = outages.share_of(name, polls)
        if share.is_over(name):
            closed.append(outages.ended(standing, share, now=now))
    return closed


def _latest(
    connection: Connection,
    outage: str,
    feed: Feed,
    host: str,
    standing: Alert | None = None,
    *,
    now: datetime,
) -> list[LatestPoll]:
    """Return the latest polls that tell of an outage, with this poll of `feed` first.

    With the alert `standing` this poll is one that went well, else one that failed.
    """
    if outage == outages.MANY and standing is None:
        lately, since = now - outages.LATELY, now - outages.RECENT
        most = outages.MOST_LOOKED_AT
        found = archived.failing(connection, lately, due_after=since, limit=most)
    else:
        named = standing.trouble.feeds if standing is not None and standing.trouble else ()
        found = _polls(connection, outage, host, named, now)
    others = [
        LatestPoll(row.feed, host_of(row.url), row.failed) for row in found if row.feed != feed.id
    ]
    if standing is not None and outage == outages.MANY and len(others) == len(found):
        return others
    return [LatestPoll(feed.id, host, standing is None), *others]


def polls_about(
    connection: Connection, standing: Alert, now: datetime
) -> list[archived.LatestPoll]:
    """Return the latest polls that tell of an outage which stands, last polled first."""
    assert standing.trouble is not None
    return _polls(connection, standing.about, standing.trouble.name, standing.trouble.feeds, now)


def _polls(
    connection: Connection, outage: str, host: str, named: Sequence[str], now: datetime
) -> list[archived.LatestPoll]:
    """Return the latest polls of the feeds of an outage: of many, of those that it `named`."""
    since = now - outages.RECENT
    if outage == outages.NETWORK:
        return archived.latest_polls(connection, since, limit=outages.LATEST_OF_ALL)
    if outage == outages.MANY:
        return archived.named(connection, named)
    return archived.latest_polls_of_host(connection, host, since, limit=outages.MOST_LOOKED_AT)
