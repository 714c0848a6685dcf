"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read leniently: publishers get types wrong, not intentions.

Comes in: a body that may be JSON, in UTF-8.  Goes out: a `ParsedFeed`, or None where it is no JSON Feed.  A
document that breaks off, or is no JSON somewhere, gives the items before that place.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
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
from nightdesk.text.moments import read_claim

_VERSION = "jsonfeed.org/version/"
_MOST_HUBS = 5
_LONGEST_NUMBER = 300
_BETWEEN = re.compile(r"[\s,]*")
_COLON = re.compile(r"\s*:\s*")
_TEXTS = ("content_text", "content_html")


def parse_json_feed(body: bytes, *, url: str) -> ParsedFeed | None:
    """Read `body` as a JSON Feed; None where it is none.  Links are made absolute against `url`."""
    text = body.lstrip(BLANKS).decode("utf-8", "replace")
    note = ""
    try:
        document = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        document = dict(_members(text))
        note = f"mended: {type(error).__name__}: {error}"[:300]
    if not isinstance(document, dict) or not _is_feed(document):
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


def _is_feed(document: dict[str, Any]) -> bool:
    """Tell whether there are items, under a version of JSON Feed or with its names for what they say."""
    items = document.get("items")
    if not isinstance(items, list):
        return False
    if _VERSION in str(document.get("version")).lower():
        return True
    return any(isinstance(item, dict) and not item.keys().isdisjoint(_TEXTS) for item in items)


def _members(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the members of the object that `text` begins as, up to where it is broken; of a list that is
    broken what stands before."""
    at, whole = 1, text.startswith("{")
    while whole:
        try:
            name, at = _DECODER.raw_decode(text, _after(_BETWEEN, text, at))
            at = _after(_COLON, text, at)
            if text.startswith("[", at):
                value, at, whole = _elements(text, at + 1)
            else:
                value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if isinstance(name, str):
            yield name, value


def _elements(text: str, at: int) -> tuple[list[Any], int, bool]:
    """Return the elements of a list from `at` on, where it ends, and whether it does."""
    found: list[Any] = []
    while True:
        at = _after(_BETWEEN, text, at)
        if text.startswith("]", at):
            return found, at + 1, True
        try:
            element, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return found, at, False
        found.append(element)


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _number(digits: str) -> int | str:
    """Numbers of thousands of digits, which Python does not read, are ids of somebody's."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


_DECODER = json.JSONDecoder(strict=False, parse_int=_number)


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
