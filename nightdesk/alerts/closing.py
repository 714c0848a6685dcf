"""Closing alerts about feeds that nobody polls any more: no poll will ever find those well.

Comes in: an open alert and why it is closed.  Goes out: its last change, of kind `feed_recovered`, which says
in words that it is over for another reason.  A kind of its own would be one that nobody has subscribed to who
was told of the trouble.  Pure: no clock but `now`.
"""

from __future__ import annotations

from datetime import datetime

from nightdesk.alerts.outages import LatestPoll, over, share_of
from schemas.alert import Alert, AlertKind
from schemas.feed import Feed


def closed_feed(open_alert: Alert, feed: Feed | None, *, now: datetime) -> Alert:
    """Return the alert that closes one about a feed which is disabled, or None where it was retired."""
    assert open_alert.trouble is not None
    what = "retired" if feed is None else "disabled"
    was = "it had gone quiet" if open_alert.kind is AlertKind.FEED_QUIET else "it could not be read"
    name = open_alert.trouble.name
    title = f"{name} is no longer polled"
    return over(open_alert, title, f"It was {what} while {was}; this closes its alert.", now=now)


def closed_outage(open_alert: Alert, polls: list[LatestPoll], *, now: datetime) -> Alert | None:
    """Return the alert that closes an outage where the feeds that are still polled (`polls`, last polled
    first) make none; None where they do."""
    assert open_alert.trouble is not None
    share = share_of(open_alert.about, polls)
    if not share.is_over(open_alert.about):
        return None
    what = {"network": "Feeds", "many": "Many feeds"}
    scope, name = open_alert.trouble.scope, open_alert.trouble.name
    title = f"{what.get(scope, f'The feeds of {name}')}: those that fail are no longer polled"
    unit = "hosts" if scope == "network" else "feeds"
    left = f"of {share.of} {unit} still polled {share.failed} fail" if share.of else "none is left"
    return over(open_alert, title, f"Feeds were retired or disabled, and {left}.", now=now)
