"""What stands around a feed, taken off: so that the feed is well-formed again, or is one at all.

Comes in: a document in ASCII or UTF-8.  Goes out: the feed in it.  Around feeds stand warnings of PHP, notes
of caches, pages of browsers that show them (`<pre>`), JSON of proxies; around JSON the name of a function
that is to be called with it (JSONP), and words that keep it from being run as a script.
"""

from __future__ import annotations

import html
import re

from nightdesk.feeds.charset import BLANKS
from nightdesk.feeds.sniff import has_feed_mark

_LOOKED_AT = 64_000
_LONGEST_TAIL = 64_000
_ROOT = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!DOCTYPE(?!\s+html)\s[^<>\[]{0,1000}(?:\[.{0,4000}?\]\s{0,10})?>"
    rb"|<((?:\w{1,30}:)?(?:rss|rdf|feed|channel|urlset|sitemapindex))[\s>]",
    re.DOTALL | re.IGNORECASE,
)
_PROPER = re.compile(
    rb"\A<\?xml[^<>]{0,1000}\?>|<!--.*?(?:-->|\Z)|<\?(?!xml\s)[^<>]{0,1000}\?>|\s+", re.DOTALL
)
_INSIDE = re.compile(rb"<(?:\w{1,30}:)?(?:item|entry|url)[\s>]|\]\]>", re.IGNORECASE)
_SHOWN = re.compile(
    rb"(?:\s|<!doctype[^<>]{0,1000}>|<head\b.*?</head>|<title\b.*?</title>|<(?!pre\b|code\b)[^<>]{1,1000}>)*+"
    rb"(<(?:pre|code)\b[^<>]{0,1000}>\s*+)?+(?=&lt;(?:\?xml|!--|(?:\w{1,30}:)?(?:rss|rdf|feed|urlset)\b)|[{\[])",
    re.DOTALL | re.IGNORECASE,
)
_SHOWN_TO = re.compile(rb"</(?:pre|code)\s*>", re.IGNORECASE)
_HEAD, _BEFORE_JSON = 16_000, 500


def shown(page: bytes) -> bytes | None:
    """Return the source of a feed that is all that `page` shows, as browsers keep those that they cannot
    read; None where it shows something else."""
    page = page.lstrip(BLANKS)
    found = _SHOWN.match(page, 0, _HEAD)
    if found is None or (page[found.end() : found.end() + 1] != b"&" and not found[1]):
        return None
    end = _SHOWN_TO.search(page, found.end()) if found[1] else None
    inside = page[found.end() : end.start() if end else len(page)]
    return html.unescape(inside.decode("utf-8", "replace")).encode("utf-8", "replace")


def within_json(document: object) -> bytes | None:
    """Return the XML that `document` holds as the string that it is, or as one of its members."""
    held = document.values() if isinstance(document, dict) else [document]
    for value in held:
        if isinstance(value, str) and has_feed_mark(text := value.encode("utf-8", "replace")):
            return text
    return None


def bare_json(text: bytes) -> bytes:
    """Return what is JSON in `text`, or may be: from its first brace on, where no markup comes before."""
    bare = text.lstrip(BLANKS)
    if bare[:1] in {b"{", b"[", b'"', b"<", b""}:
        return bare
    at = bare.find(b"{", 0, _BEFORE_JSON)
    return bare[at:] if at > 0 and b"<" not in bare[:at] else bare


def alone(text: bytes) -> bytes:
    """Return the XML `text` without what stands before and after its root and is no XML; as it is where
    entries may stand there.  A declaration of entities stays."""
    root, kept = None, b""
    for found in _ROOT.finditer(text, 0, _LOOKED_AT):
        if found[1]:
            root = found
            break
        if not found[0].startswith(b"<!--"):
            kept = found[0]
    if root is None or _INSIDE.search(text, 0, root.start()):
        return text
    start = root.start()
    head = text[:start]
    if _PROPER.sub(b"", head.replace(kept, b"", 1)):
        head = kept
    end = text.find(b">", text.rfind(b"</" + root[1])) + 1
    tail = text[end:]
    if (
        end <= start
        or len(tail) > _LONGEST_TAIL
        or _INSIDE.search(tail)
        or not _PROPER.sub(b"", tail)
    ):
        end = len(text)
    return head + text[start:end]
