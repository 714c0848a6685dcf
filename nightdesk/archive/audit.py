"""The audit log: who did what to which definition, alert or token, and who was refused.

Rows are only ever added.  What was done is written in the transaction that did it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from nightdesk.archive.tables import audit_log as table
from nightdesk.archive.types import clean

NOBODY = "(no token)"
"""The actor of what was refused for want of a token.  No token can be called so."""

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done, or (`action` is `refused`) was not.  `n` counts up; 0 until it is stored."""

    at: datetime
    actor: str
    action: str
    kind: str
    subject: str
    detail: str = ""
    n: int = 0


def add(conn: Connection, entry: Entry) -> None:
    """Store an entry; words that are too long are cut."""
    conn.execute(
        insert(table),
        {
            "at": entry.at,
            "actor": entry.actor,
            "action": entry.action,
            "kind": clean(entry.kind)[:100],
            "subject": clean(entry.subject)[:_LONGEST],
            "detail": entry.detail[:_LONGEST],
        },
    )


def newest(
    conn: Connection,
    *,
    limit: int,
    before: int | None = None,
    since: datetime | None = None,
    actor: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    refused: bool | None = None,
) -> list[Entry]:
    """Return entries, the newest first, below number `before`."""
    statement = select(table).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(table.c.id < before)
    if since is not None:
        statement = statement.where(table.c.at >= since)
    for column, value in ((table.c.actor, actor), (table.c.kind, kind), (table.c.subject, subject)):
        if value is not None:
            statement = statement.where(column == clean(value))
    if refused is not None:
        statement = statement.where((table.c.action == "refused").is_(refused))
    return [
        Entry(row.at, row.actor, row.action, row.kind, row.subject, row.detail, row.id)
        for row in conn.execute(statement)
    ]
