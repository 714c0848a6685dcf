"""Silences: which of them hold back an alert at a given moment, and what they say about it.

In come the silences as declared, an alert and the subscription that would carry it; out goes the
first silence in force that matches, in the order declared.  Pure: the moment is a parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nightdesk.alerts.intervals import holds
from nightdesk.alerts.labels import Labelled
from schemas.silence import Silence


def in_force(silence: Silence, now: datetime) -> bool:
    """Tell whether `now` lies in the silence: its first moment does, its last does not."""
    if not silence.starts_at <= now < silence.ends_at:
        return False
    return not silence.recurs or any(holds(interval, now) for interval in silence.recurs)


def silenced_by(silences: Sequence[Silence], alert: Labelled, now: datetime) -> Silence | None:
    """Return the first silence that is in force at `now` and whose matchers all hold, or None."""
    for silence in silences:
        if in_force(silence, now) and alert.fulfils(silence.matchers):
            return silence
    return None


def concerning(silences: Sequence[Silence], alert: Labelled, now: datetime) -> tuple[Silence, ...]:
    """Return the silences in force that match `alert` on its way to some subscription or other."""
    return tuple(
        silence
        for silence in silences
        if in_force(silence, now)
        and alert.fulfils(m for m in silence.matchers if m.label != "subscription")
    )


def say(silence: Silence) -> str:
    """Return why the alert is held, in words: who silenced it, until when, with what comment."""
    until = silence.ends_at.strftime("%Y-%m-%d %H:%M UTC")
    recurs = ", whenever it recurs," if silence.recurs else ""
    return f"silence {silence.id} by {silence.author}{recurs} until {until}: {silence.comment}"
