"""Reminders of silences, raised by the clock: once for each version of a silence, whoever looks how often."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from nightdesk.alerts.reminders import reminder
from nightdesk.archive import alerts
from nightdesk.archive.definitions import Versioned
from nightdesk.archive.engine import Archive
from nightdesk.pipeline.quiet import BY
from nightdesk.pipeline.raising import Row, raise_alerts
from schemas import Silence


def remind(archive: Archive, silences: Iterable[Versioned[Silence]], *, now: datetime) -> list[Row]:
    """Raise the reminders that are due; return what is to be sent.  Raises ArchiveConflict."""
    made = (reminder(stored.definition, stored.version, now) for stored in silences)
    due = [alert for alert in made if alert is not None]
    if not due:
        return []
    with archive.begin() as connection:
        new = [alert for alert in due if alerts.latest(connection, alert.id) is None]
        return raise_alerts(connection, new, by=BY, now=now)
