"""Alerts: every change of every alert, and to how many deliveries each change was routed.

The column `storyline` holds what an alert is about (`Alert.about`), which may be a feed or an outage: no
identifier has a colon, so that they never meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from nightdesk.archive.documents import load
from nightdesk.archive.statements import Lookup, UpdateMany, insert_only
from nightdesk.archive.tables import alerts, deliveries
from schemas.alert import Alert, AlertKind

_later = alerts.alias("later")
_IS_LATEST = ~(
    select(_later.c.id)
    .where(_later.c.id == alerts.c.id, _later.c.sequence > alerts.c.sequence)
    .exists()
)
_RECORD = insert_only(alerts)
_LATEST_OF = Lookup(select(alerts.c.document).where(_IS_LATEST), alerts.c.id)
_ROUTED = Lookup(
    select(alerts.c.id, alerts.c.sequence, alerts.c.routed), alerts.c.id, alerts.c.sequence
)
_SET_ROUTED = UpdateMany(alerts, keys=["id", "sequence"], sets=["routed"])
_LATEST = select(alerts.c.document).where(alerts.c.id == bindparam("of"), _IS_LATEST)
_HISTORY = (
    select(alerts.c.document).where(alerts.c.id == bindparam("of")).order_by(alerts.c.sequence)
)
_RECENT = (
    select(alerts.c.document)
    .where(_IS_LATEST)
    .order_by(alerts.c.raised_at.desc(), alerts.c.id)
    .limit(bindparam("most"))
)

_LAST_ABOUT = (
    select(alerts.c.document)
    .where(alerts.c.storyline == bindparam("about"))
    .order_by(alerts.c.raised_at.desc(), alerts.c.sequence.desc())
    .limit(1)
)
_STANDING = Lookup(
    select(alerts.c.storyline, alerts.c.document).where(_IS_LATEST), alerts.c.storyline
)
_OPENED = (
    select(func.count())
    .select_from(alerts)
    .where(
        alerts.c.raised_at >= bindparam("since"),
        alerts.c.kind == AlertKind.FEED_BROKEN.value,
        alerts.c.sequence == 1,
    )
)

_OPEN_ABOUT_FEEDS = (
    select(alerts.c.document)
    .where(alerts.c.kind.in_([AlertKind.FEED_BROKEN.value, AlertKind.FEED_QUIET.value]), _IS_LATEST)
    .order_by(alerts.c.raised_at, alerts.c.id)
)


def record(conn: Connection, rows: Sequence[Alert]) -> None:
    """Store changes of alerts.  Raises ArchiveConflict where another worker stored one meanwhile."""
    _RECORD.run(
        conn,
        [
            {
                "id": alert.id,
                "sequence": alert.sequence,
                "storyline": alert.about,
                "development": alert.development,
                "kind": alert.kind.value,
                "pages": alert.pages,
                "raised_at": alert.raised_at,
                "routed": None,
                "document": alert.model_dump_json(),
            }
            for alert in rows
        ],
    )


def routed(
    conn: Connection, changes: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], int | None]:
    """Return (id, sequence) -> number of deliveries planned of it, None where not yet routed."""
    return {(id_, sequence): n for id_, sequence, n in _ROUTED.fetch(conn, changes)}


def set_routed(conn: Connection, rows: Sequence[tuple[str, int, int]]) -> None:
    """Note (id, sequence, number of deliveries planned)."""
    _SET_ROUTED.run(conn, rows)


def latest(conn: Connection, alert_id: str) -> Alert | None:
    """Return an alert as it stands now; None where it is not known."""
    document = conn.execute(_LATEST, {"of": alert_id}).scalar()
    return load(Alert, document) if document else None


def latest_of(conn: Connection, alert_ids: Iterable[str]) -> dict[str, Alert]:
    """Return id -> the alert as it stands now, for those that are known."""
    found = (load(Alert, document) for (document,) in _LATEST_OF.fetch(conn, alert_ids))
    return {alert.id: alert for alert in found}


def last_about(conn: Connection, about: str) -> Alert | None:
    """Return the last change of any alert about this (`Alert.about`); None where there was none."""
    document = conn.execute(_LAST_ABOUT, {"about": about}).scalar()
    return load(Alert, document) if document else None


def standing_about(conn: Connection, abouts: Iterable[str]) -> dict[str, Alert]:
    """Return about -> the alert about it as it stands now, for what has one alert alone."""
    return {about: load(Alert, document) for about, document in _STANDING.fetch(conn, abouts)}


def open_about_feeds(conn: Connection) -> list[Alert]:
    """Return the alerts about feeds and outages that are not closed, oldest first."""
    return [load(Alert, document) for document in conn.execute(_OPEN_ABOUT_FEEDS).scalars()]


def raised_since(conn: Connection, since: datetime, *, limit: int) -> list[Alert]:
    """Return alerts as they stand now that were raised or changed since then, last raised first."""
    statement = _RECENT.where(alerts.c.raised_at >= since)
    return [load(Alert, doc) for doc in conn.execute(statement, {"most": limit}).scalars()]


def feeds_broken_since(conn: Connection, since: datetime) -> int:
    """Return how many alerts about broken feeds, hosts and the like were opened since then."""
    return int(conn.execute(_OPENED, {"since": since}).scalar_one())


def history(conn: Connection, alert_id: str) -> list[Alert]:
    """Return all changes of an alert, oldest first."""
    return [load(Alert, doc) for doc in conn.execute(_HISTORY, {"of": alert_id}).scalars()]


def recent(
    conn: Connection, *, limit: int, storyline: str | None = None, subscription: str | None = None
) -> list[Alert]:
    """Return alerts as they stand now, last raised first: of one storyline, or of those that were
    planned for one subscription, if asked."""
    statement = _RECENT
    if storyline is not None:
        statement = statement.where(alerts.c.storyline == storyline)
    if subscription is not None:
        planned = select(deliveries.c.id).where(
            deliveries.c.alert == alerts.c.id, deliveries.c.subscription == subscription
        )
        statement = statement.where(planned.exists())
    rows = conn.execute(statement, {"most": limit}).scalars()
    return [load(Alert, document) for document in rows]
