"""Where a redirector's page leads that answers with HTML instead of a redirect.

Comes in: the page's bytes and its address.  Goes out: the one address that it sends readers on to, or None.
Shorteners answer some clients with a `refresh`, others with a page that says "opening …".  Only what stands
in the markup counts: nothing is run, and no service is asked.  Pure; the work is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

from nightdesk.text.redirectors import is_redirector

_LOOKED_AT = 100_000
"""Bytes: such pages have a few thousand, and those that have more are applications."""

_LONGEST = 4_000
_TAG = re.compile(r"<(meta|link|a)\s([^<>]{1,8000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"([a-z-]{1,30})\s{0,9}=\s{0,9}(?:\"([^\"]{0,8000})\"|'([^']{0,8000})'|([^\s\"'>]{1,8000}))",
    re.IGNORECASE,
)
_REFRESH = re.compile(r"\s*[0-9.]{0,9}\s*[;,]?\s*(?:url\s*=\s*)?[\"']?([^\"']+)", re.IGNORECASE)


def goal_in(body: bytes, url: str) -> str | None:
    """Return where the redirector's page at `url` leads: by its `refresh`, else by its canonical address,
    else by the only link on it that leaves its own site."""
    refreshes, canonicals, links = list[str](), list[str](), dict[str, None]()
    for tag, given in _tags(body[:_LOOKED_AT].decode("utf-8", "replace")):
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            found = _REFRESH.fullmatch(given.get("content", "").strip())
            refreshes += _elsewhere(found[1] if found else "", url)
        elif tag == "link" and given.get("rel", "").lower() == "canonical":
            canonicals += _elsewhere(given.get("href", ""), url)
        elif tag == "a":
            links |= dict.fromkeys(_elsewhere(given.get("href", ""), url))
    if refreshes or canonicals:
        return (refreshes or canonicals)[0]
    return next(iter(links)) if len(links) == 1 else None


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for tag in _TAG.finditer(text):
        given = {
            one[1].lower(): unescape(one[2] or one[3] or one[4] or "")
            for one in _ATTRIBUTE.finditer(tag[2])
        }
        yield tag[1].lower(), given


def _elsewhere(goal: str, url: str) -> list[str]:
    """Return `goal` as an address in a list, empty where it is none or stays on the redirector's site."""
    try:
        whole = urljoin(url, goal.strip())
        host, here = urlsplit(whole).hostname or "", urlsplit(url).hostname or ""
    except ValueError:
        return []
    site = ".".join(here.split(".")[-2:])
    if not whole.startswith(("http://", "https://")) or not host or len(whole) > _LONGEST:
        return []
    stays = host == site or host.endswith(f".{site}")
    return (
        [] if stays or (is_redirector(whole) and not urlsplit(whole).path.strip("/")) else [whole]
    )
