"""Reminders: a silence that asks for it is told of before it ends, once for each of its versions.

Comes in: a silence, its version, the moment.  Goes out: the alert, or None while it is too early or too late.
Its id is a function of both, so that whoever finds it due raises the same.  Pure.
"""

from __future__ import annotations

from datetime import datetime

from nightdesk.ids import content_id
from schemas import Alert, AlertKind, Severity, Silence


def reminder_id(silence: Silence, version: int) -> str:
    """Return the id of the one reminder of this version of a silence."""
    return content_id("alert", "silence", silence.id, version)


def reminder(silence: Silence, version: int, now: datetime) -> Alert | None:
    """Return the alert that reminds of a silence which is about to end."""
    if silence.remind_before is None:
        return None
    since = max(silence.starts_at, silence.ends_at - silence.remind_before)
    if not since <= now < silence.ends_at:
        return None
    ends = f"{silence.ends_at:%Y-%m-%d %H:%M} UTC"
    return Alert(
        id=reminder_id(silence, version),
        sequence=1,
        kind=AlertKind.SILENCE_EXPIRING,
        silence=silence.id,
        title=f"Silence {silence.id} ends at {ends}",
        reason=f"{silence.author} silenced this: {silence.comment}",
        severity=Severity.INFO,
        pages=True,
        first_seen_at=silence.starts_at,
        latest_seen_at=now,
        raised_at=now,
    )
