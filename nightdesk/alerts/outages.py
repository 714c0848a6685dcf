"""Outages: where most feeds of a host fail, or most of all, that is one alert and not one for each feed.

Comes in: the latest poll of each feed of a host, or of each feed that was polled last.  Goes out: whether
that is an outage, whether it is over, and its alert.  A host counts as failing where all its feeds do, so
that a publisher with many feeds is not taken for our own network.

Between out and well lies a gap: an outage that comes and goes is one.  Pure: no clock but `now`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightdesk.ids import content_id
from schemas.alert import Alert, AlertKind
from schemas.trouble import Trouble

FEWEST = 3
"""An outage of a host takes so many feeds, one of the network so many hosts."""

OUT, WELL = 0.8, 1 / 3
"""An outage begins where at least this share fails, and is over where at least this share is well."""

LATEST_OF_HOST, LATEST_OF_ALL = 6, 60
"""So many polls say how things are now: those of the feeds that were polled last."""

MOST_OF_HOST = 500
"""Feeds of a host that are looked at to name those that fail."""

RECENT = timedelta(days=2)
"""Polls before that say nothing of now: the feed may be disabled or retired."""

NETWORK = "network:"
_MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class LatestPoll:
    """How the latest poll of a feed went."""

    feed: str
    host: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Share:
    """`failed` of so many feeds of a host, or of so many hosts."""

    failed: int
    of: int

    @property
    def is_out(self) -> bool:
        """Whether an outage begins."""
        return self.failed >= FEWEST and self.failed >= OUT * self.of

    @property
    def is_over(self) -> bool:
        """Whether an outage has ended."""
        return self.of - self.failed >= WELL * self.of


def outages_of(host: str) -> tuple[str, ...]:
    """Return the names of the outages that can speak for a feed of `host`, the widest first."""
    return (NETWORK, f"host:{host}") if host else (NETWORK,)


def share_of(outage: str, polls: Sequence[LatestPoll]) -> Share:
    """Return the share that fails of what `outage` is about: of the feeds of its host, or of all hosts.

    `polls` come last polled first.
    """
    if outage != NETWORK:
        failed = [poll.failed for poll in polls[:LATEST_OF_HOST]]
        return Share(sum(failed), len(failed))
    hosts: dict[str, bool] = {}
    for poll in polls:
        hosts[poll.host] = hosts.get(poll.host, True) and poll.failed
    return Share(sum(hosts.values()), len(hosts))


def began(
    outage: str,
    polls: Sequence[LatestPoll],
    before: Alert | None,
    *,
    health: str,
    reason: str,
    since: datetime,
    now: datetime,
) -> Alert:
    """Return the alert that an outage begins.

    `before` is the last alert about the same, if any: the id is a function of both, so that two workers
    that see an outage begin at once make the same alert.  `health` and `reason` are those of the poll
    that found it, `since` when its feed began to fail.
    """
    failing = sorted({poll.feed for poll in polls if poll.failed})
    share = share_of(outage, polls)
    if outage == NETWORK:
        name = ""
        title = "Most feeds cannot be read: most likely our own network is down"
        what = f"The latest polls of {share.failed} of {share.of} hosts failed"
        hint = (
            "look at this machine's network, DNS and proxy first; feeds are not told of one by one"
        )
    else:
        name = outage.partition(":")[2]
        title = f"The feeds of {name} cannot be read"
        what = f"The latest polls of {share.failed} of its {share.of} feeds polled last failed"
        hint = f"look whether {name} is up and lets us in; its feeds are not told of one by one"
    trouble = Trouble(
        scope="network" if outage == NETWORK else "host",
        name=name,
        feeds=tuple(failing[:_MOST_NAMED]),
        affected=len(failing),
        health=health,
        hint=hint,
        since=since,
    )
    return Alert(
        id=content_id("alert", outage, before.id if before else None),
        sequence=1,
        kind=AlertKind.FEED_BROKEN,
        trouble=trouble,
        title=title,
        reason=f"{what}, the last so: {reason}",
        pages=True,
        first_seen_at=since,
        latest_seen_at=now,
        raised_at=now,
    )


def ended(open_alert: Alert, share: Share, *, now: datetime) -> Alert:
    """Return the alert that closes an outage, at a poll that found it over."""
    assert open_alert.trouble is not None
    is_network = open_alert.trouble.scope == "network"
    what = "Feeds" if is_network else f"The feeds of {open_alert.trouble.name}"
    unit = "hosts" if is_network else "feeds"
    trouble = open_alert.trouble.model_copy(update={"over_at": now, "health": "ok", "hint": ""})
    return open_alert.model_copy(
        update={
            "sequence": open_alert.sequence + 1,
            "kind": AlertKind.FEED_RECOVERED,
            "trouble": trouble,
            "title": f"{what} can be read again",
            "reason": f"{share.of - share.failed} of {share.of} {unit} polled last answer again; "
            "what still fails is told by itself.",
            "latest_seen_at": now,
            "raised_at": now,
        }
    )


def is_open(alert: Alert | None) -> bool:
    """Whether an alert about an outage stands, the outage not being over."""
    return alert is not None and alert.kind is not AlertKind.FEED_RECOVERED
