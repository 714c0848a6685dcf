"""Developments: what a storyline's alerts are about, as documents that the alert stage owns.

`opened_at` and `latest_at` are event times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from nightdesk.archive.statements import insert_or_update
from nightdesk.archive.tables import developments, matches

_SAVE = insert_or_update(developments)
_OPEN = (
    select(developments.c.document)
    .where(
        developments.c.storyline == bindparam("of_storyline"),
        developments.c.latest_at >= bindparam("since"),
        developments.c.opened_at <= bindparam("until"),
    )
    .order_by(developments.c.latest_at.desc(), developments.c.id)
    .limit(bindparam("most"))
)
_ENDED = (
    select(developments.c.document)
    .where(
        developments.c.storyline == bindparam("of_storyline"),
        developments.c.latest_at < bindparam("moment"),
    )
    .order_by(developments.c.latest_at.desc(), developments.c.id.desc())
    .limit(1)
)
_OF_ARTICLE = (
    select(developments.c.document)
    .where(
        developments.c.id.in_(
            select(matches.c.development).where(
                matches.c.article == bindparam("of_article"),
                matches.c.storyline == bindparam("of_storyline"),
            )
        )
    )
    .order_by(developments.c.id)
)


@dataclass(frozen=True, slots=True)
class StoredDevelopment:
    """One development; `document` is the alert stage's own JSON."""

    id: str
    storyline: str
    opened_at: datetime
    latest_at: datetime
    document: str


def open_between(
    conn: Connection, storyline: str, since: datetime, until: datetime, *, limit: int = 100
) -> list[str]:
    """Return the documents of developments that touch the time from `since` to `until`, newest first."""
    values = {"of_storyline": storyline, "since": since, "until": until, "most": limit}
    return list(conn.execute(_OPEN, values).scalars())


def ended_before(conn: Connection, storyline: str, moment: datetime) -> list[str]:
    """Return the document of the storyline's last development that ended before `moment`, if any."""
    return list(conn.execute(_ENDED, {"of_storyline": storyline, "moment": moment}).scalars())


def of_article(conn: Connection, storyline: str, article: str) -> list[str]:
    """Return the documents of the storyline's developments that an article took part in, however old."""
    values = {"of_storyline": storyline, "of_article": article}
    return list(conn.execute(_OF_ARTICLE, values).scalars())


def save(conn: Connection, rows: Sequence[StoredDevelopment]) -> None:
    """Store developments, or replace what is stored of them."""
    _SAVE.run(
        conn,
        [
            {
                "id": row.id,
                "storyline": row.storyline,
                "opened_at": row.opened_at,
                "latest_at": row.latest_at,
                "document": row.document,
            }
            for row in rows
        ],
    )
