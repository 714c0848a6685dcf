"""Reports: what became of each report that a feed brought, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, select, update

from nightdesk.archive.statements import Lookup, among, fetch_in, insert_or_update
from nightdesk.archive.tables import reports
from schemas.base import Arrival

DEAD = "dead_letter"
RETRIED = "retried"
"""Outcomes that are not the last word: a report that died, and one that was sent again by hand since."""

_RECORD = insert_or_update(reports)
_KNOWN = Lookup(select(reports.c.id, reports.c.outcome), reports.c.id)
_RETRY = (
    update(reports)
    .where(reports.c.id == bindparam("of_id"), reports.c.outcome == DEAD)
    .values(outcome=RETRIED)
)
_BY_ID = select(reports).where(among(reports.c.id)).order_by(reports.c.seen_at, reports.c.id)
_OF_ARTICLE = (
    select(reports)
    .where(reports.c.article == bindparam("of_article"))
    .order_by(reports.c.seen_at, reports.c.id)
    .limit(bindparam("most"))
)


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


def by_id(conn: Connection, ids: Iterable[str]) -> list[RecordedReport]:
    """Return what became of these reports, in the order in which they were seen."""
    return [_recorded(row) for row in fetch_in(conn, _BY_ID, ids)]


def of_article(conn: Connection, article: str, *, limit: int = 200) -> list[RecordedReport]:
    """Return the reports of an article, oldest first.

    There is no index on it, for stages never ask: a million reports take some hundred milliseconds.
    """
    rows = conn.execute(_OF_ARTICLE, {"of_article": article, "most": limit})
    return [_recorded(row) for row in rows]


def _recorded(row: Row[tuple[object, ...]]) -> RecordedReport:
    return RecordedReport(
        row.id,
        row.feed,
        row.entry,
        row.outcome,
        row.seen_at,
        row.article,
        row.reason,
        Arrival(row.arrival),
    )


def retry(conn: Connection, report_id: str) -> None:
    """Note that a report that died is sent again: it may die again, and is counted anew."""
    conn.execute(_RETRY, {"of_id": report_id})


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
