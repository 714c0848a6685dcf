"""Articles that hold some words, last seen first, a page at a time.

By source, storyline and time the database looks, along its index of `seen_at`; words are looked for here, in
the latest revision's title, description, text and source, in so many articles and no more for one page: a
desk without a full-text index can tell of its last days at once, and of its months page by page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from nightdesk.archive.articles import fits
from nightdesk.archive.documents import load
from nightdesk.archive.statements import earlier
from nightdesk.archive.tables import articles, revisions
from nightdesk.archive.types import clean
from schemas.article import Article

MOST_LOOKED_AT = 2_000
"""Articles that are looked at for one page."""

_CHUNK = 200
_NEWEST = (
    select(revisions.c.document, articles.c.seen_at, articles.c.id)
    .select_from(articles)
    .join(
        revisions,
        and_(revisions.c.article == articles.c.id, revisions.c.revision == articles.c.revision),
    )
    .order_by(articles.c.seen_at.desc(), articles.c.id.desc())
    .limit(_CHUNK)
)

Position = tuple[datetime, str]
"""When an article was last seen, and its id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is None is not asked for.  `words` must all stand in an article, in any order; `since` and `until`
    are of when it was last seen, `until` itself left out."""

    words: str | None = None
    source: str | None = None
    storyline: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Found:
    """A page, and where the next begins (None at the end)."""

    items: tuple[Article, ...]
    next: Position | None


def page(conn: Connection, wanted: Wanted, *, limit: int, before: Position | None = None) -> Found:
    """Return articles that are wanted, after position `before`."""
    found: list[Article] = []
    looked_at = 0
    words = (wanted.words or "").casefold().split()
    while looked_at < MOST_LOOKED_AT:
        rows = list(_chunk(conn, wanted, before))
        for document, seen_at, id_ in rows:
            if len(found) == limit:
                return Found(tuple(found), before)
            before = (seen_at, id_)
            article = load(Article, document)
            if _holds(article, words):
                found.append(article)
        looked_at += len(rows)
        if len(rows) < _CHUNK:
            return Found(tuple(found), None)
    return Found(tuple(found), before)


def _holds(article: Article, words: list[str]) -> bool:
    if not words:
        return True
    said = (article.title, article.description, article.text, article.source)
    whole = "\n".join(said).casefold()
    return all(word in whole for word in words)


def _chunk(
    conn: Connection, wanted: Wanted, before: Position | None
) -> Iterable[tuple[str, datetime, str]]:
    statement = _NEWEST
    if before is not None:
        statement = statement.where(earlier(articles.c.seen_at, articles.c.id, before))
    if wanted.since is not None:
        statement = statement.where(articles.c.seen_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(articles.c.seen_at < wanted.until)
    if wanted.source is not None:
        statement = statement.where(articles.c.source == clean(wanted.source))
    if wanted.storyline is not None:
        statement = statement.where(fits(wanted.storyline))
    for row in conn.execute(statement):
        yield row.document, row.seen_at, row.id
