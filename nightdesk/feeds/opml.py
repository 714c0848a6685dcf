"""OPML: lists of feeds as readers exchange them.  Folders become tags, and tags become folders.

Comes in: a file of another reader.  Goes out: feeds to declare, each address once, with an id made of its
title, and what had to be left out.  And the other way round: declared feeds as an OPML 2.0 document.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from nightdesk.errors import FeedError
from nightdesk.feeds.access import login_in, without_login
from nightdesk.feeds.addresses import why_scheme_refused
from nightdesk.feeds.charset import to_utf8
from nightdesk.feeds.xmltree import elements
from nightdesk.text.html import to_line
from schemas.feed import Feed

MOST_FEEDS = 50_000
LARGEST_FILE = 50_000_000
_LONGEST_ID = 60
_NAME = re.compile(r"[^a-z0-9]+")
_ROOT = re.compile(rb"<opml[\s>]", re.IGNORECASE)


class OpmlError(FeedError):
    """The file is no OPML."""


@dataclass(frozen=True)
class Subscriptions:
    """Feeds in the order of the file; `left_out` are addresses with the reason why they are no feeds, and
    `without_login` those of feeds whose login was not taken along."""

    feeds: tuple[Feed, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    without_login: tuple[str, ...] = ()


def read_opml(body: bytes, *, taken: Iterable[str] = ()) -> Subscriptions:
    """Read an OPML file.  `taken` are ids that are not to be given again.  Raises OpmlError."""
    if len(body) > LARGEST_FILE:
        raise OpmlError(f"more than {LARGEST_FILE:,} bytes", hint="split the list")
    if not _ROOT.search(body[:4_000]):
        raise OpmlError(
            "the file is no OPML", hint="an OPML file begins with <opml version=…>; export it again"
        )
    feeds: dict[str, Feed] = {}
    ids = dict.fromkeys(taken, 1)
    left_out: list[tuple[str, str]] = []
    without: list[str] = []
    for outline in elements(*to_utf8(body, None), "outline"):
        url = _attribute(outline, "xmlUrl").removeprefix("feed:")
        if not url:
            continue
        url = f"http:{url}" if url.startswith("//") else url
        if login_in(url):
            url = without_login(url)
            without.append(url)
        if url in feeds or len(feeds) >= MOST_FEEDS:
            reason = "named twice" if url in feeds else f"more than {MOST_FEEDS:,} feeds"
            left_out.append((url, reason))
            continue
        why = why_scheme_refused(url)
        if why:
            left_out.append((url, why))
            continue
        try:
            feeds[url] = _feed(outline, url, ids)
        except ValidationError as error:
            left_out.append((url, error.errors()[0]["msg"]))
    return Subscriptions(tuple(feeds.values()), tuple(left_out), tuple(without))


def write_opml(feeds: Sequence[Feed], *, title: str, created: datetime) -> bytes:
    """Return feeds as OPML 2.0: one folder a tag, and those without a tag at the top.

    OPML holds a tree: a feed of several tags stands in the folder of its first, and names all of them as
    categories.  A login that stands in an address is left out.
    """
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = f"{created:%a, %d %b %Y %H:%M:%S} +0000"
    body = etree.SubElement(root, "body")
    folders: dict[str, Any] = {}
    for feed in feeds:
        place = body
        if feed.tags:
            tag = feed.tags[0]
            if tag not in folders:
                folders[tag] = etree.SubElement(body, "outline", text=tag, title=tag)
            place = folders[tag]
        name = feed.title or feed.source
        etree.SubElement(
            place,
            "outline",
            type="rss",
            text=name,
            title=name,
            xmlUrl=without_login(feed.url),
            **({"category": ",".join(feed.tags)} if len(feed.tags) > 1 else {}),
            **({"language": feed.language} if feed.language else {}),
        )
    document: bytes = etree.tostring(
        root, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )
    return document


def _feed(outline: Any, url: str, ids: dict[str, int]) -> Feed:
    host = urlsplit(url).hostname or ""
    title = to_line(_attribute(outline, "title") or _attribute(outline, "text"), 200)
    folders = [
        _attribute(folder, "title") or _attribute(folder, "text") for folder in _above(outline)
    ]
    categories = [
        part for one in _attribute(outline, "category").split(",") for part in one.split("/")
    ]
    tags = dict.fromkeys(tag for name in (*folders, *categories) if (tag := _slug(name)))
    language = _attribute(outline, "language").split("-")[0].lower()
    feed = Feed(
        id=_fresh(_slug(title) or _slug(host) or "feed", ids),
        url=url,
        source=title or host.removeprefix("www."),
        title=title,
        tags=tuple(tags),
        language=language if re.fullmatch(r"[a-z]{2,3}", language) else None,
    )
    ids.setdefault(feed.id, 1)
    return feed


def _above(outline: Any) -> list[Any]:
    """Return the folders around an outline, outermost first."""
    return list(outline.iterancestors("{*}outline"))[::-1]


def _attribute(outline: Any, name: str) -> str:
    """Return an attribute, whatever the case of its name: readers disagree on `xmlUrl`."""
    exact = outline.get(name)
    if exact is None:
        low = name.lower()
        exact = next((value for key, value in outline.attrib.items() if key.lower() == low), "")
    return str(exact).strip()


def _slug(name: str) -> str:
    """Return `name` as an identifier; "" where no letter of it can stand in one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NAME.sub("-", plain).strip("-")[:_LONGEST_ID].strip("-")


def _fresh(name: str, taken: dict[str, int]) -> str:
    """Return an id that is not taken.  `taken` holds the last number behind each, where the search goes on:
    thousands of feeds may have one name."""
    fresh, number = name, taken.get(name, 0)
    while fresh in taken:
        number += 1
        fresh = f"{name}-{number}"
    if number:
        taken[name] = number
    return fresh
