"""Alerts as they stand now, last raised first, a page at a time.

By storyline, kind and time the database looks; what only the document says (its words, its severity, how it
is handled) is looked at here, in so many alerts and no more for one page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from nightdesk.alerts.filtering import AlertFilter
from nightdesk.archive import handling
from nightdesk.archive.definitions import Definitions
from nightdesk.archive.documents import load
from nightdesk.archive.statements import earlier
from nightdesk.archive.tables import alerts
from schemas.alert import Alert
from schemas.handling import Handling

MOST_LOOKED_AT = 2_000
"""Alerts that are looked at for one page."""

_CHUNK = 200
_SHOWN = 5
_later = alerts.alias("later")
_IS_LATEST = ~(
    select(_later.c.id)
    .where(_later.c.id == alerts.c.id, _later.c.sequence > alerts.c.sequence)
    .exists()
)
_NEWEST = (
    select(alerts.c.document)
    .where(_IS_LATEST)
    .order_by(alerts.c.raised_at.desc(), alerts.c.id.desc())
)

Position = tuple[datetime, str]
"""When an alert was last raised, and its id."""


@dataclass(frozen=True)
class Listed:
    """A page: alerts, each as handled, and where the next begins (None at the end)."""

    items: tuple[tuple[Alert, Handling], ...]
    next: Position | None


def page(
    conn: Connection,
    wanted: AlertFilter,
    current: Definitions,
    *,
    limit: int,
    before: Position | None = None,
) -> Listed:
    """Return alerts that are wanted, after position `before`; `current` tells the tags."""
    found: list[tuple[Alert, Handling]] = []
    looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        chunk = _chunk(conn, wanted, before)
        handled = handling.of_alerts(conn, (alert.id for alert in chunk))
        for alert in chunk:
            if len(found) == limit:
                return Listed(tuple(found), before)
            before = (alert.raised_at, alert.id)
            its = handled.get(alert.id)
            if wanted.takes(alert, its, current.tags_of(alert)):
                found.append((alert, its or Handling(alert=alert.id)))
        looked_at += len(chunk)
        if len(chunk) < _CHUNK:
            return Listed(tuple(found), None)
    return Listed(tuple(found), before)


def named(conn: Connection, name: str) -> list[str]:
    """Return the ids that `name` may mean, an alert's id or the beginning of one; at most five."""
    exact = conn.execute(select(alerts.c.id).where(alerts.c.id == name).limit(1)).scalar()
    if exact is not None:
        return [exact]
    digits = name.removeprefix("alert-")
    if len(digits) < 4:
        return []
    beginning = alerts.c.id.startswith(f"alert-{digits}", autoescape=True)
    statement = select(alerts.c.id).where(beginning).distinct().order_by(alerts.c.id).limit(_SHOWN)
    return list(conn.execute(statement).scalars())


def _chunk(conn: Connection, wanted: AlertFilter, before: Position | None) -> list[Alert]:
    statement = _NEWEST.limit(_CHUNK)
    if before is not None:
        statement = statement.where(earlier(alerts.c.raised_at, alerts.c.id, before))
    if wanted.storyline is not None:
        statement = statement.where(alerts.c.storyline == wanted.storyline)
    if wanted.kind is not None:
        statement = statement.where(alerts.c.kind == wanted.kind.value)
    if wanted.since is not None:
        statement = statement.where(alerts.c.raised_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(alerts.c.raised_at < wanted.until)
    rows: Iterable[str] = conn.execute(statement).scalars()
    return [load(Alert, document) for document in rows]
