"""What people do about an alert, carried out: one transaction, by whichever way it comes in.

    API, command line ──▶ act ──▶ handling and action in the archive
                               └▶ what a snooze held is looked at

Comes in: an open write transaction, the alert's id, what somebody wants done, and the moment.  Goes out: the
handling before and after it.  Whatever has to follow from a changed handling is set off here, in the same
transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from nightdesk.alerts import handling as acts
from nightdesk.alerts.pools import SNOOZE
from nightdesk.archive import alerts, handling, notifications
from nightdesk.errors import NightdeskError
from schemas.alert import Alert
from schemas.handling import Action, Handling

What = Literal["acknowledge", "unacknowledge", "assign", "snooze", "unsnooze", "comment"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `by` wants done: `to` is for `assign`, the last three for `snooze`."""

    what: What
    by: str
    comment: str = ""
    to: str = ""
    until: datetime | None = None
    more_sources: int | None = None
    until_new_fact: bool = False


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of it.  `alert` is the alert as it stands."""

    alert: Alert
    before: Handling
    after: Handling
    action: Action


class UnknownAlert(NightdeskError):
    """There is no alert of that id."""


def act(connection: Connection, alert_id: str, action: Wanted, now: datetime) -> Acted:
    """Do what somebody wants about an alert, and keep it: the handling as it is now, and the action.

    Raises UnknownAlert, HandlingRefused for what makes no sense, and ArchiveConflict where somebody else did
    something about it at the same time.
    """
    alert = alerts.latest(connection, alert_id)
    if alert is None:
        raise UnknownAlert(
            f"there is no alert {alert_id[:200]!r}", hint="`nightdesk alerts list` names them"
        )
    before = handling.of_alert(connection, alert_id)
    after, done = _apply(before, alert, action, now)
    handling.save(connection, after, done, now)
    if before.snoozed != after.snoozed:
        # What was held by the snooze before is told, or held until the end of the new one.
        notifications.wake(connection, [f"{SNOOZE}{alert_id}"], now)
    return Acted(alert, before, after, done)


def wake(
    connection: Connection, before: Handling | None, alert: Alert, now: datetime
) -> Handling | None:
    """End a snooze where this change of its alert is what it waited for: then what it held is told, too.

    Returns the handling after it; None where nothing ended.
    """
    done = acts.awake(before, alert, now=now) if before is not None else None
    if done is None:
        return None
    handling.save(connection, *done, now)
    notifications.wake(connection, [f"{SNOOZE}{alert.id}"], now)
    return done[0]


def _apply(
    before: Handling, alert: Alert, wanted: Wanted, now: datetime
) -> tuple[Handling, Action]:
    by, comment = wanted.by, wanted.comment
    match wanted.what:
        case "acknowledge":
            return acts.acknowledge(before, by=by, comment=comment, now=now)
        case "unacknowledge":
            return acts.unacknowledge(before, by=by, comment=comment, now=now)
        case "assign":
            return acts.assign(before, to=wanted.to, by=by, comment=comment, now=now)
        case "comment":
            return acts.comment_on(before, by=by, comment=comment, now=now)
        case "unsnooze":
            return acts.unsnooze(before, by=by, comment=comment, now=now)
        case "snooze":
            return acts.snooze(
                before,
                alert,
                by=by,
                comment=comment,
                until=wanted.until,
                more_sources=wanted.more_sources,
                until_new_fact=wanted.until_new_fact,
                now=now,
            )
