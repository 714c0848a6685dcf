"""Pools: what of a subscription waits together, and until when.

    inbox          what the stage `deliver` let through, not looked at yet
    snooze:ALERT   changes of an alert that somebody snoozed
    digest         until the next digest
    quiet_hours    until the quiet hours end
    group:LABELS   alerts that agree in the labels of `group_by`, for `group_wait` or `group_interval`
    rate_limit     until there is room again
    repeat:ALERT   what was told and stands, until it is told again
    sent           when notifications were sent, for the rate limit

Each is a JSON document, bounded; what waits in it are deliveries of the state `held`.  Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from nightdesk.alerts.labels import Labelled
from nightdesk.ids import content_id
from schemas.base import Contract, UtcDatetime
from schemas.subscription import RateLimit, Subscription

INBOX, DIGEST, QUIET_HOURS, RATE_LIMIT, SENT = (
    "inbox",
    "digest",
    "quiet_hours",
    "rate_limit",
    "sent",
)
SNOOZE, GROUP, REPEAT = "snooze:", "group:", "repeat:"

_LONGEST_NAME = 200


class Pool(Contract):
    """`since` is when the oldest that waits began to, None where nothing does; `due_at` when to look again.

    `told_at` is when a group was last told of; `alert`, `sequence` and `repeats` say what a repeat is of and
    how often it was told again; `sent` holds the latest notifications, oldest first.
    """

    schema_version: Literal[1] = 1
    name: str
    since: UtcDatetime | None = None
    due_at: UtcDatetime | None = None
    told_at: UtcDatetime | None = None
    alert: str = ""
    sequence: int = Field(default=0, ge=0)
    repeats: int = Field(default=0, ge=0)
    sent: tuple[UtcDatetime, ...] = ()

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be looked at."""
        return self.due_at is not None and self.due_at <= now

    def takes(self, since: datetime, due_at: datetime | None) -> Pool:
        """Return the pool with something in it that waits since then, to be looked at at `due_at`."""
        first = since if self.since is None else min(self.since, since)
        return self.model_copy(update={"since": first, "due_at": due_at})

    def emptied(self) -> Pool:
        """Return the pool with nothing that waits."""
        return self.model_copy(update={"since": None, "due_at": None})


def group_of(subscription: Subscription, labelled: Labelled) -> str:
    """Return the name of the group that an alert is told in."""
    labels = subscription.group_by or ("alert",)
    said = ",".join(f"{label}={'|'.join(sorted(labelled.values(label)))}" for label in labels)
    if len(said) > _LONGEST_NAME:
        said = content_id("group", said)
    return f"{GROUP}{said}"


def group_due(pool: Pool, subscription: Subscription) -> datetime:
    """Return when a group with something in it is told: after `group_wait` or, where it was told of less than
    `group_interval` before, once that is over."""
    assert pool.since is not None
    # One that was told of in the future tells of a clock that has been set back since.
    if pool.told_at is not None and pool.told_at <= pool.since + subscription.group_interval:
        again = pool.told_at + subscription.group_interval
        if again > pool.since:
            return again
    return pool.since + subscription.group_wait


def room_at(limit: RateLimit, sent: tuple[datetime, ...], now: datetime) -> datetime:
    """Return when there is room for one more notification: `now`, or later.

    Moments that lie ahead count for nothing: the clock has been set back since.
    """
    lately = _lately(limit, sent, now)
    if len(lately) < limit.most:
        return now
    return lately[-limit.most] + limit.per


def rooms(limit: RateLimit, sent: tuple[datetime, ...], now: datetime) -> int:
    """Return for how many notifications there is room at `now`."""
    return max(0, limit.most - len(_lately(limit, sent, now)))


def _lately(limit: RateLimit, sent: tuple[datetime, ...], now: datetime) -> list[datetime]:
    return [moment for moment in sent if now - limit.per < moment <= now]


def with_sent(pool: Pool, limit: RateLimit, now: datetime) -> Pool:
    """Return the pool `sent` with one notification more: no more are kept than the limit looks at."""
    return pool.model_copy(update={"sent": (*pool.sent, now)[-limit.most :]})


def in_words(length: timedelta) -> str:
    """Return a span of time in words: "an hour", "10 minutes"."""
    seconds = round(length.total_seconds())
    for unit, one, name in _UNITS:
        if seconds % unit == 0:
            count = seconds // unit
            return one if count == 1 else f"{count} {name}"
    raise AssertionError("every number is divisible by 1")


_UNITS = (
    (86_400, "a day", "days"),
    (3_600, "an hour", "hours"),
    (60, "a minute", "minutes"),
    (1, "a second", "seconds"),
)
