"""What a document says, in our own frozen form: the same for RSS, RDF, Atom and JSON Feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nightdesk.text.surrogates import without_surrogates

MOST_ENTRIES = 2_000
LONGEST_FIELD = 200_000
LONGEST_NAME = 4_000


@dataclass(frozen=True)
class ParsedEntry:
    """One entry as its publisher wrote it, cut to bounds.  Times carry a zone (none given: UTC).

    `outlet` and `outlet_url` are whom an aggregator names as the publisher of what it links to.
    """

    guid: str | None = None
    url: str | None = None
    title: str | None = None
    description: str | None = None
    content: str | None = None
    author: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    outlet: str | None = None
    outlet_url: str | None = None


@dataclass(frozen=True)
class ListedSitemap:
    """A sitemap that an index lists: its address, made absolute, and when it says to have changed."""

    url: str
    updated_at: datetime | None = None


@dataclass(frozen=True)
class ParsedFeed:
    """A document.  `format` is a word such as `rss20`, `atom10`, `rss10` (RDF) or `json11`.

    `ttl` is for how long the document says that it may be kept.  `hubs` push what is new in it, which they
    know by the name `self_url` (WebSub); both are as written.  `left_out` counts entries that were not
    read, beyond the bounds; `stopped` says in words why, where the parser stopped, `note` what had to be
    mended.
    """

    format: str
    title: str = ""
    language: str | None = None
    entries: tuple[ParsedEntry, ...] = ()
    left_out: int = 0
    stopped: str = ""
    note: str = ""
    ttl: timedelta | None = None
    hubs: tuple[str, ...] = ()
    self_url: str | None = None


def bounded(value: object, longest: int = LONGEST_FIELD) -> str | None:
    """Return `value` if it is text that holds more than space, cut to `longest` characters; else None.

    NULs go, and lone surrogates become the replacement character: databases take neither.
    """
    if not isinstance(value, str):
        return None
    text = value[:longest].replace("\x00", "").strip()
    return without_surrogates(text) or None


def primary_language(tag: object) -> str | None:
    """Return the primary subtag of a language tag (`en-GB`, `pt_BR`), in small letters, or None."""
    if not isinstance(tag, str):
        return None
    primary = tag.strip().replace("_", "-").split("-")[0].lower()
    return primary if primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3 else None
