"""Feeds as publishers write them: RSS 2.0, Atom, RDF (RSS 1.0), JSON Feed 1.1, and a page that is none.

In come a channel and its entries, newest first; out come the bytes of the document and their media
type.  XML is built as a tree, so that it is well-formed whatever a text holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

from demo.reports import Format

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RSS1 = "http://purl.org/rss/1.0/"
_XML = "http://www.w3.org/XML/1998/namespace"

for _prefix, _namespace in (
    ("atom", _ATOM),
    ("content", _CONTENT),
    ("dc", _DC),
    ("rdf", _RDF),
    ("rss1", _RSS1),
):
    ET.register_namespace(_prefix, _namespace)

NOTICE = "Written for the Nightdesk demo. Not news: outlet, report and quotations are made up."


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.  `published` has a zone; `url` and `guid` are None for a bare one."""

    url: str | None
    guid: str | None
    title: str
    summary: str
    html: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """What the document says of the feed itself."""

    title: str
    home: str
    address: str
    language: str
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Document:
    """A response body and its media type."""

    body: bytes
    media_type: str


def write(form: Format, channel: Channel, entries: Sequence[Entry]) -> Document:
    """Return the document of `channel` in one of the formats."""
    writers: dict[Format, Callable[[Channel, Sequence[Entry]], Document]] = {
        "rss": _rss,
        "atom": _atom,
        "rdf": _rdf,
        "json": _json,
        "page": _page,
    }
    return writers[form](channel, entries)


def article_page(outlet: str, language: str, entry: Entry) -> bytes:
    """Return the web page that an entry links to."""
    page = (
        f'<!doctype html><html lang="{escape(language)}"><meta charset="utf-8">'
        f"<title>{escape(entry.title)} | {escape(outlet)}</title>"
        f"<body><h1>{escape(entry.title)}</h1>{entry.html}<hr><small>{NOTICE}</small></body></html>"
    )
    return page.encode()


def _rss(channel: Channel, entries: Sequence[Entry]) -> Document:
    root = ET.Element("rss", {"version": "2.0"})
    top = ET.SubElement(root, "channel")
    _text(top, "title", channel.title)
    _text(top, "link", channel.home)
    _text(top, "description", NOTICE)
    _text(top, "language", channel.language)
    ET.SubElement(
        top,
        f"{{{_ATOM}}}link",
        {"rel": "self", "href": channel.address, "type": "application/rss+xml"},
    )
    for entry in entries:
        item = ET.SubElement(top, "item")
        _text(item, "title", entry.title)
        _text(item, "link", entry.url)
        if entry.guid is not None:
            _text(item, "guid", entry.guid).set("isPermaLink", "false")
        _text(item, "description", entry.summary)
        _text(item, f"{{{_CONTENT}}}encoded", entry.html)
        _text(item, "pubDate", format_datetime(entry.published, usegmt=True))
    return _xml(root, channel, "application/rss+xml")


def _atom(channel: Channel, entries: Sequence[Entry]) -> Document:
    root = ET.Element(f"{{{_ATOM}}}feed", {f"{{{_XML}}}lang": channel.language})
    _text(root, f"{{{_ATOM}}}title", channel.title)
    _text(root, f"{{{_ATOM}}}subtitle", NOTICE)
    _text(root, f"{{{_ATOM}}}id", channel.address)
    ET.SubElement(root, f"{{{_ATOM}}}link", {"rel": "self", "href": channel.address})
    newest = max((entry.published for entry in entries), default=None)
    if newest is not None:
        _text(root, f"{{{_ATOM}}}updated", newest.isoformat())
    author = ET.SubElement(root, f"{{{_ATOM}}}author")
    _text(author, f"{{{_ATOM}}}name", channel.title)
    for entry in entries:
        item = ET.SubElement(root, f"{{{_ATOM}}}entry")
        _text(item, f"{{{_ATOM}}}title", entry.title)
        _text(item, f"{{{_ATOM}}}id", entry.guid)
        if entry.url is not None:
            ET.SubElement(item, f"{{{_ATOM}}}link", {"rel": "alternate", "href": entry.url})
        _text(item, f"{{{_ATOM}}}published", entry.published.isoformat())
        _text(item, f"{{{_ATOM}}}updated", entry.published.isoformat())
        _text(item, f"{{{_ATOM}}}summary", entry.summary)
        _text(item, f"{{{_ATOM}}}content", entry.html).set("type", "html")
    return _xml(root, channel, "application/atom+xml")


def _rdf(channel: Channel, entries: Sequence[Entry]) -> Document:
    root = ET.Element(f"{{{_RDF}}}RDF")
    top = ET.SubElement(root, f"{{{_RSS1}}}channel", {f"{{{_RDF}}}about": channel.address})
    _text(top, f"{{{_RSS1}}}title", channel.title)
    _text(top, f"{{{_RSS1}}}link", channel.home)
    _text(top, f"{{{_RSS1}}}description", NOTICE)
    _text(top, f"{{{_DC}}}language", channel.language)
    order = ET.SubElement(ET.SubElement(top, f"{{{_RSS1}}}items"), f"{{{_RDF}}}Seq")
    for entry in entries:
        about = {f"{{{_RDF}}}about": entry.url or ""}
        ET.SubElement(order, f"{{{_RDF}}}li", {f"{{{_RDF}}}resource": entry.url or ""})
        item = ET.SubElement(root, f"{{{_RSS1}}}item", about)
        _text(item, f"{{{_RSS1}}}title", entry.title)
        _text(item, f"{{{_RSS1}}}link", entry.url)
        _text(item, f"{{{_RSS1}}}description", entry.html)
        _text(item, f"{{{_DC}}}date", entry.published.isoformat())
    return _xml(root, channel, "application/rdf+xml")


def _json(channel: Channel, entries: Sequence[Entry]) -> Document:
    items: list[dict[str, Any]] = []
    for entry in entries:
        item = {
            "id": entry.guid,
            "url": entry.url,
            "title": entry.title,
            "summary": entry.summary,
            "content_html": entry.html,
            "date_published": entry.published.isoformat(),
        }
        items.append({name: value for name, value in item.items() if value})
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home,
        "feed_url": channel.address,
        "description": NOTICE,
        "language": channel.language,
        "items": items,
    }
    body = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return Document(body, "application/feed+json")


def _page(channel: Channel, entries: Sequence[Entry]) -> Document:  # noqa: ARG001
    page = (
        f'<!doctype html>\n<html lang="{escape(channel.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(channel.title)}</title></head><body><h1>We are moving</h1>"
        "<p>The late edition is packed in boxes &amp; will be back on Monday.<br>"
        f"<img src=van.png><p>{NOTICE}</body></html>\n"
    )
    return Document(page.encode(), "text/html; charset=utf-8")


def _text(parent: ET.Element, tag: str, text: str | None) -> ET.Element:
    """Append `tag` with `text`; where there is no text, the element is left out of the tree."""
    if not text:
        return ET.Element(tag)
    element = ET.SubElement(parent, tag)
    element.text = text
    return element


def _xml(root: ET.Element, channel: Channel, media_type: str) -> Document:
    body = ET.tostring(root, encoding=channel.encoding, xml_declaration=True)
    return Document(body, media_type)
