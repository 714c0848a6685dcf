"""When a feed is polled next.  Pure: the moment and the jitter are given.

After a success: the feed's interval, a little spread.  After failures: twice as long each time, up to
a day; never given up.  A server's own wish (Retry-After) is honoured.  The next poll counts from now,
never from when it was due, so a backlog cannot build up.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from schemas.feed import Feed

LONGEST_BACKOFF = timedelta(days=1)
SPREAD = 0.1
_MOST_DOUBLINGS = 20


def next_poll(
    feed: Feed,
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
    wait = feed.interval
    if retry_after is not None:
        wait = max(wait, retry_after)
    elif failures > 0:
        doubled = feed.interval * 2 ** min(failures, _MOST_DOUBLINGS)
        wait = max(feed.interval, min(doubled, LONGEST_BACKOFF))
    return now + wait * (1 + SPREAD * min(max(jitter, 0.0), 1.0))
