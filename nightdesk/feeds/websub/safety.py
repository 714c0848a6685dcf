"""The safety poll: how slowly a feed is polled whose hub is trusted, and when that trust is lost.  Pure.

A hub is trusted once a signed push of it has come: many accept subscriptions and never push.  A poll that
finds entries which a push should have brought long before ends the trust for a day, and until the next push.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from nightdesk.feeds.state import FeedState
from nightdesk.feeds.websub.subscription import HubSubscription
from schemas.feed import Feed
from schemas.report import Report

SLOWER = 4
LEAST = timedelta(hours=1)
MOST = timedelta(hours=5)
"""With the spread of polls below six hours: what is found after six counts as back-fill, and pages nobody."""

LONG_BEFORE = timedelta(minutes=10)
"""Hubs push within seconds to minutes; an entry older than this should have come."""

DISTRUST = timedelta(days=1)
_UNDATED = 2


def is_trusted(it: HubSubscription, now: datetime) -> bool:
    """Tell whether pushes are relied upon as of `now`."""
    pushed = it.last_push_at
    if not it.stands(now) or pushed is None or it.active_since is None or it.missed_at is not None:
        return False
    if pushed < it.active_since:
        return False
    return it.lost_at is None or (now - it.lost_at >= DISTRUST and pushed > it.lost_at)


def after_poll(
    it: HubSubscription, lost: int, *, began: datetime, now: datetime
) -> HubSubscription:
    """Return the subscription after a poll that `began` then and found so many `lost` entries.

    It made up for pushes that were missed before it began.
    """
    changes: dict[str, object] = {}
    if it.missed_at is not None and it.missed_at <= began:
        changes["missed_at"] = None
    if lost:
        changes |= {"lost_at": now, "lost": it.lost + lost}
    return it.model_copy(update=changes) if changes else it


def safety_interval(feed: Feed, interval: timedelta) -> timedelta:
    """Return the time between polls while pushes are trusted, where `interval` is the usual one.

    An `interval` that the feed declares is kept, a `max_interval` is not exceeded.
    """
    if feed.interval is not None:
        return feed.interval
    slow = max(interval, min(max(LEAST, SLOWER * interval), MOST))
    return slow if feed.max_interval is None else max(interval, min(slow, feed.max_interval))


def found_lost(
    it: HubSubscription,
    state: FeedState,
    new: Sequence[Report],
    *,
    listening_since: datetime,
    now: datetime,
) -> list[Report]:
    """Return those of the `new` reports of a poll that a push should have brought long before.

    `state` is the feed's before the poll; `listening_since` is since when this worker could be reached.  An
    entry was lost if it was published after the last look, and more than ten minutes ago.  Without dates, two
    entries and an hour since the last look or push say the same.
    """
    looked, pushed = state.last_success_at, it.last_push_at
    if not is_trusted(it, now) or looked is None or pushed is None or it.active_since is None:
        return []
    since = max(looked, it.active_since, listening_since)
    lost, undated = [], []
    for report in new:
        if report.published_at is None:
            undated.append(report)
        elif since < report.published_at < now - LONG_BEFORE:
            lost.append(report)
    if len(undated) >= _UNDATED and now - max(since, pushed) >= LEAST:
        lost += undated
    return lost
