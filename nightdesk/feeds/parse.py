"""Parsing: bytes that a server sent become a `ParsedFeed`, or one `NotAFeed` that says what they are.

Pure CPU work for a worker thread.  XML goes to feedparser (RSS 0.9x-2.0, RDF, Atom, CDF), which is
given bytes and so never fetches, opens or executes anything; external entities are not read, entity
bombs do not expand, and it stops after a bounded amount of work (`nightdesk.feeds.reading`).  Sitemaps and
JSON go to readers of our own.  Bounds: 2,000 entries, 200,000 characters a field.
"""

from __future__ import annotations

import calendar
import html
import re
import time
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from nightdesk.feeds.charset import BLANKS, to_utf8, with_whole_characters
from nightdesk.feeds.discovery import discover
from nightdesk.feeds.errors import BotWall, EmptyBody, NotAFeed
from nightdesk.feeds.hostile import why_hostile, with_plain_prologue
from nightdesk.feeds.jsonfeed import feed_of, parse_json_feed
from nightdesk.feeds.lenient_json import read_json
from nightdesk.feeds.parsed import (
    LONGEST_NAME,
    ParsedEntry,
    ParsedFeed,
    bounded,
    primary_language,
)
from nightdesk.feeds.reading import read_xml
from nightdesk.feeds.sitemap import looks_like_sitemap, parse_sitemap
from nightdesk.feeds.sniff import binary_kind, describe, has_feed_mark, looks_like_html, wall_of
from nightdesk.feeds.wrapping import alone, bare_json, shown, within_json
from nightdesk.text.moments import read_mail_date, read_whole

_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_JSON = frozenset({b"{", b"[", b'"'})
_CUT = "mended: what stands before or after the document is left out"
_HTTP = ("http://", "https://")
_AMPERSAND = re.compile(r"&(?:amp;)*(?:amp|#0{0,9}38|#[xX]0{0,9}26);")
"""Escaped in a section of characters, or twice: as addresses no page has."""

_FULL_TEXTS = ("yandex_full-text", "full-text", "fulltext")
"""Elements, by feedparser's names, in which feeds for aggregators carry whole articles."""

_MOST_LINKS, _MOST_HUBS = 50, 5
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}


def parse(body: bytes, *, content_type: str | None, url: str) -> ParsedFeed:
    """Read a feed of any format.  `url` is where it came from, for links that are not absolute.

    Raises NotAFeed (or EmptyBody, BotWall), and nothing else.
    """
    if binary := binary_kind(body):
        raise NotAFeed(binary)
    text, charset = to_utf8(body, content_type)
    if not text.strip(BLANKS):
        raise EmptyBody
    wall = wall_of(text, {})
    if wall:
        raise BotWall(wall)
    bare = bare_json(text)
    if bare[:1] in _JSON:
        held, note = read_json(bare)
        if (found := feed_of(held, note, url=url)) is not None:
            return found
        if (inside := within_json(held)) is not None:
            return _parse_markup(inside, "utf-8", content_type, url)
        if text.lstrip(BLANKS)[:1] in _JSON and not has_feed_mark(text):
            raise NotAFeed(describe(text, content_type))
    return _parse_markup(text, charset, content_type, url)


def _parse_markup(
    text: bytes, charset: str | None, content_type: str | None, url: str
) -> ParsedFeed:
    if not has_feed_mark(text) and (source := shown(text)) is not None:
        if (found := parse_json_feed(source, url=url)) is not None:
            return found
        if has_feed_mark(source) or looks_like_sitemap(source):
            text, charset = source, "utf-8"
    if looks_like_html(text):
        raise NotAFeed(describe(text, content_type), advertised=discover(text, url))
    if charset is None:
        return _parse_xml(text, charset, content_type, url)
    whole = _CONTROLS.sub(b"", text).lstrip(BLANKS)
    text = alone(whole)
    if looks_like_sitemap(text):
        return parse_sitemap(text, url=url)
    found = _parse_xml(text, charset, content_type, url)
    return found if found.note or len(text) == len(whole) else replace(found, note=_CUT)


