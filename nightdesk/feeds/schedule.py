"""When a feed is polled next.  Pure: the moment and the jitter are given.

A feed with an `interval` of its own is polled at that.  Of any other it is learned: as long as one new
entry is to be expected from (`nightdesk.feeds.pace`), within the bounds of the feed or its tier, and no
shorter than its server says that an answer stays fresh.  After failures the wait doubles each time, up to
a day; no feed is ever given up.  A server's own wish (Retry-After) is honoured; where it is repeated, the
wait doubles all the same.  The next poll counts from now, never from when it was due, so a backlog cannot
build up.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from nightdesk.feeds.pace import Pace
from schemas.feed import Feed, Tier

LONGEST_BACKOFF = timedelta(days=1)
PAUSE = timedelta(days=7)
"""A feed that is gone (410) is asked again so often, lest it was a mistake."""

FIRST_INTERVAL = timedelta(minutes=15)
"""Until anything could be read."""

LONGEST_FRESH = timedelta(hours=1)
"""A server or a feed may ask for polls to be further apart, but for no more than this."""

SPREAD = 0.1
_MOST_DOUBLINGS = 20
_WANTED = 0.5
"""So many new entries should wait, in the mean, when a feed is polled."""

_BOUNDS = {
    Tier.HOT: (timedelta(minutes=1), timedelta(minutes=15)),
    Tier.NORMAL: (timedelta(minutes=3), timedelta(hours=1)),
    Tier.SLOW: (timedelta(minutes=30), timedelta(days=1)),
}


def bounds(feed: Feed) -> tuple[timedelta, timedelta]:
    """Return the shortest and the longest interval that may be learned for a feed."""
    least, most = _BOUNDS[feed.tier]
    least = least if feed.min_interval is None else feed.min_interval
    most = most if feed.max_interval is None else feed.max_interval
    # One of the two may be the tier's: the one that was written down wins.
    if least > most:
        least, most = (least, least) if feed.max_interval is None else (most, most)
    return least, most


def interval_of(
    feed: Feed,
    *,
    pace: Pace | None = None,
    fresh: timedelta = timedelta(0),
    now: datetime,
) -> timedelta:
    """Return the time between polls of a feed as of `now`.

    `fresh` is how long server and feed say that an answer may be kept.
    """
    if feed.interval is not None:
        return feed.interval
    least, most = bounds(feed)
    learned = FIRST_INTERVAL
    if pace is not None:
        learned = timedelta(hours=_WANTED / pace.rate(now))
    least = max(least, min(fresh, LONGEST_FRESH, most))
    return min(max(learned, least), most)


def next_poll(
    interval: timedelta,
    *,
    now: datetime,
    jitter: float,
    failures: int = 0,
    retry_after: timedelta | None = None,
) -> datetime:
    """Return the moment of the next poll, in UTC.

    `jitter` is in [0, 1): it adds up to a tenth, so that feeds drift apart and none is polled early.
    `failures` counts failed polls in a row, this one included.
    """
    wait = interval
    if retry_after is not None:
        # The first wish is taken at its word; one that is repeated was too small.
        wait, failures = max(wait, retry_after), failures - 1
    if failures > 0:
        doubled = interval * 2 ** min(failures, _MOST_DOUBLINGS)
        wait = max(wait, min(doubled, LONGEST_BACKOFF))
    return now + wait * (1 + SPREAD * min(max(jitter, 0.0), 1.0))
