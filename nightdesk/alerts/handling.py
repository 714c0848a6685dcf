"""Handling: what people do about an alert, and what follows from it for what is sent.

Comes in: an alert's handling as it stands, and what somebody does.  Goes out: the handling after it, with
the action for the record.  Pure: the moment is a parameter.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from nightdesk.errors import NightdeskError
from schemas.alert import Alert, AlertKind, AlertState
from schemas.handling import Acknowledgement, Action, Handling, Snooze

LONGEST_SNOOZE = timedelta(days=90)

_ADDS = frozenset({AlertKind.GROWN, AlertKind.REVISION, AlertKind.NEW_DEVELOPMENT})

OURSELVES = "Nightdesk"
"""Who ends a snooze that is over."""


class HandlingRefused(NightdeskError):
    """What somebody wants to do about an alert makes no sense."""


def acknowledge(
    before: Handling, *, by: str, comment: str = "", now: datetime
) -> tuple[Handling, Action]:
    """Note that `by` has seen it; one who comes later takes it over."""
    acknowledged = Acknowledgement(by=by, at=now, comment=comment)
    return _done(before, {"acknowledged": acknowledged}, "acknowledge", by, comment, now=now)


def unacknowledge(
    before: Handling, *, by: str, comment: str = "", now: datetime
) -> tuple[Handling, Action]:
    """Take an acknowledgement back.  Raises HandlingRefused where there is none."""
    if before.acknowledged is None:
        raise HandlingRefused("it is not acknowledged", hint="acknowledge it first")
    return _done(before, {"acknowledged": None}, "unacknowledge", by, comment, now=now)


def assign(
    before: Handling, *, to: str, by: str, comment: str = "", now: datetime
) -> tuple[Handling, Action]:
    """Give it to somebody; to nobody where `to` is empty."""
    said = f"to {to}" if to else "to nobody"
    return _done(before, {"assignee": to}, "assign", by, comment, said, now=now)


def comment_on(
    before: Handling, *, by: str, comment: str, now: datetime
) -> tuple[Handling, Action]:
    """Say something about it.  Raises HandlingRefused for an empty comment."""
    if not comment.strip():
        raise HandlingRefused("the comment is empty", hint="say something")
    return _done(before, {}, "comment", by, comment, now=now)


def snooze(
    before: Handling,
    alert: Alert,
    *,
    by: str,
    comment: str = "",
    until: datetime | None = None,
    more_sources: int | None = None,
    until_new_fact: bool = False,
    now: datetime,
) -> tuple[Handling, Action]:
    """Send nothing of it for a while.  `alert` is the alert as it stands.

    Raises HandlingRefused for a snooze that never ends, or has ended.
    """
    if until is None and more_sources is None and not until_new_fact:
        raise HandlingRefused(
            "a snooze needs an end",
            hint="give a time (`until`), a number (`more_sources`) or `until_new_fact`",
        )
    if until is not None and until <= now:
        raise HandlingRefused("the snooze would be over already", hint="give a time to come")
    if until is not None and until - now > LONGEST_SNOOZE:
        raise HandlingRefused(
            "a snooze lasts 90 days at most", hint="declare a silence for what is never to be sent"
        )
    snoozed = Snooze(
        by=by,
        at=now,
        comment=comment,
        until=until,
        more_sources=more_sources,
        sources=alert.sources,
        until_new_fact=until_new_fact,
        sequence=alert.sequence,
    )
    return _done(before, {"snoozed": snoozed}, "snooze", by, comment, say(snoozed), now=now)


def unsnooze(
    before: Handling, *, by: str, comment: str = "", now: datetime
) -> tuple[Handling, Action]:
    """End a snooze.  Raises HandlingRefused where there is none."""
    if before.snoozed is None:
        raise HandlingRefused("it is not snoozed", hint="snooze it first")
    return _done(before, {"snoozed": None}, "unsnooze", by, comment, now=now)


def awake(before: Handling, alert: Alert, *, now: datetime) -> tuple[Handling, Action] | None:
    """End a snooze that a change of its alert, or the time, has brought to its end; None where none has."""
    snoozed = before.snoozed
    if snoozed is None or not is_over(snoozed, alert, now):
        return None
    said = f"it was snoozed {say(snoozed)}, and change {alert.sequence} came"
    return _done(before, {"snoozed": None}, "unsnooze", OURSELVES, "", said, now=now)


def wakes_at(snoozed: Snooze | None) -> int | None:
    """Return the number of independent sources at which a snooze ends; None where none waits for one."""
    if snoozed is None or snoozed.more_sources is None:
        return None
    return snoozed.sources + snoozed.more_sources


def say(snoozed: Snooze) -> str:
    """Return what ends a snooze, in words."""
    ends = []
    if snoozed.until is not None:
        ends.append(snoozed.until.strftime("%Y-%m-%d %H:%M UTC"))
    if snoozed.more_sources is not None:
        more = (
            "1 more source" if snoozed.more_sources == 1 else f"{snoozed.more_sources} more sources"
        )
        ends.append(more)
    if snoozed.until_new_fact:
        ends.append("a new fact")
    return "until " + " or ".join(ends)


def holds_seen(handling: Handling | None, alert: Alert) -> str | None:
    """Return why a change of an alert that somebody has seen is not sent; None if it is."""
    seen = handling.acknowledged if handling else None
    if seen is None or alert.kind is not AlertKind.MORE_OF_THE_SAME:
        return None
    if alert.state is AlertState.REOPENED:
        # Whoever saw it has taken it for over since.
        return None
    return f"acknowledged by {seen.by}: more of the same is not sent{_comment(seen.comment)}"


def holds_snoozed(handling: Handling | None, alert: Alert, now: datetime) -> str | None:
    """Return why a change of a snoozed alert waits; None if it does not."""
    snoozed = handling.snoozed if handling else None
    if snoozed is None or is_over(snoozed, alert, now):
        return None
    return f"snoozed by {snoozed.by} {say(snoozed)}{_comment(snoozed.comment)}"


def is_over(snoozed: Snooze, alert: Alert, now: datetime) -> bool:
    """Tell whether a snooze is over at `now`, with the change `alert` at hand."""
    if snoozed.until is not None and now >= snoozed.until:
        return True
    number = wakes_at(snoozed)
    if number is not None and alert.sources >= number:
        return True
    if alert.state is AlertState.QUIET and snoozed.until is None:
        # Nothing more comes that it could wait for, and what it held would wait for ever.
        return True
    later = alert.sequence > snoozed.sequence if snoozed.sequence else alert.raised_at > snoozed.at
    return snoozed.until_new_fact and later and not alert.kinds.isdisjoint(_ADDS)


def _comment(comment: str) -> str:
    return f": {comment}" if comment else ""


def _done(
    before: Handling,
    update: dict[str, object],
    what: str,
    by: str,
    comment: str,
    detail: str = "",
    *,
    now: datetime,
) -> tuple[Handling, Action]:
    version = before.version + 1
    after = before.model_copy(update={**update, "version": version})
    action = Action.model_validate(
        {
            "n": version,
            "at": now,
            "by": by,
            "what": what,
            "comment": comment,
            "detail": detail,
        }
    )
    return after, action