def _parse_xml(text: bytes, charset: str | None, content_type: str | None, url: str) -> ParsedFeed:
    """Read what came in `charset` and is UTF-8 now; where that is None, the parser is to tell it."""
    if b"<" not in text and charset is not None:
        raise NotAFeed(describe(text, content_type))
    text = with_plain_prologue(text)
    hostile = why_hostile(text)
    if hostile:
        raise NotAFeed(
            hostile, hint="the document is broken or made to do harm; tell its publisher"
        )
    # Without a base feedparser leaves addresses as written, and `_link` can tell a guid from a link.
    kind = content_type or "application/xml"
    if charset is not None:
        kind = "application/xml; charset=utf-8"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document = read_xml(with_whole_characters(text), kind)
    except Exception as error:
        # feedparser promises not to raise, and does: on odd namespaces, dates and nesting.
        what = f"{describe(text, content_type)}, which the parser fails on ({error!r:.200})"
        raise NotAFeed(what) from error
    if not document.entries and not document.version and not has_feed_mark(text):
        raise NotAFeed(describe(text, content_type))
    return ParsedFeed(
        format=document.version or "unknown",
        title=_text(document.feed, "title") or "",
        language=primary_language(dict.get(document.feed, "language")),
        entries=tuple(_entry(entry, url) for entry in document.entries),
        left_out=document.left_out,
        stopped=document.stopped,
        note=f"mended: {document.error}"[:300] if document.error is not None else "",
        ttl=_kept_for(document.feed),
        hubs=_related(document.feed, "hub"),
        self_url=next(iter(_related(document.feed, "self")), None),
    )


def _related(feed: Any, relation: str) -> tuple[str, ...]:
    """Return the addresses that the document links to as its `relation`, as written."""
    links = dict.get(feed, "links")
    found = (
        bounded(dict.get(one, "href"), LONGEST_NAME)
        for one in (links if isinstance(links, list) else [])[:_MOST_LINKS]
        if isinstance(one, dict) and relation in str(dict.get(one, "rel") or "").lower().split()
    )
    return tuple(href for href in found if href)[:_MOST_HUBS]


def _kept_for(feed: Any) -> timedelta | None:
    """Return for how long the document says that it may be kept: by `ttl`, or `sy:updatePeriod`."""
    said = [wish for wish in (_ttl(feed), _update_period(feed)) if wish is not None]
    return max(said, default=None)


def _update_period(feed: Any) -> timedelta | None:
    """Return the time between updates as the syndication module (`sy:`) has it; None for once an hour, which
    is its default and WordPress writes into every feed, whatever the truth."""
    period = _PERIODS.get(str(dict.get(feed, "sy_updateperiod") or "").strip().lower())
    often = str(dict.get(feed, "sy_updatefrequency") or "1").strip()
    if period is None or not (often.isascii() and often.isdigit()):
        return None
    apart = period / max(1, int(often[:6]))
    return None if apart == _PERIODS["hourly"] else apart


def _ttl(feed: Any) -> timedelta | None:
    """Return the `ttl` of RSS, which is in minutes."""
    text = str(dict.get(feed, "ttl") or "").strip()
    return timedelta(minutes=int(text[:6])) if text.isascii() and text.isdigit() else None


def _entry(entry: Any, base: str) -> ParsedEntry:
    content = _content(entry)
    summary = _text(entry, "summary")
    outlet, outlet_url = _outlet(entry)
    return ParsedEntry(
        guid=bounded(dict.get(entry, "id"), LONGEST_NAME),
        url=_link(entry, base),
        title=_text(entry, "title") or bounded(dict.get(entry, "itunes_title")),
        description=None if summary == content else summary,
        content=content,
        author=bounded(dict.get(entry, "author"), 500),
        language=_language(entry),
        published_at=_moment(entry, "published") or _moment(entry, "created"),
        updated_at=_moment(entry, "updated"),
        outlet=outlet,
        outlet_url=outlet_url,
    )


