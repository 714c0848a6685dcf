"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read leniently: publishers get types wrong, not intentions.

Comes in: a body that may be JSON, in UTF-8.  Goes out: a `ParsedFeed`, or None where it is no JSON Feed.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from nightdesk.feeds.lenient_json import read_json
from nightdesk.feeds.parsed import (
    LONGEST_NAME,
    MOST_ENTRIES,
    ParsedEntry,
    ParsedFeed,
    bounded,
    primary_language,
)
from nightdesk.text.moments import read_claim

_VERSION = "jsonfeed.org/version/"
_MOST_HUBS = 5
_MOST_CANDIDATES = 20
_TEXTS = ("content_text", "content_html")


def parse_json_feed(body: bytes, *, url: str) -> ParsedFeed | None:
    """Read `body` as a JSON Feed; None where it is none.  Links are made absolute against `url`."""
    return feed_of(*read_json(body), url=url)


def feed_of(found: object, note: str, *, url: str) -> ParsedFeed | None:
    """Read what `read_json` returns as a JSON Feed, or as an answer that holds one; None where it is none."""
    document = next((one for one in _candidates(found) if _is_feed(one)), None)
    if document is None:
        return None
    items = document["items"]
    if note and not items:
        return None
    return ParsedFeed(
        format="json11" if str(document.get("version")).rstrip("/").endswith("1.1") else "json10",
        title=bounded(document.get("title"), LONGEST_NAME) or "",
        language=primary_language(document.get("language")),
        entries=tuple(
            _entry(item if isinstance(item, dict) else {}, url) for item in items[:MOST_ENTRIES]
        ),
        left_out=max(0, len(items) - MOST_ENTRIES),
        note=note,
        hubs=_hubs(document.get("hubs")),
        self_url=bounded(document.get("feed_url"), LONGEST_NAME),
    )


def _candidates(found: object) -> Iterator[dict[str, Any]]:
    """Yield `found` and what it holds, one deep, where these are objects."""
    inside = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    for one in (found, *islice(inside, _MOST_CANDIDATES)):
        if isinstance(one, dict):
            yield one


def _is_feed(document: dict[str, Any]) -> bool:
    """Tell whether there are items, under a version of JSON Feed or with its names for what they say."""
    items = document.get("items")
    if not isinstance(items, list):
        return False
    if _VERSION in str(document.get("version")).lower():
        return True
    return any(isinstance(item, dict) and not item.keys().isdisjoint(_TEXTS) for item in items)


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
    return ParsedEntry(
        guid=bounded(_written(item.get("id")), LONGEST_NAME),
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
    text = _written(value)
    return read_claim(text) if isinstance(text, str) else None


def _written(value: object) -> object:
    """Return a number as its figures, which publishers forget to quote; anything else as it is."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


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
    found = authors if isinstance(authors, list) else [authors or item.get("author")]
    names = [bounded(one.get("name") if isinstance(one, dict) else one, 200) for one in found[:20]]
    return ", ".join(name for name in names if name) or None
