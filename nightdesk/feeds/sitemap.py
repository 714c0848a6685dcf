"""News sitemaps (sitemaps.org, with Google's `news:` elements): what a site has published of late.

Comes in: a body whose root is a sitemap's.  Goes out: a `ParsedFeed` whose entries have an address, and a
title and a date where the sitemap is one of news; of an index, the sitemaps that it lists.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from nightdesk.feeds.errors import NotAFeed
from nightdesk.feeds.parsed import (
    LONGEST_NAME,
    MOST_ENTRIES,
    ListedSitemap,
    ParsedEntry,
    ParsedFeed,
    bounded,
    primary_language,
)
from nightdesk.feeds.sniff import head_of
from nightdesk.feeds.xmltree import elements, words_of
from nightdesk.text.moments import read_claim

_ROOT = re.compile(rb"<(?:\w{1,30}:)?(urlset|sitemapindex)[\s>]", re.IGNORECASE)


def looks_like_sitemap(body: bytes) -> bool:
    """Tell whether the body starts as a sitemap or an index of sitemaps."""
    return bool(_ROOT.search(head_of(body)))


def parse_sitemap(text: bytes, charset: str | None, *, url: str) -> ParsedFeed:
    """Read a sitemap, as `to_utf8` returns it.  Raises NotAFeed for an index of sitemaps."""
    root = _ROOT.search(head_of(text))
    if root and root[1].lower() == b"sitemapindex":
        listed = tuple(_listed(element, url) for element in elements(text, charset, "sitemap"))
        listed = tuple(one for one in listed if one.url)
        names = [one.url for one in listed]
        named = next((one for one in names if "news" in one.lower()), "".join(names[:1]))
        raise NotAFeed(
            f"an index of {len(listed):,} sitemaps",
            hint=f"declare one of them{f', such as {named[:300]}' if named else ''}",
            sitemaps=listed,
        )
    entries: list[ParsedEntry] = []
    left_out, is_news, name, language = 0, False, "", None
    for element in elements(text, charset, "url"):
        if len(entries) >= MOST_ENTRIES:
            left_out += 1
            continue
        news = next(element.iter("{*}news"), None)
        if news is not None:
            is_news = True
            name = name or words_of(news, "name") or ""
            language = language or primary_language(words_of(news, "language"))
        entries.append(_entry(element, news, url))
    return ParsedFeed(
        format="sitemap-news" if is_news else "sitemap",
        title=bounded(name, LONGEST_NAME) or "",
        language=language,
        entries=tuple(entries),
        left_out=left_out,
    )


def _listed(element: Any, base: str) -> ListedSitemap:
    updated = words_of(element, "lastmod")
    return ListedSitemap(_place(element, base) or "", read_claim(updated) if updated else None)


def _place(element: Any, base: str) -> str | None:
    place = bounded(words_of(element, "loc"), LONGEST_NAME)
    try:
        return urljoin(base, place) if place else None
    except ValueError:
        return None


def _entry(element: Any, news: Any, base: str) -> ParsedEntry:
    published = words_of(news, "publication_date") if news is not None else None
    updated = words_of(element, "lastmod")
    return ParsedEntry(
        url=_place(element, base),
        title=bounded(words_of(news, "title")) if news is not None else None,
        language=primary_language(words_of(news, "language")) if news is not None else None,
        published_at=read_claim(published) if published else None,
        updated_at=read_claim(updated) if updated else None,
    )
