"""News sitemaps (sitemaps.org, with Google's `news:` and `video:` elements): what a site published of late.

Comes in: a body whose root is a sitemap's.  Goes out: a `ParsedFeed` whose entries have an address, and a
title and a date where the sitemap is one of news or of videos; of an index, the sitemaps that it lists.
Sitemaps are flat, so they are read tag by tag: what is not well-formed, without its namespaces or in capitals
says the same, and no entity is expanded.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

from nightdesk.feeds.errors import NotAFeed
from nightdesk.feeds.parsed import (
    LONGEST_FIELD,
    LONGEST_NAME,
    MOST_ENTRIES,
    ListedSitemap,
    ParsedEntry,
    ParsedFeed,
    bounded,
    primary_language,
)
from nightdesk.feeds.pieces import with_escaped_ampersands
from nightdesk.feeds.sniff import head_of
from nightdesk.text.moments import read_claim

_ROOT = re.compile(rb"<(?:\w{1,30}:)?(urlset|sitemapindex)[\s>]", re.IGNORECASE)
_TAG = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[(.*?)(?:\]\]>|\Z)"
    rb"|<(/?)(?:[\w.-]{1,30}:)?([a-zA-Z][\w.-]{0,60})(?:\s[^<>]{0,2000})?>",
    re.DOTALL,
)
_GROUPS = frozenset({"news", "video", "image"})
"""Elements that hold others of the same names as those of the page itself."""

_Told = Mapping[tuple[str, str], str]
"""What an entry says, by group ("" for the page itself) and name, on one line."""


def looks_like_sitemap(body: bytes) -> bool:
    """Tell whether the body starts as a sitemap or an index of sitemaps."""
    return bool(_ROOT.search(head_of(body)))


def parse_sitemap(text: bytes, *, url: str) -> ParsedFeed:
    """Read a sitemap in UTF-8.  Raises NotAFeed for an index of sitemaps."""
    root = _ROOT.search(head_of(text))
    if root and root[1].lower() == b"sitemapindex":
        listed = (_listed(told, url) for told in _entries(text, "sitemap"))
        raise _index(tuple(one for one in listed if one.url))
    entries: list[ParsedEntry] = []
    left_out, is_news, name, language = 0, False, "", None
    for told in _entries(text, "url"):
        if len(entries) >= MOST_ENTRIES:
            left_out += 1
            continue
        is_news = is_news or any(group == "news" for group, _ in told)
        name = name or told.get(("news", "name"), "")
        language = language or primary_language(told.get(("news", "language")))
        entries.append(_entry(told, url))
    return ParsedFeed(
        format="sitemap-news" if is_news else "sitemap",
        title=bounded(name, LONGEST_NAME) or "",
        language=language,
        entries=tuple(entries),
        left_out=left_out,
    )


def _index(listed: tuple[ListedSitemap, ...]) -> NotAFeed:
    names = [one.url for one in listed]
    named = next((one for one in names if "news" in one.lower()), "".join(names[:1]))
    return NotAFeed(
        f"an index of {len(listed):,} sitemap{'s' if len(listed) != 1 else ''}",
        hint=f"declare one of them, such as {named[:300]}" if named else "",
        sitemaps=listed,
    )


def _listed(told: _Told, base: str) -> ListedSitemap:
    return ListedSitemap(_place(told, base) or "", read_claim(told.get(("", "lastmod"))))


def _entries(text: bytes, name: str) -> Iterator[_Told]:
    """Yield what each element called `name` says, also where it does not end."""
    told: dict[tuple[str, str], str] | None = None
    text = with_escaped_ampersands(text)
    group, field, words, at = "", "", list[str](), 0
    for found in _TAG.finditer(text):
        if told is not None and field:
            words.append(html.unescape(text[at : found.start()].decode("utf-8", "replace")))
            if found[1] is not None:
                words.append(found[1].decode("utf-8", "replace"))
        at = found.end()
        if found[3] is None:
            continue
        tag = found[3].decode("ascii", "replace").lower()
        if told is not None and field:
            line = " ".join("".join(words).split())
            if line:
                told.setdefault((group, field), line[:LONGEST_FIELD])
        words, field = [], "" if found[2] else tag
        if tag == name:
            if told is not None:
                yield told
            told, group = (None if found[2] else {}), ""
        elif tag in _GROUPS:
            group = "" if found[2] else tag
    if told is not None:
        yield told


def _place(told: _Told, base: str) -> str | None:
    place = bounded(told.get(("", "loc")), LONGEST_NAME)
    try:
        return urljoin(base, place) if place else None
    except ValueError:
        return None


def _entry(told: _Told, base: str) -> ParsedEntry:
    return ParsedEntry(
        url=_place(told, base),
        title=bounded(told.get(("news", "title")) or told.get(("video", "title"))),
        description=bounded(told.get(("video", "description"))),
        language=primary_language(told.get(("news", "language"))),
        published_at=read_claim(
            told.get(("news", "publication_date")) or told.get(("video", "publication_date"))
        ),
        updated_at=read_claim(told.get(("", "lastmod"))),
    )
