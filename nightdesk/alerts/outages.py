"""Outages: where most feeds of a host fail, or most of all, that is one alert, not one for each feed.

Comes in: the latest poll of each feed of a host, or of each feed that was polled last.  Goes out: whether
that is an outage, whether it is over, and its alert.  A host counts as failing where all its feeds do, so
that a publisher with many feeds is not taken for our own network.  Where neither explains it and yet many
break within an hour (as with a network that serves a part of the publishers), one alert takes in the rest.

Between out and well lies a gap: an outage that comes and goes is one.  Pure: no clock but `now`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from nightdesk.ids import content_id
from schemas.alert import Alert, AlertKind, AlertState
from schemas.severity import Severity
from schemas.trouble import Trouble

FEWEST = 3
"""An outage of a host takes so many feeds, one of the network so many hosts."""

OUT, WELL = 0.8, 1 / 3
"""An outage begins where at least this share fails, and is over where at least this share is well."""

LATEST_OF_HOST, LATEST_OF_ALL = 6, 60
"""So many polls say how things are now: those of the feeds that were polled last."""

MOST_LOOKED_AT = 500
"""Feeds of a host, or of many, that are looked at to name those that fail."""

RECENT = timedelta(days=2)
"""Polls before that say nothing of now: the feed may be disabled or retired."""

MOST_TOLD, WITHIN = 10, timedelta(hours=1)
"""Where so many alerts about broken feeds were opened within this time, one about many takes in the rest."""

LATELY = timedelta(days=1)
"""It is about feeds that could be read so lately (or never), and it takes in others for so long."""

NETWORK, MANY = "network:", "many:"
_SCOPES: dict[str, Literal["network", "many"]] = {NETWORK: "network", MANY: "many"}
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

    def is_over(self, outage: str) -> bool:
        """Whether `outage` has ended: of many feeds that were told together, once most of them are well."""
        well = self.of - self.failed
        return well >= (1 - WELL if outage == MANY else WELL) * self.of


def outages_of(host: str) -> tuple[str, ...]:
    """Return the names of the outages that can speak for a feed of `host`, the widest first."""
    return (NETWORK, MANY, f"host:{host}") if host else (NETWORK, MANY)


def share_of(outage: str, polls: Sequence[LatestPoll]) -> Share:
    """Return the share that fails of what `outage` is about: of the feeds of its host, or of all hosts.

    `polls` come last polled first.
    """
    if outage == NETWORK:
        hosts: dict[str, bool] = {}
        for poll in polls:
            hosts[poll.host] = hosts.get(poll.host, True) and poll.failed
        return Share(sum(hosts.values()), len(hosts))
    failed = [poll.failed for poll in (polls if outage == MANY else polls[:LATEST_OF_HOST])]
    return Share(sum(failed), len(failed))


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
    title, what, hint = _words_of(outage, share)
    trouble = Trouble(
        scope=_SCOPES.get(outage, "host"),
        name=outage.partition(":")[2],
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
        severity=Severity.WARNING if trouble.scope == "host" else Severity.CRITICAL,
        pages=True,
        first_seen_at=since,
        latest_seen_at=now,
        raised_at=later(now, before),
    )


def _words_of(outage: str, share: Share) -> tuple[str, str, str]:
    """Return title, reason and hint."""
    alone = "feeds are not told of one by one meanwhile"
    if outage == NETWORK:
        return (
            "Most feeds cannot be read: most likely our own network is down",
            f"The latest polls of {share.failed} of {share.of} hosts failed",
            f"look at this machine's network, DNS and proxy first; {alone}",
        )
    if outage == MANY:
        return (
            "Many feeds cannot be read",
            f"{share.failed} feeds fail, and {MOST_TOLD} alerts about such were opened within the hour",
            f"look for what they have in common, as a network that serves them; {alone}",
        )
    host = outage.partition(":")[2]
    return (
        f"The feeds of {host} cannot be read",
        f"The latest polls of {share.failed} of its {share.of} feeds polled last failed",
        f"look whether {host} is up and lets us in; its {alone}",
    )


def ended(open_alert: Alert, share: Share, *, now: datetime) -> Alert:
    """Return the alert that closes an outage, at a poll that found it over."""
    assert open_alert.trouble is not None
    scope, name = open_alert.trouble.scope, open_alert.trouble.name
    what = {"network": "Feeds", "many": "Most of the feeds"}.get(scope, f"The feeds of {name}")
    unit = "hosts polled last" if scope == "network" else "feeds looked at"
    closed = over(
        open_alert,
        f"{what} can be read again",
        f"{share.of - share.failed} of {share.of} {unit} answer again; "
        "what still fails is told by itself.",
        now=now,
    )
    assert closed.trouble is not None
    return closed.model_copy(update={"trouble": closed.trouble.model_copy(update={"health": "ok"})})


def succeeded(open_alert: Alert, *, now: datetime) -> Alert:
    """Return the alert that closes an outage of many as another one begins, a day or more later."""
    return over(
        open_alert,
        "Many feeds cannot be read: told anew",
        "Many broke again since: another alert tells of what still fails.",
        now=now,
    )


def over(open_alert: Alert, title: str, reason: str, *, now: datetime) -> Alert:
    """Return the last change of an alert about trouble, which says that it is over, and why."""
    assert open_alert.trouble is not None
    return open_alert.model_copy(
        update={
            "sequence": open_alert.sequence + 1,
            "kind": AlertKind.FEED_RECOVERED,
            "state": AlertState.QUIET,
            "trouble": open_alert.trouble.model_copy(update={"over_at": now, "hint": ""}),
            "title": title,
            "reason": reason,
            "latest_seen_at": now,
            "raised_at": later(now, open_alert),
        }
    )


def later(now: datetime, before: Alert | None) -> datetime:
    """Return now or, where the clock was set back, a moment after the last change about the same outage:
    which change is the last is told by when they were raised."""
    return now if before is None else max(now, before.raised_at + timedelta(milliseconds=1))


def is_open(alert: Alert | None) -> bool:
    """Whether an alert about an outage stands, the outage not being over."""
    return alert is not None and alert.kind is not AlertKind.FEED_RECOVERED


def takes_in(alert: Alert | None, now: datetime) -> bool:
    """Whether an outage that stands speaks for a feed that is found broken now.

    Some of many feeds may never be read again, and what breaks days later has nothing to do with them.
    """
    if alert is None or not is_open(alert):
        return False
    return alert.about != MANY or now - alert.raised_at < LATELY
