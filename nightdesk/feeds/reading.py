"""feedparser under bounds: what it read of a document, and whether that was all.

Comes in: bytes of XML, UTF-8 or with their own declaration.  Goes out: a `Document`.  feedparser has two
parsers, a strict one and, for what is not well-formed, a loose one; both are driven as its own `parse`
drives them, with sanitising and relative links off.  Four things differ:

- Each is given so much work and no more: past `MOST_ENTRIES` entries, or `_MOST_WORK` pieces of markup,
  it stops, and what it has read stands, without the entry that it was in.
- What costs it the square of a length is cut: an author is searched for an address of mail (20,000
  letters take 1.4 s), each category of an entry is compared with all others.
- An entry that a broken one before it has swallowed is read by itself (`nightdesk.feeds.pieces`).
- What makes it raise inside one element (`gml:pos` alone, a reference to no character) costs that
  element, not the feed.
"""

from __future__ import annotations

import io
import xml.sax
import xml.sax.handler
import xml.sax.xmlreader
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from xml.sax.saxutils import unescape

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.encodings import convert_to_utf8
from feedparser.sanitizer import replace_doctype
from feedparser.util import FeedParserDict

from nightdesk.feeds.parsed import MOST_ENTRIES
from nightdesk.feeds.pieces import (
    has_swallowing_section,
    in_pieces,
    starts,
    with_closed_section,
    with_escaped_ampersands,
)

_MOST_WORK = 2_400_000
"""In microseconds, about, on a busy machine.  2,000 entries of 40 elements each stay below it."""

_ELEMENT, _DECLARATION, _ATTRIBUTE, _PIECE = 20, 10, 4, 3
_LONGEST_AUTHOR, _LONGEST_WORD = 500, 100
_MOST_CATEGORIES = 300
_MOST_NAMESPACES = 300
_ROOTS = ("rss", "feed")
_ENTRIES = ("item", "entry")
_QUOTES = {"&quot;": '"', "&apos;": "'"}
_ONE_LINE = frozenset(
    {"title", "guid", "id", "pubdate", "published", "updated", "dc:date", "dc:creator"}
)
_FIELDS = _ONE_LINE | {
    "link", "description", "author", "category", "comments", "enclosure", "summary", "content",
    "content:encoded", "source", "media:content", "media:group", "media:thumbnail",
}  # fmt: skip
"""Elements of entries, as they are mostly written: none stands within one that holds a line of text."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Document:
    """`version`, `feed` and `entries` as feedparser gives them; `error` is what was wrong with the XML.

    `left_out` counts the entries that were not read, for `stopped` says in words why.
    """

    version: str
    feed: dict[str, Any]
    entries: list[Any]
    error: Exception | None = None
    left_out: int = 0
    stopped: str = ""


class _Enough(Exception):
    """A parser has done all that it may; the words say of what."""


class _Bounded:
    """Stands before feedparser's own handlers, which both of its parsers share."""

    entries: list[Any]
    namespaces_in_use: dict[str, str]
    namespacemap: dict[str, str]
    _get_context: Callable[[], dict[str, Any]]

    def __init__(self, *arguments: Any) -> None:
        self.work_left = _MOST_WORK
        self.fault: Exception | None = None
        super().__init__(*arguments)
        self.sanitize_html = self.resolve_relative_uris = False

    def _spend(self, work: int) -> None:
        self.work_left -= work
        if self.work_left < 0:
            raise _Enough("more markup than any feed has use for")

    def unknown_starttag(self, tag: str, attrs: Any) -> None:
        self._spend(_ELEMENT + _ATTRIBUTE * len(attrs))
        prefix, colon, name = tag.partition(":")
        if colon and name in _ROOTS:
            # A namespace that nobody knows is no reason to know none of its elements.
            self.namespacemap.setdefault(prefix, "")
        try:
            super().unknown_starttag(tag, attrs)  # type: ignore[misc]
        except (LookupError, TypeError, ValueError) as error:
            self.fault = error
        if len(self.entries) > MOST_ENTRIES:
            raise _Enough(f"more than {MOST_ENTRIES:,} entries")

    def unknown_endtag(self, tag: str) -> None:
        self._spend(_PIECE)
        try:
            super().unknown_endtag(tag)  # type: ignore[misc]
        except (LookupError, TypeError, ValueError) as error:
            self.fault = error

    def handle_data(self, text: str, escape: int = 1) -> None:
        self._spend(_PIECE)
        super().handle_data(text, escape)  # type: ignore[misc]

    def handle_entityref(self, ref: str) -> None:
        self._spend(_PIECE)
        super().handle_entityref(ref)  # type: ignore[misc]

    def handle_charref(self, ref: str) -> None:
        self._spend(_PIECE)
        try:
            super().handle_charref(ref)  # type: ignore[misc]
        except (OverflowError, ValueError):
            super().handle_data(_REPLACEMENT)  # type: ignore[misc]

    def parse_declaration(self, i: int) -> int:
        self._spend(_DECLARATION)
        end: int = super().parse_declaration(i)  # type: ignore[misc]
        return end

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) < _MOST_NAMESPACES:
            super().track_namespace(prefix, uri)  # type: ignore[misc]

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()
        author = dict.get(context, key)
        if isinstance(author, str) and author:
            words = author[:_LONGEST_AUTHOR].split()
            context[key] = " ".join(word[:_LONGEST_WORD] for word in words)
        super()._sync_author_detail(key)  # type: ignore[misc]

    def _add_tag(self, term: Any, scheme: Any, label: Any) -> None:
        if len(dict.get(self._get_context(), "tags") or ()) < _MOST_CATEGORIES:
            super()._add_tag(term, scheme, label)  # type: ignore[misc]


