"""Developments: what a storyline's alerts are about, as documents.

`opened_at` and `latest_at` are event times.  The stage `alert` writes them, and what finds that they went
quiet (`nightdesk.pipeline.quiet`): whoever reads one to change it holds its row until the transaction ends.
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
    .with_for_update()
)
_ENDED = (
    select(developments.c.document)
    .where(
        developments.c.storyline == bindparam("of_storyline"),
        developments.c.latest_at < bindparam("moment"),
    )
    .order_by(developments.c.latest_at.desc(), developments.c.id.desc())
    .limit(1)
    .with_for_update()
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
    .with_for_update()
)
_DUE = (
    select(developments.c.id)
    .where(developments.c.quiet_at <= bindparam("now"))
    .order_by(developments.c.quiet_at, developments.c.id)
    .limit(bindparam("most"))
)
_OPEN_STORYLINES = (
    select(developments.c.storyline).where(developments.c.quiet_at.is_not(None)).distinct()
)
_OPEN_OF = (
    select(developments.c.id)
    .where(developments.c.quiet_at.is_not(None), developments.c.storyline == bindparam("of"))
    .order_by(developments.c.id)
    .limit(bindparam("most"))
)
_HELD = (
    select(developments.c.document, developments.c.quiet_at)
    .where(developments.c.id == bindparam("of"))
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class StoredDevelopment:
    """One development; `document` is the domain's own JSON.

    `quiet_at` is when it goes quiet, should nothing more come; None where it is quiet or was never told.
    """

    id: str
    storyline: str
    opened_at: datetime
    latest_at: datetime
    document: str
    quiet_at: datetime | None = None


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


def due(conn: Connection, now: datetime, *, limit: int) -> list[str]:
    """Return the ids of developments that go quiet by `now`, the first first."""
    return list(conn.execute(_DUE, {"now": now, "most": limit}).scalars())


def open_storylines(conn: Connection) -> set[str]:
    """Return the storylines that have a development which may still go quiet."""
    return set(conn.execute(_OPEN_STORYLINES).scalars())


def open_of(conn: Connection, storyline: str, *, limit: int) -> list[str]:
    """Return the ids of a storyline's developments that may still go quiet."""
    return list(conn.execute(_OPEN_OF, {"of": storyline, "most": limit}).scalars())


def hold(conn: Connection, id_: str) -> tuple[str, datetime | None] | None:
    """Return (document, `quiet_at`) of a development, which nobody else changes until the transaction ends;
    None where it is gone."""
    row = conn.execute(_HELD, {"of": id_}).one_or_none()
    return None if row is None else (row.document, row.quiet_at)


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
                "quiet_at": row.quiet_at,
                "document": row.document,
            }
            for row in rows
        ],
    )
