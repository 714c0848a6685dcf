"""An article as people name it: by its id, the beginning of its id, or its address.

Comes in: what somebody typed or pasted.  Goes out: the ids that it may mean; and where it means none,
the ids and addresses that are nearest to it.
"""

from __future__ import annotations

import difflib

from sqlalchemy import Connection, bindparam, select

from nightdesk.archive import articles
from nightdesk.archive.tables import articles as table
from nightdesk.text.urls import canonical_url, url_key

LEAST_PREFIX = 4
"""Characters of an id, after `article-`, that are taken for its beginning."""

_PREFIX = "article-"
_SHOWN = 5
_COMPARED = 5_000

_BY_URL = select(table.c.id).where(table.c.url == bindparam("of_url")).order_by(table.c.id)
_ADDRESSES = (
    select(table.c.url)
    .where(table.c.url.is_not(None))
    .order_by(table.c.seen_at.desc(), table.c.id)
    .limit(_COMPARED)
)


def find(conn: Connection, name: str) -> list[str]:
    """Return the ids of the articles that `name` may mean: one if it is clear, at most five."""
    if "://" in name:
        return _by_url(conn, name)
    if articles.latest(conn, [name]):
        return [name]
    digits = name.removeprefix(_PREFIX)
    return _starting(conn, _PREFIX + digits) if len(digits) >= LEAST_PREFIX else []


def near(conn: Connection, name: str) -> list[str]:
    """Return ids, or addresses where `name` is one, that are most like it; at most five."""
    if "://" in name:
        known = [str(url) for url in conn.execute(_ADDRESSES).scalars()]
        return difflib.get_close_matches(name[:500], known, _SHOWN, 0.6)
    digits = name.removeprefix(_PREFIX)
    for length in range(min(len(digits), 24), 0, -1):
        if found := _starting(conn, _PREFIX + digits[:length]):
            return found
    return []


def _by_url(conn: Connection, url: str) -> list[str]:
    canonical = canonical_url(url)
    if canonical is None:
        return []
    keys = articles.resolve(conn, [f"url:{url_key(canonical)}"])
    if keys:
        return sorted(set(keys.values()))
    # Where several entries share one page, its address is no key of theirs.
    return list(conn.execute(_BY_URL, {"of_url": canonical}).scalars())[:_SHOWN]


def _starting(conn: Connection, prefix: str) -> list[str]:
    statement = select(table.c.id).where(table.c.id.startswith(prefix, autoescape=True))
    return list(conn.execute(statement.order_by(table.c.id).limit(_SHOWN)).scalars())
