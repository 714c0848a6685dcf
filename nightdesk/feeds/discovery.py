"""Discovery: which feeds does a page advertise?

Comes in: a page and where it came from.  Goes out: the feeds that it names, each once: first those that
its head declares (`<link rel="alternate">`), then links whose address looks like that of a feed.  Tags
are looked at one by one, so that hostile nesting costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

_LOOKED_AT = 1_000_000
_MOST_TAGS, _MOST_FOUND = 5_000, 20
_LONGEST_URL = 2_000
_TAG = re.compile(rb"<(link|a|base)\s([^<>]{1,3000})>", re.IGNORECASE)
_TYPES = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/rdf+xml": "RDF",
    "application/feed+json": "JSON Feed",
    "application/json": "JSON Feed",
    "application/xml": "XML",
    "text/xml": "XML",
}
_LOOKS_LIKE_FEED = re.compile(
    r"(?:^|[/.?&=_-])(?:rss2?|atom|feeds?|rdf|index\.xml|feed\.json)(?:[/.?&=_-]|$)", re.IGNORECASE
)
_NO_FEED = re.compile(
    r"feedback|/(?:how|what|about)[^/]*rss|\.(?:html?|php|aspx|pdf|png|jpe?g|css|js)$"
)


@dataclass(frozen=True)
class Advertised:
    """A feed that a page names: its absolute `url`, the `kind` and `title` that the page gives it."""

    url: str
    kind: str = ""
    title: str = ""


def discover(page: bytes, url: str) -> tuple[Advertised, ...]:
    """Return the feeds that `page` advertises, at most 20.  `url` is where the page came from."""
    declared: dict[str, Advertised] = {}
    linked: dict[str, Advertised] = {}
    base = url
    for name, attributes in _tags(page[:_LOOKED_AT]):
        href = (attributes.get("href") or "").strip()
        if not href:
            continue
        if name == "base":
            base = _absolute(url, href) or base
            continue
        found = _absolute(base, href)
        if found is None:
            continue
        if name == "link":
            kind = _TYPES.get((attributes.get("type") or "").split(";")[0].strip().lower())
            if kind and "alternate" in (attributes.get("rel") or "").lower().split():
                title = " ".join((attributes.get("title") or "").split())
                declared.setdefault(found, Advertised(found, kind, title[:200]))
        elif _looks_like_feed(found):
            linked.setdefault(found, Advertised(found))
    return tuple((declared | {k: v for k, v in linked.items() if k not in declared}).values())[
        :_MOST_FOUND
    ]


def _tags(page: bytes) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Yield names and attributes of links and bases.  Imported late: most feeds are no pages."""
    from selectolax.lexbor import LexborHTMLParser

    for number, found in enumerate(_TAG.finditer(page)):
        if number >= _MOST_TAGS:
            return
        # As a void element a tag cannot open anything.
        node = LexborHTMLParser(f"<link {found[2].decode('utf-8', 'replace')}>").css_first("link")
        if node is not None:
            yield found[1].decode("ascii").lower(), dict(node.attributes)


def _absolute(base: str, href: str) -> str | None:
    try:
        found = urljoin(base, href.removeprefix("feed:"))
        parts = urlsplit(found)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc or len(found) > _LONGEST_URL:
        return None
    return found.partition("#")[0]


def _looks_like_feed(url: str) -> bool:
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return bool(_LOOKS_LIKE_FEED.search(path)) and not _NO_FEED.search(path.lower())
