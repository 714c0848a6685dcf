"""A broken document in pieces, each of which holds one entry: what is broken in one then costs no other.

Comes in: a document that is not well-formed.  Goes out: documents of one entry each, under the root of the
whole.  Linear in its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from itertools import islice, pairwise

_MARK = re.compile(rb"<!\[CDATA\[|<!--|<(?:[\w.-]{1,60}:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_ROOT = re.compile(rb"<[a-zA-Z_][\w:.-]{0,80}(?:\s[^<>]{0,8000})?>")
_AROUND = re.compile(rb"<([a-zA-Z_][\w:.-]{0,80})(?:\s[^<>]*)?>\s*\Z")
_LEGACY = "|".join(sorted(name for name in html5 if not name.endswith(";"))).encode()
"""The names that HTML lets go without a semicolon."""

_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)"
    rb"|&(?!#\d{1,8}|#[xX][\da-fA-F]{1,8}|\w{1,32};|(?:%s)(?![\w=]))" % _LEGACY,
    re.DOTALL,
)
_MOST_AMPERSANDS = 100_000
_CLOSINGS = (b"</item", b"</entry")
_SECTIONS = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_OVER = re.compile(
    rb"</(?:[\w.-]{1,60}:)?(item|entry)\s*>\s*<(?:[\w.-]{1,60}:)?\1[\s>]", re.IGNORECASE
)
_SECTION, _COMMENT = (b"<![CDATA[", b"]]>"), (b"<!--", b"-->")


def in_pieces(data: bytes) -> Iterator[bytes]:
    """Yield a document for each entry that begins in `data`, and not in a comment or a section; none ends its
    entry, for there what is still open would be lost, and a section may be left open."""
    root = _ROOT.search(data)
    places = [*starts(data), len(data)]
    head = root[0] if root is not None and root.start() < places[0] else b""
    for start, end in pairwise(places):
        last = max(data.rfind(closing, start, end) for closing in _CLOSINGS)
        yield head + data[start : last if last > 0 else end]


def with_closed_section(data: bytes) -> bytes:
    """Return `data` with its last section closed where it is not: before the element around it ends."""
    at = data.rfind(_SECTION[0])
    if at < 0 or data.find(_SECTION[1], at) >= 0:
        return data
    around = _AROUND.search(data[max(0, at - 1_000) : at])
    end = data.find(b"</" + around[1], at) if around is not None else -1
    end = len(data) if end < 0 else end
    return data[:end] + _SECTION[1] + data[end:]


def has_swallowing_section(data: bytes) -> bool:
    """Tell whether a section that was never closed runs on over the end of its entry into the section of
    another: well-formed, and still broken."""
    return any(
        _SECTION[0] in found[1] and _OVER.search(found[1]) for found in _SECTIONS.finditer(data)
    )


def with_escaped_ampersands(data: bytes) -> bytes:
    """Return `data` with each ampersand escaped that begins no reference: `R&D`, `?a=1&copy=2`.  feedparser
    takes those for references that lack their semicolon.  The first 100,000 of them."""
    bare = (found.start() for found in _AMPERSAND.finditer(data) if found[0] == b"&")
    whole, done = bytearray(), 0
    for at in islice(bare, _MOST_AMPERSANDS):
        whole += data[done:at] + b"&amp;"
        done = at + 1
    return bytes(whole) + data[done:] if done else data


def starts(data: bytes) -> Iterator[int]:
    """Yield where entries begin, but for those in comments and sections."""
    ends = {_SECTION: _Ends(data, *_SECTION), _COMMENT: _Ends(data, *_COMMENT)}
    at = 0
    while found := _MARK.search(data, at):
        kind = {b"<![": _SECTION, b"<!-": _COMMENT}.get(found[0][:3])
        if kind is None:
            yield found.start()
            at = found.end()
        else:
            at = ends[kind].of(found.end())


class _Ends:
    """Where sections, or comments, end.  One in which another begins before it ends was never closed."""

    def __init__(self, data: bytes, opening: bytes, closing: bytes) -> None:
        self._data, self._opening, self._closing = data, opening, closing
        self._next_closing = -1

    def of(self, at: int) -> int:
        """Return where to go on behind an opening that ends at `at`."""
        if 0 <= self._next_closing < at or self._next_closing == -1:
            found = self._data.find(self._closing, at)
            self._next_closing = len(self._data) if found < 0 else found
        end = self._next_closing
        if end == len(self._data) or self._data.find(self._opening, at, end) >= 0:
            return at
        return end + len(self._closing)
