"""What went quiet, found by the clock: developments that are due, and those of storylines that are gone.

Comes in: the moment, and the definitions in force.  Goes out: which developments those are; then one by
one, each in a transaction of its own, the sequence that says so, with the development.  Whoever does one
holds its row, and looks again whether it is due: a report may have come meanwhile, or another worker.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from nightdesk.alerts import outages, quiet
from nightdesk.alerts.grouping import Development
from nightdesk.archive import alerts, developments, handling
from nightdesk.archive.developments import StoredDevelopment
from nightdesk.archive.engine import Archive
from nightdesk.pipeline.handling import wake
from nightdesk.pipeline.raising import Row, raise_alerts

BY = "timekeeper"
MOST = 200
"""Developments that one look finds; the next finds the others."""


class Found(NamedTuple):
    """The ids of developments that are due, and of those whose storylines are gone."""

    due: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def find(archive: Archive, storylines: Collection[str], *, now: datetime) -> Found:
    """Return what is to be done; `storylines` are those declared.

    While our own network is out nothing can come, and nothing is called quiet.
    """
    with archive.read() as connection:
        retired: list[str] = []
        for gone in sorted(developments.open_storylines(connection) - set(storylines)):
            retired += developments.open_of(connection, gone, limit=MOST)
        if outages.is_open(alerts.last_about(connection, outages.NETWORK)):
            return Found((), tuple(retired[:MOST]))
        due = developments.due(connection, now, limit=MOST)
        done = set(retired)
        return Found(tuple(id_ for id_ in due if id_ not in done), tuple(retired[:MOST]))


def go_quiet(archive: Archive, id_: str, *, now: datetime) -> list[Row]:
    """Say that a development went quiet; return what is to be sent.  Raises ArchiveConflict."""
    with archive.begin() as connection:
        held = developments.hold(connection, id_)
        if held is None or held[1] is None or held[1] > now:
            return []
        before = Development.model_validate_json(held[0])
        told = alerts.latest(connection, before.alert)
        if told is None:
            _save(connection, before)
            return []
        after, alert = quiet.go_quiet(before, told, now)
        _save(connection, after)
        return raise_alerts(connection, [alert], by=BY, now=now)


def retire(archive: Archive, id_: str, *, now: datetime) -> bool:
    """Close a development whose storyline is gone, in the archive alone; say whether it stood open."""
    with archive.begin() as connection:
        held = developments.hold(connection, id_)
        if held is None or held[1] is None:
            return False
        before = Development.model_validate_json(held[0])
        told = alerts.latest(connection, before.alert)
        if told is None:
            _save(connection, before)
            return False
        after, alert = quiet.retire(before, told, now)
        _save(connection, after)
        alerts.record(connection, [alert])
        wake(connection, handling.of_alert(connection, alert.id), alert, now)
        alerts.set_routed(connection, [(alert.id, alert.sequence, 0)])
        return True


def _save(connection: Connection, development: Development) -> None:
    """Store a development that nothing more is waited for of."""
    row = StoredDevelopment(
        development.id,
        development.storyline,
        development.opened_at,
        development.latest_at,
        development.model_dump_json(),
    )
    developments.save(connection, [row])
