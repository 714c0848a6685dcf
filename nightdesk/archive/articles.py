"""Articles: every revision as a document, a head that knows the latest, and the keys that find them.

A key is a string that two reports of one article share: `url:…`, `guid:source:…`,
`content:source:hash`.  The article that had a key first keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, select

from nightdesk.archive.documents import load
from nightdesk.archive.statements import (
    Lookup,
    UpdateMany,
    earlier,
    insert_new,
    insert_only,
    insert_or_update,
)
from nightdesk.archive.tables import article_keys, articles, matches, revisions
from nightdesk.archive.types import digest
from schemas.article import Article
from schemas.match import Decision

_HEAD = insert_or_update(articles, keeping=["first_seen_at"])
_REVISION = insert_only(revisions)
_KEY = insert_new(article_keys)
_RESOLVE = Lookup(select(article_keys.c.key, article_keys.c.article), article_keys.c.key)
_OF_LATEST = and_(revisions.c.article == articles.c.id, revisions.c.revision == articles.c.revision)
_LATEST = Lookup(
    select(articles.c.id, articles.c.revision, articles.c.content_hash, revisions.c.document).join(
        revisions, _OF_LATEST
    ),
    articles.c.id,
)
_ONE = select(revisions.c.document).where(
    revisions.c.article == bindparam("id"), revisions.c.revision == bindparam("revision")
)
_HISTORY = (
    select(revisions.c.document)
    .where(revisions.c.article == bindparam("id"))
    .order_by(revisions.c.revision)
)
_NOMINATED = Lookup(
    select(revisions.c.article, revisions.c.revision, revisions.c.candidates),
    revisions.c.article,
    revisions.c.revision,
)
_BEFORE = revisions.alias("before")
_PASSAGES = Lookup(
    select(
        revisions.c.article,
        revisions.c.revision,
        _BEFORE.c.content_hash,
        revisions.c.content_hash,
        revisions.c.seen_at,
    )
    .join(
        _BEFORE,
        and_(
            _BEFORE.c.article == revisions.c.article,
            _BEFORE.c.revision == revisions.c.revision - 1,
        ),
    )
    .where(revisions.c.seen_at >= bindparam("since")),
    revisions.c.article,
)
_SEEN_AGAIN = UpdateMany(revisions, keys=["article", "revision"], sets=["seen_at"])
_SET_NOMINATED = UpdateMany(revisions, keys=["article", "revision"], sets=["candidates"])
_RECENT = (
    select(revisions.c.document)
    .select_from(articles)
    .join(revisions, _OF_LATEST)
    .order_by(articles.c.seen_at.desc(), articles.c.id.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class ArticleHead:
    """The latest revision of an article; `document` is its `Article` as JSON."""

    revision: int
    content_hash: str
    document: str

    def article(self) -> Article:
        """Return the document as a model."""
        return load(Article, self.document)


class Passed(NamedTuple):
    """An article's way from one content hash to another, by `revision`; last seen at `seen_at`."""

    article: str
    revision: int
    before: str
    after: str
    seen_at: datetime


def resolve(conn: Connection, keys: Iterable[str]) -> dict[str, str]:
    """Return key -> article id, for the keys that are taken."""
    digests = {key: digest(key) for key in keys}
    owner = dict(_RESOLVE.fetch(conn, digests.values()))
    return {key: owner[short] for key, short in digests.items() if short in owner}


def latest(conn: Connection, article_ids: Iterable[str]) -> dict[str, ArticleHead]:
    """Return id -> latest revision, for the articles that are known."""
    rows = _LATEST.fetch(conn, article_ids)
    return {id_: ArticleHead(revision, hash_, doc) for id_, revision, hash_, doc in rows}


