"""The ledger of edits: revisions after the first, newest first, each with what it changed.

The edit stands in the revision's own document.  Of a revision that was stored without one it is worked
out from the revision before.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, select

from nightdesk.archive.documents import load
from nightdesk.archive.statements import Lookup, chunks
from nightdesk.archive.tables import articles, revisions
from nightdesk.text.revised import edit_of
from schemas.article import Article

MOST_LOOKED_AT = 10_000
"""Edits that are looked through, the newest."""

_PAGE = 100
_KEYS = (
    select(revisions.c.article, revisions.c.revision)
    .join(articles, articles.c.id == revisions.c.article)
    .where(articles.c.revision > 1, revisions.c.revision > 1)
    .order_by(revisions.c.seen_at.desc(), revisions.c.article, revisions.c.revision.desc())
    .limit(MOST_LOOKED_AT)
)
_DOCUMENTS = Lookup(
    select(revisions.c.article, revisions.c.revision, revisions.c.document),
    revisions.c.article,
    revisions.c.revision,
)


def newest(
    conn: Connection, *, article: str | None = None, feed: str | None = None
) -> Iterator[Article]:
    """Yield edited revisions, the one last seen first, each with its `edit`, as they are asked for.

    `article` keeps those of one article, `feed` those of one feed.
    """
    statement, values = _KEYS, {}
    if article is not None:
        statement = statement.where(articles.c.id == bindparam("of_article"))
        values["of_article"] = article
    if feed is not None:
        statement = statement.where(articles.c.feed == bindparam("of_feed"))
        values["of_feed"] = feed
    keys = [(row.article, row.revision) for row in conn.execute(statement, values)]
    for page in chunks(keys, _PAGE):
        before = [(name, revision - 1) for name, revision in page]
        documents = {
            (name, revision): document
            for name, revision, document in _DOCUMENTS.fetch(conn, [*page, *before])
        }
        for name, revision in page:
            later = load(Article, documents[name, revision])
            earlier = documents.get((name, revision - 1))
            if later.edit is None and earlier is not None:
                edit = edit_of(load(Article, earlier), later)
                later = later.model_copy(update={"edit": edit})
            yield later
