"""What an answer is when it is no feed: an HTML page, a bot wall, JSON of another kind, a picture.

Comes in: the first bytes of a body and its headers.  Goes out: words for a person.  A wall is told by
marks that its makers put on every challenge page, never by the site behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from nightdesk.feeds.charset import BLANKS

_LOOKED_AT = 64_000

_WALL_MARKS: tuple[tuple[str, bytes], ...] = (
    ("Cloudflare", b"/cdn-cgi/challenge-platform"),
    ("Cloudflare", b"cf-browser-verification"),
    ("Cloudflare", b"_cf_chl_opt"),
    ("Cloudflare", b"<title>just a moment...</title>"),
    ("Cloudflare", b"attention required! | cloudflare"),
    ("DataDome", b"captcha-delivery.com"),
    ("Akamai", b"errors.edgesuite.net"),
    ("Imperva", b"_incapsula_resource"),
    ("PerimeterX", b"px-captcha"),
    ("AWS WAF", b"awswafintegration"),
    ("AWS WAF", b"challenge.awswaf.com"),
    ("Sucuri", b"sucuri website firewall"),
    ("DDoS-Guard", b"/.well-known/ddos-guard/"),
    ("Anubis", b"/.within.website/x/cmd/anubis"),
    ("Vercel", b"vercel security checkpoint"),
    ("a CAPTCHA", b"g-recaptcha"),
    ("a CAPTCHA", b"hcaptcha.com"),
    ("a CAPTCHA", b"challenges.cloudflare.com/turnstile"),
)
_FEED_MARK = re.compile(rb"<(?:\w{1,30}:)?(?:rss|rdf|feed|channel)[\s>]", re.IGNORECASE)
_HTML_MARK = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_TITLE = re.compile(rb"<title[^>]{0,200}>(.{0,300}?)</title", re.IGNORECASE | re.DOTALL)
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x1f\x8b", "compressed data that cannot be unpacked"),
)


def wall_of(body: bytes, headers: Mapping[str, str]) -> str | None:
    """Return the name of the bot wall that `body` is a page of, or None."""
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "Cloudflare"
    if has_feed_mark(body):
        return None
    head = body[:_LOOKED_AT].lower()
    if not _HTML_MARK.search(head):
        return None
    return next((name for name, mark in _WALL_MARKS if mark in head), None)


def has_feed_mark(body: bytes) -> bool:
    """Tell whether the body starts with an element that only feeds start with."""
    return bool(_FEED_MARK.search(head_of(body)))


def looks_like_html(body: bytes) -> bool:
    """Tell whether the body starts as an HTML page rather than as a feed."""
    head = head_of(body)
    return bool(_HTML_MARK.search(head)) and not _FEED_MARK.search(head)


def head_of(body: bytes) -> bytes:
    """Return where `body` begins, without comments: they hold licences, and pages that a cache wrapped."""
    return _COMMENT.sub(b"", body[:_LOOKED_AT])[:4_000]


def binary_kind(body: bytes) -> str | None:
    """Say in words what `body` is by its first bytes, where they are those of no text; else None."""
    return next((words for magic, words in _MAGIC if body.startswith(magic)), None)


def describe(body: bytes, content_type: str | None) -> str:
    """Say in words what `body` is, for "Not a feed: …"."""
    if binary := binary_kind(body):
        return binary
    start = body[:_LOOKED_AT].lstrip(BLANKS)
    if _HTML_MARK.search(start):
        found = _TITLE.search(start)
        title = " ".join(unescape(found[1].decode("utf-8", "replace")).split()) if found else ""
        return f"an HTML page: “{title[:100]}”" if title else "an HTML page without a title"
    if start[:1] in {b"{", b"["}:
        return "JSON, but not a JSON Feed"
    if start[:1] == b"<":
        root = re.match(rb"(?:<[?!][^>]{0,2000}>\s*)*<([\w:.-]{1,60})", start)
        name = root[1].decode("ascii", "replace") if root else ""
        return f"XML of another kind (<{name}>)" if name else "broken XML"
    kind = (content_type or "").split(";")[0].strip()[:80]
    return f"neither XML nor JSON (the server calls it {kind})" if kind else "neither XML nor JSON"