class _Strict(_Bounded, StrictFeedParser):  # type: ignore[misc]
    """For what is well-formed."""


class _Loose(_Bounded, LooseFeedParser):  # type: ignore[misc]
    """For the rest.  The end of an entry ends what is open in it, else that would be lost, and the next of
    its elements ends a title, a guid or a date that does not end itself."""

    elementstack: list[list[Any]]
    contentparams: dict[str, Any]
    inentry: int
    open_field = ""

    def decode_entities(self, element: str, data: str) -> str:
        text: str = super().decode_entities(element, data)
        # In what is neither text nor content, as guids and authors, references stay for this parser alone.
        return text if dict.get(self.contentparams, "type") else unescape(text, _QUOTES)

    def unknown_starttag(self, tag: str, attrs: Any) -> None:
        if self.inentry and self.open_field in _ONE_LINE and tag.lower() in _FIELDS:
            super().unknown_endtag(self.open_field)
        self.open_field = tag.lower()
        super().unknown_starttag(tag, attrs)

    def unknown_endtag(self, tag: str) -> None:
        self.open_field = ""
        if self.inentry and tag.rpartition(":")[2] in _ENTRIES:
            self.end_until(_ENTRIES)
        super().unknown_endtag(tag)

    def end_until(self, names: Collection[str] = ()) -> None:
        """End the innermost elements up to one of `names`."""
        while self.inentry and self.elementstack and self.elementstack[-1][0] not in names:
            depth = len(self.elementstack)
            super().unknown_endtag(self.elementstack[-1][0])
            del self.elementstack[depth - 1 :]


def read_xml(text: bytes, content_type: str) -> Document:
    """Read `text`.  Raises what feedparser raises on documents that it cannot cope with."""
    found = FeedParserDict(bozo=False)
    data = convert_to_utf8({"content-type": content_type}, text, found)
    version, data, entities = replace_doctype(data)
    error = found.get("bozo_exception")
    parser: Any = None
    if found["encoding"] and not has_swallowing_section(data):
        parser = _Strict("", None, "utf-8")
        try:
            return _document(parser, version, error, _feed_strictly(parser, data), data)
        except xml.sax.SAXException as broken:
            error = parser.exc or broken
    parser = _Loose("", None, "utf-8", entities)
    found = _document(parser, version, error, _feed_loosely(parser, data), data)
    return found if found.stopped else _with_swallowed(found, data, entities, parser.work_left)


def _feed_strictly(parser: Any, data: bytes) -> str:
    """Let the strict parser read; return why it stopped, if it did.  Raises SAXException."""
    reader = xml.sax.make_parser()
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setContentHandler(parser)
    reader.setErrorHandler(parser)
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    try:
        reader.parse(source)
    except _Enough as enough:
        return str(enough)
    return ""


def _feed_loosely(parser: Any, data: bytes) -> str:
    try:
        closed = with_escaped_ampersands(with_closed_section(data))
        parser.feed(closed.decode("utf-8", "replace"))
        parser.end_until()
    except _Enough as enough:
        return str(enough)
    return ""


def _with_swallowed(found: Document, data: bytes, entities: Any, work: int) -> Document:
    """Return `found` with the entries that a broken one before them has swallowed: where there are more, each
    is read by itself."""
    pieces = list(islice(in_pieces(data), MOST_ENTRIES + 1))
    if not len(found.entries) < len(pieces) <= MOST_ENTRIES:
        return found
    entries: list[Any] = []
    for piece in pieces:
        parser: Any = _Loose("", None, "utf-8", entities)
        parser.work_left = work
        if _feed_loosely(parser, piece):
            return found
        work = parser.work_left
        entries += parser.entries[:1]
    return replace(found, entries=entries) if len(entries) > len(found.entries) else found


def _document(
    parser: Any, version: str | None, error: Exception | None, stopped: str, data: bytes
) -> Document:
    entries = list(parser.entries)
    left_out = 0
    if stopped:
        if parser.inentry and entries:
            del entries[-1]
        left_out = max(0, sum(1 for _ in starts(data)) - len(entries))
    return Document(
        version=version or parser.version,
        feed=parser.feeddata,
        entries=entries,
        error=error or parser.fault,
        left_out=left_out,
        stopped=stopped,
    )