def add_revisions(
    conn: Connection, new: Sequence[Article], keys: Mapping[str, Sequence[str]]
) -> None:
    """Store articles, or further revisions of them; several revisions of one may come at once.

    `keys` maps an article's id to its keys.  Raises ArchiveConflict where another worker stored the
    same revision meanwhile.
    """
    ordered = sorted(new, key=lambda article: (article.id, article.revision))
    _HEAD.run(conn, [_head(article) for article in ordered])
    _REVISION.run(
        conn,
        [
            {
                "article": article.id,
                "revision": article.revision,
                "report": article.report,
                "seen_at": article.seen_at,
                "content_hash": article.content_hash,
                "candidates": None,
                "document": article.model_dump_json(),
            }
            for article in ordered
        ],
    )
    taken: dict[bytes, str] = {}
    for id_, its in keys.items():
        for key in its:
            taken.setdefault(digest(key), id_)
    _KEY.run(conn, [{"key": key, "article": id_} for key, id_ in taken.items()])


def get(conn: Connection, article_id: str, revision: int | None = None) -> Article | None:
    """Return an article: its latest revision, or the one asked for; None where there is none."""
    if revision is None:
        head = latest(conn, [article_id]).get(article_id)
        return head.article() if head else None
    document = conn.execute(_ONE, {"id": article_id, "revision": revision}).scalar()
    return load(Article, document) if document else None


def nominated(
    conn: Connection, pairs: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], int | None]:
    """Return (article, revision) -> number of candidates it was named for, None where not yet judged.

    Revisions that are not known are left out.
    """
    rows = _NOMINATED.fetch(conn, pairs)
    return {(article, revision): candidates for article, revision, candidates in rows}


def set_nominated(conn: Connection, rows: Sequence[tuple[str, int, int]]) -> None:
    """Note (article, revision, candidates): how many storylines each was named for."""
    _SET_NOMINATED.run(conn, rows)


def passages(conn: Connection, article_ids: Iterable[str], since: datetime) -> list[Passed]:
    """Return the edits of these articles that were seen at or after `since`, in no order."""
    return [Passed(*row) for row in _PASSAGES.fetch(conn, article_ids, since=since)]


def seen_again(conn: Connection, rows: Sequence[tuple[str, int, datetime]]) -> None:
    """Note (article, revision, when): the edit that made the revision was seen once more.

    The revision's document keeps when it was first seen.
    """
    _SEEN_AGAIN.run(conn, rows)


def history(conn: Connection, article_id: str) -> list[Article]:
    """Return all revisions of an article, oldest first."""
    return [load(Article, doc) for doc in conn.execute(_HISTORY, {"id": article_id}).scalars()]


def recent(
    conn: Connection,
    *,
    limit: int,
    before: tuple[datetime, str] | None = None,
    storyline: str | None = None,
) -> list[Article]:
    """Return the latest revisions of articles, last seen first.

    `before` is (seen_at, id) of the last one on the page before; `storyline` keeps those that were
    judged to fit it, or possibly.
    """
    statement = _RECENT
    if before is not None:
        statement = statement.where(earlier(articles.c.seen_at, articles.c.id, before))
    if storyline is not None:
        statement = statement.where(fits(storyline))
    rows = conn.execute(statement, {"most": limit}).scalars()
    return [load(Article, document) for document in rows]


def fits(storyline: str) -> ColumnElement[bool]:
    """Return the condition that an article was judged to fit a storyline, or possibly."""
    later = matches.alias("later")
    return (
        select(matches.c.id)
        .where(
            matches.c.article == articles.c.id,
            matches.c.storyline == storyline,
            matches.c.decision.in_([Decision.FITS.value, Decision.POSSIBLE.value]),
            ~select(later.c.id)
            .where(later.c.id == matches.c.id, later.c.version > matches.c.version)
            .exists(),
        )
        .exists()
    )


def _head(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "revision": article.revision,
        "feed": article.feed,
        "source": article.source,
        "url": article.url,
        "title": article.title,
        "language": article.language,
        "published_at": article.published_at,
        "event_time": article.event_time,
        "first_seen_at": article.seen_at,
        "seen_at": article.seen_at,
        "arrival": article.arrival.value,
        "content_hash": article.content_hash,
    }
