"""A look at XML before it is parsed: shapes that cost a parser minutes and no publisher ever sends.

Linear in the size of the body (about 0.01 s a megabyte).  Comes in: bytes.  Goes out: words for what
is wrong, or None.  How much markup there may be in all is for `nightdesk.feeds.reading`.  Measured with
feedparser 6.0: 66,000 open elements take it 1.5 s and grow with the square, 20,000 attributes of one
element 3 s.
"""

from __future__ import annotations

import re

_DEEPEST = 5_000
_MOST_ATTRIBUTES = 1_000
_TOKEN = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z_][\w:.-]{0,80})[^<>]*?(/?)>",
    re.DOTALL,
)
_LONGEST_PROLOGUE = 32_000
_ROOT = re.compile(rb"<\w")
_LONGEST_LINE = 1_000
_BLANKS = re.compile(rb"\s{100,}")
_LONG_TAG = re.compile(rb"<[a-zA-Z_][^<>]{10000,}")
_VOID = frozenset({b"br", b"img", b"hr", b"p", b"li", b"BR", b"IMG", b"HR", b"P", b"LI"})


def with_plain_prologue(body: bytes) -> bytes:
    """Return `body` with its XML declaration on a line that ends, and no long blank before its root.

    feedparser looks for the declaration's encoding in the whole first line, at the cost of the cube of its
    length, and for entities from each line's beginning through all blanks, at the cost of the square.
    """
    root = _ROOT.search(body)
    head = body[: root.start()] if root else body[:_LONGEST_PROLOGUE]
    plain = _BLANKS.sub(b"\n", head)
    start = plain[:_LONGEST_LINE]
    if start.startswith(b"<?") and b"\n" not in start:
        # One that does not end soon is none: it is broken where it begins.
        ends = max(0, start.find(b"?>")) + 2
        plain = plain[:ends] + b"\n" + plain[ends:]
    return plain + body[len(head) :]


def why_hostile(body: bytes) -> str | None:
    """Return what makes `body` costly beyond all use, in words; None where nothing does."""
    root = _ROOT.search(body)
    if root and root.start() > _LONGEST_PROLOGUE:
        return f"XML with more than {_LONGEST_PROLOGUE:,} bytes before its first element"
    for found in _LONG_TAG.finditer(body):
        if found[0].count(b"=") > _MOST_ATTRIBUTES:
            return f"XML with more than {_MOST_ATTRIBUTES:,} attributes in one element"
    if body.count(b"<") <= _DEEPEST:
        return None
    depth = 0
    for found in _TOKEN.finditer(body):
        name = found[2]
        if name is None or found[3] or name in _VOID:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > _DEEPEST:
            return f"XML that nests more than {_DEEPEST:,} elements deep"
    return None
