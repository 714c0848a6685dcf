"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read leniently: publishers get types wrong, not intentions.

Comes in: a body that may be JSON.  Goes out: a `ParsedFeed`, or None where it is no JSON Feed.
"""

from __future__ import annotations

import html
import json
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from nightdesk.feeds.charset import BLANKS
from nightdesk.feeds.parsed import (
    LONGEST_NAME,
    MOST_ENTRIES,
    ParsedEntry,
    ParsedFeed,
    bounded,
    primary_language,
)
from nightdesk.text.moments import read_moment

_SCHEME = "://jsonfeed.org/version/"
_MOST_HUBS = 5


def parse_json_feed(body: bytes, *, url: str) -> ParsedFeed | None:
    """Read `body` as a JSON Feed; None where it is none.  Links are made absolute against `url`."""
    try:
        document = json.loads(body.lstrip(BLANKS))
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    version, items = document.get("version"), document.get("items")
    if not isinstance(items, list) or not (isinstance(version, str) and _SCHEME in version):
        return None
    entries = [_entry(item, url) for item in items[:MOST_ENTRIES] if isinstance(item, dict)]
    return ParsedFeed(
        format="json11" if version.rstrip("/").endswith("1.1") else "json10",
        title=bounded(document.get("title"), LONGEST_NAME) or "",
        language=primary_language(document.get("language")),
        entries=tuple(entries),
        left_out=max(0, len(items) - MOST_ENTRIES),
        hubs=_hubs(document.get("hubs")),
        self_url=bounded(document.get("feed_url"), LONGEST_NAME),
    )


def _hubs(value: object) -> tuple[str, ...]:
    """Return the addresses of hubs that speak WebSub."""
    found = (
        bounded(one.get("url"), LONGEST_NAME)
        for one in (value if isinstance(value, list) else [])[:_MOST_HUBS]
        if isinstance(one, dict) and str(one.get("type")).lower() == "websub"
    )
    return tuple(url for url in found if url)


def _entry(item: dict[str, Any], base: str) -> ParsedEntry:
    plain, markup = bounded(item.get("content_text")), bounded(item.get("content_html"))
    identity = item.get("id")
    if isinstance(identity, int | float) and not isinstance(identity, bool):
        identity = str(identity)
    return ParsedEntry(
        guid=bounded(identity, LONGEST_NAME),
        url=_link(item.get("url"), base) or _link(item.get("external_url"), base),
        title=_escaped(bounded(item.get("title"))),
        description=_escaped(bounded(item.get("summary"))),
        content=markup or _escaped(plain),
        author=_author(item),
        language=primary_language(item.get("language")),
        published_at=_moment(item.get("date_published")),
        updated_at=_moment(item.get("date_modified")),
    )


def _moment(value: object) -> datetime | None:
    return read_moment(value) if isinstance(value, str) else None


def _escaped(plain: str | None) -> str | None:
    """Reports carry HTML or text without saying which: a tag in plain text must not be taken for one."""
    return html.escape(plain, quote=False) if plain and "<" in plain else plain


def _link(value: object, base: str) -> str | None:
    text = bounded(value, LONGEST_NAME)
    try:
        return urljoin(base, text) if text else None
    except ValueError:
        return None


def _author(item: dict[str, Any]) -> str | None:
    authors = item.get("authors")
    found = authors if isinstance(authors, list) else [item.get("author")]
    names = [bounded(one.get("name"), 200) for one in found[:20] if isinstance(one, dict)]
    return ", ".join(name for name in names if name) or None
