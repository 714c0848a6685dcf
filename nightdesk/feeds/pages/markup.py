"""A page's bytes made ready for extraction: decoded, without what runs, and bounded in all that costs.

Comes in: the body of a page and its Content-Type.  Goes out: HTML as text, or words for why it cannot be
read.  Linear in the size of the body.  Extraction costs the square of some lengths: a document type of
250 KB took trafilatura 2.3.1 20 s in one regular expression, which lets no other thread run, 30,000
attributes of one element 1 to 4 s.  So document types and long attributes are taken out, and what lies
beyond `_MOST_TAGS` tags or `_LONGEST_MARKUP` characters is not read.
"""

from __future__ import annotations

import re

from nightdesk.feeds.charset import to_utf8
from nightdesk.feeds.sniff import describe
from nightdesk.text.html import depth_of
from nightdesk.text.surrogates import without_surrogates

_LONGEST_MARKUP = 500_000
_MOST_TAGS = 15_000
_DEEPEST = 400
_LONGEST_ATTRIBUTES = 1_000
_HEAD = 4_096
_CHARSET = re.compile(rb"""<meta[^<>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_NAMES_CHARSET = re.compile(r"charset\s*=", re.IGNORECASE)
_HTML = re.compile(r"<(?:html|head|body|div|p|article|main|section|table)[\s>]", re.IGNORECASE)
# Linked data stays: some pages hold their article nowhere else.
_RUNS = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|svg|template|iframe|object|canvas|math)\b(?![^<>]{0,200}ld\+json)[^<>]*>"
    r".*?(?:</\1\s*>|\Z)"
    r"|<[!?][^<>]*>?",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9-]{0,30})([^<>]*)>")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def readable_markup(body: bytes, content_type: str | None) -> str:
    """Return the markup of a page, fit to be parsed.

    Raises ValueError, whose words say why, for what is no HTML or nests deeper than pages have use for.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    text = _decoded(body, content_type)
    if (kind and "html" not in kind and kind != "text/plain") or not _HTML.search(text):
        raise ValueError(f"it is {describe(body, content_type)}" if body.strip() else "it is empty")
    text = _cut(_TAG.sub(_with_short_attributes, _RUNS.sub(" ", _CONTROLS.sub("", text))))
    if depth_of(text) > _DEEPEST:
        raise ValueError(f"it nests more than {_DEEPEST} elements deep")
    return text


def _decoded(body: bytes, content_type: str | None) -> str:
    """Decode as the server says, else as the page's own head says, else by a guess."""
    declared = _CHARSET.search(body[:_HEAD])
    claim = content_type or ""
    if declared and not _NAMES_CHARSET.search(claim):
        claim = f"{claim}; charset={declared[1].decode('ascii', 'replace')}"
    return without_surrogates(to_utf8(body, claim)[0].decode("utf-8", "replace"))


def _with_short_attributes(found: re.Match[str]) -> str:
    return found[0] if len(found[2]) <= _LONGEST_ATTRIBUTES else f"<{found[1]}>"


def _cut(text: str) -> str:
    """Return what comes before the bounds: of a page that goes on for ever the beginning is the article."""
    pieces = text[:_LONGEST_MARKUP].split("<", _MOST_TAGS + 1)
    return "<".join(pieces[: _MOST_TAGS + 1])
