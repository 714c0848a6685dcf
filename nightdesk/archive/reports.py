"""Reports: what became of each report that a feed brought, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from nightdesk.archive.statements import Lookup, insert_or_update
from nightdesk.archive.tables import reports
from schemas.base import Arrival

_RECORD = insert_or_update(reports)
_KNOWN = Lookup(select(reports.c.id, reports.c.outcome), reports.c.id)


@dataclass(frozen=True, slots=True)
class RecordedReport:
    """`article` is None where none came of it; `reason` is empty where `outcome` says it all."""

    id: str
    feed: str
    entry: str
    outcome: str
    seen_at: datetime
    article: str | None = None
    reason: str = ""
    arrival: Arrival = Arrival.LIVE


def known(conn: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return id -> outcome for those of `ids` that were recorded."""
    return dict(_KNOWN.fetch(conn, ids))


def record(conn: Connection, rows: Sequence[RecordedReport]) -> None:
    """Write what became of reports; what is known of an id already is replaced."""
    _RECORD.run(
        conn,
        [
            {
                "id": row.id,
                "feed": row.feed,
                "entry": row.entry,
                "article": row.article,
                "outcome": row.outcome,
                "reason": row.reason,
                "seen_at": row.seen_at,
                "arrival": row.arrival.value,
            }
            for row in rows
        ],
    )
