"""Repeating: what stands and nobody has acknowledged is told again, after the interval that is asked for.

Comes in: the alert as it is now, and what is the case.  Goes out: when to tell it again.  Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nightdesk.alerts.handling import holds_snoozed
from nightdesk.alerts.intervals import quiet_until, that_hold
from nightdesk.alerts.labels import Labelled
from nightdesk.alerts.muters import Situation, pause, stands
from nightdesk.alerts.pools import Pool
from schemas.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Repeat:
    """Tell a change of an alert for the n-th time again."""

    alert: str
    sequence: int
    n: int
    note: str


def next_repeat(
    subscription: Subscription, labelled: Labelled | None, situation: Situation, *, room: datetime
) -> datetime | None:
    """Return when to tell an alert again whose turn it is: now, or when to look again; None for never more.

    `labelled` is the alert as it is now, `room` when the rate limit lets a notification through.
    """
    interval, now = subscription.repeat_interval, situation.now
    if interval is None or labelled is None or not stands(labelled.alert):
        return None
    handling = situation.handling
    seen = handling is not None and handling.acknowledged is not None
    snoozed = holds_snoozed(handling, labelled.alert, now)
    if seen or snoozed or pause(labelled, subscription, situation):
        return now + interval
    hours = that_hold(subscription.quiet_hours, labelled.alert.severity)
    return max(quiet_until(hours, now) or now, room)


def repeated(pool: Pool) -> Repeat:
    """Return the repeat that a pool asks for."""
    n = pool.repeats + 1
    before = "once before" if n == 1 else f"{n} times before"
    return Repeat(
        pool.alert, pool.sequence, n, f"It still stands: told {before}, and nobody acknowledged it"
    )