def _outlet(entry: Any) -> tuple[str | None, str | None]:
    """Return name and address of the publisher that an aggregator names for an entry, where it does.

    Both are the `source` of RSS; the `source` of Atom has a name alone, as Bing's `News:Source` has.
    """
    found = dict.get(entry, "source")
    if not isinstance(found, dict):
        return bounded(dict.get(entry, "news_source"), 500), None
    url = bounded(dict.get(found, "href"), LONGEST_NAME)
    return bounded(dict.get(found, "title"), 500), url


def _link(entry: Any, base: str) -> str | None:
    """Return an entry's address, made absolute.

    RSS takes every guid for a permalink that does not say otherwise; a bare `12345` is none, and would
    be the same page for all feeds of the host.
    """
    link = bounded(dict.get(entry, "link"), LONGEST_NAME) or _instead(entry)
    if link is None:
        return None
    link = _AMPERSAND.sub("&", link)
    of_guid = dict.get(entry, "guidislink") and dict.get(entry, "link") == dict.get(entry, "id")
    if of_guid and not link.lower().startswith(_HTTP):
        return None
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def _instead(entry: Any) -> str | None:
    """Return what leads to an entry without a link: the page that it points to, or its own id in Atom."""
    links = dict.get(entry, "links")
    for one in (links if isinstance(links, list) else [])[:20]:
        if isinstance(one, dict) and dict.get(one, "rel") == "via":
            href = bounded(dict.get(one, "href"), LONGEST_NAME)
            if href and href.lower().startswith(_HTTP):
                return href
    name = bounded(dict.get(entry, "id"), LONGEST_NAME)
    is_permanent = dict.get(entry, "guidislink") is not False
    return name if name and is_permanent and name.lower().startswith(_HTTP) else None


def _text(entry: Any, name: str) -> str | None:
    detail = dict.get(entry, f"{name}_detail")
    kind = dict.get(detail, "type") if isinstance(detail, dict) else None
    return _marked(bounded(dict.get(entry, name)), kind)


def _content(entry: Any) -> str | None:
    """Return the richest of an entry's contents."""
    found = dict.get(entry, "content")
    texts = [
        _marked(bounded(dict.get(one, "value")), dict.get(one, "type"))
        for one in (found if isinstance(found, list) else [])[:20]
        if isinstance(one, dict)
    ]
    texts += [bounded(dict.get(entry, name)) for name in _FULL_TEXTS]
    return max((text for text in texts if text), key=len, default=None)


def _marked(text: str | None, kind: object) -> str | None:
    """Reports carry HTML or text without saying which: a tag in plain text must not be taken for one."""
    if text and kind == "text/plain" and "<" in text:
        return html.escape(text, quote=False)
    return text


def _language(entry: Any) -> str | None:
    for name in ("title_detail", "summary_detail"):
        detail = dict.get(entry, name)
        if isinstance(detail, dict) and (found := primary_language(dict.get(detail, "language"))):
            return found
    return primary_language(dict.get(entry, "language"))


def _moment(entry: Any, name: str) -> datetime | None:
    """Return the moment that an element names.  feedparser's own reading comes second: it takes what it does
    not know for another day (`2026/11/26` for the first of November), and most zones for UTC."""
    claim = dict.get(entry, name)
    if isinstance(claim, str) and (found := read_whole(claim)):
        return found.replace(microsecond=0)
    value = dict.get(entry, f"{name}_parsed")
    try:
        if isinstance(value, time.struct_time):
            return datetime.fromtimestamp(calendar.timegm(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    # feedparser does not read dates of mail without a zone.
    return read_mail_date(claim) if isinstance(claim, str) else None
