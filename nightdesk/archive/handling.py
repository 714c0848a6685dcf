"""Handling: how alerts are handled now, and each thing that people did about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from nightdesk.archive.documents import load
from nightdesk.archive.errors import ArchiveConflict
from nightdesk.archive.statements import among, fetch_in, insert_new
from nightdesk.archive.tables import alert_actions, alert_handling
from schemas.handling import Action, Handling

_OF = select(alert_handling.c.document).where(among(alert_handling.c.alert))
_ACTIONS = (
    select(alert_actions.c.document)
    .where(alert_actions.c.alert == bindparam("of"))
    .order_by(alert_actions.c.n)
)
_FIRST = insert_new(alert_handling)
_UPDATE = (
    update(alert_handling)
    .where(
        alert_handling.c.alert == bindparam("of"), alert_handling.c.version == bindparam("before")
    )
    .values(
        version=bindparam("to_version"),
        changed_at=bindparam("now"),
        document=bindparam("to_document"),
    )
)


def of_alerts(conn: Connection, alerts: Iterable[str]) -> dict[str, Handling]:
    """Return alert -> its handling, of those that anybody did anything about."""
    found = (load(Handling, document) for (document,) in fetch_in(conn, _OF, alerts))
    return {one.alert: one for one in found}


def of_alert(conn: Connection, alert: str) -> Handling:
    """Return the handling of one alert: that of version 0 where nobody did anything."""
    return of_alerts(conn, [alert]).get(alert) or Handling(alert=alert)


def save(conn: Connection, after: Handling, action: Action, now: datetime) -> None:
    """Store what an action made of a handling.

    Raises ArchiveConflict where somebody else did something meanwhile.
    """
    row = {
        "alert": after.alert,
        "version": after.version,
        "changed_at": now,
        "document": after.model_dump_json(),
    }
    if after.version == 1:
        _FIRST.run(conn, [row])
        if of_alert(conn, after.alert) != after:
            raise ArchiveConflict("somebody else did something about this alert just now")
    else:
        values = {
            "of": after.alert,
            "before": after.version - 1,
            "to_version": after.version,
            "now": now,
            "to_document": row["document"],
        }
        if not conn.execute(_UPDATE, values).rowcount:
            raise ArchiveConflict("somebody else did something about this alert just now")
    conn.execute(
        insert(alert_actions),
        {"alert": after.alert, "n": action.n, "at": now, "document": action.model_dump_json()},
    )


def actions(conn: Connection, alert: str) -> list[Action]:
    """Return what was done about an alert, oldest first."""
    return [load(Action, document) for document in conn.execute(_ACTIONS, {"of": alert}).scalars()]
