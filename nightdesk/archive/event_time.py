"""The archive's articles in the order in which things happened, a page at a time.

Comes in: a span of event time.  Goes out: pages of articles, each as its latest revision.  A page is
one short read, so that a back-test of months holds no transaction open beside a working desk.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select

from nightdesk.archive.documents import load
from nightdesk.archive.tables import articles, revisions
from schemas.article import Article

FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class Position(NamedTuple):
    """How far a reader has come: the event time and the id of the last article read."""

    event_time: datetime
    article: str


_AFTER: ColumnElement[bool] = and_(
    articles.c.event_time >= bindparam("read_to"),
    or_(articles.c.event_time > bindparam("read_to"), articles.c.id > bindparam("read_id")),
    articles.c.event_time < bindparam("until"),
)
_PAGE = (
    select(revisions.c.document)
    .select_from(articles)
    .join(
        revisions,
        and_(revisions.c.article == articles.c.id, revisions.c.revision == articles.c.revision),
    )
    .where(_AFTER)
    .order_by(articles.c.event_time, articles.c.id)
    .limit(bindparam("most"))
)
_EXTENT = select(
    func.count(), func.min(articles.c.event_time), func.max(articles.c.event_time)
).where(articles.c.event_time >= bindparam("since"), articles.c.event_time < bindparam("until"))


class Extent(NamedTuple):
    """How many articles there are, and the first and last event time of them."""

    articles: int
    first: datetime | None
    last: datetime | None


def extent(
    conn: Connection, *, since: datetime | None = None, until: datetime | None = None
) -> Extent:
    """Return what there is from `since` on and before `until`."""
    row = conn.execute(_EXTENT, {"since": since or FIRST, "until": until or LAST}).one()
    return Extent(int(row[0]), row[1], row[2])


def page(
    conn: Connection, *, after: Position, until: datetime | None = None, limit: int
) -> list[Article]:
    """Return the next articles after `after` in event time and before `until`, at most `limit`."""
    rows = conn.execute(
        _PAGE,
        {
            "read_to": after.event_time,
            "read_id": after.article,
            "until": until or LAST,
            "most": limit,
        },
    )
    return [load(Article, document) for document in rows.scalars()]


def before(moment: datetime | None) -> Position:
    """Return the position from which reading begins with the first article at `moment` or later."""
    return Position(moment or FIRST, "")
