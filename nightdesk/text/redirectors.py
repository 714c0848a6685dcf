"""Links that lead elsewhere: shorteners, feed proxies, Google News.

Comes in: a URL.  Goes out: whether it is a redirector's, and its goal where the link holds it.  Links of
Google News held the article's address in their id until July 2024; newer ones hold a token, for which
Google alone knows the address (`nightdesk.feeds.pages.google_news`).
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from urllib.parse import urlsplit

_HOST_LIST = """
    t.co bit.ly bitly.com j.mp goo.gl tinyurl.com ow.ly buff.ly dlvr.it ift.tt is.gd v.gd lnkd.in fb.me
    trib.al shorturl.at rb.gy cutt.ly t.ly po.st shar.es wp.me reut.rs nyti.ms bbc.in cnn.it wapo.st
    bloom.bg on.ft.com econ.st apne.ws feedproxy.google.com feeds.feedburner.com
    feedproxy.feedburner.com news.google.com consent.google.com apple.news flip.it smarturl.it snip.ly
    spr.ly ebx.sh zpr.io hubs.la hubs.ly
"""
_HOSTS = frozenset(_HOST_LIST.split())
_GOOGLE_NEWS = re.compile(r"/(?:rss/)?(?:__i/rss/rd/)?(?:articles|read)/([\w-]{10,4000})=*/?")
_LONGEST_GOAL = 2_000


def is_redirector(url: str) -> bool:
    """Tell whether `url` stands for another page, and is never itself an article."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") in _HOSTS
    except ValueError:
        return False


def id_of_google_news(path: str) -> str | None:
    """Return the id of the article in a path of Google News, without what pads it, or None."""
    found = _GOOGLE_NEWS.fullmatch(path)
    return found[1] if found else None


def goal_of_google_news(host: str, path: str) -> str | None:
    """Return the article's URL that an old id of Google News holds, or None.

    The id is base64 of a protocol buffer: field 1 a number, field 4 the URL, which its length (a varint)
    goes before.
    """
    held = id_of_google_news(path) if host == "news.google.com" else None
    if held is None:
        return None
    try:
        packed = urlsafe_b64decode(held + "=" * (-len(held) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(packed) < 5 or packed[0] != 0x08 or packed[2] != 0x22:
        return None
    length, start = packed[3], 4
    if length & 0x80:
        length, start = length & 0x7F | packed[4] << 7, 5
    goal = packed[start : start + length]
    is_whole = len(goal) == length <= _LONGEST_GOAL and goal.isascii()
    return goal.decode() if is_whole and goal.startswith((b"http://", b"https://")) else None
