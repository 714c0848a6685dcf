"""Access: what a publisher asks of those who read its feed, with the secrets filled in.

Comes in: a feed, and a way to read secrets (only a composition root knows the environment and files).
Goes out: headers, and the proxy.  They go to the feed's own origin and nowhere else, and are in no log,
metric or page: `Access` does not show them either.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from nightdesk.feeds.errors import AccessMissing
from schemas.feed import Feed
from schemas.secret import Secret

SecretReader = Callable[[Secret], str]
"""Returns what a secret holds; raises ConfigurationError where it cannot be read or is empty."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Access:
    """`headers` are for every request to the feed, `secrets` for those to its own origin alone."""

    headers: tuple[tuple[bytes, bytes], ...] = ()
    secrets: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)
    proxy: str | None = field(default=None, repr=False)


def access_to(feed: Feed, read: SecretReader) -> Access:
    """Return the access to a feed.  Raises AccessMissing where a secret is no header or no proxy's URL, and
    what `read` raises.

    A login that stands in the feed's address counts where no other is given.
    """
    headers = tuple((one.name.encode(), one.value.encode()) for one in feed.headers)
    given = feed.access
    secrets: list[tuple[bytes, bytes]] = []
    if (login := login_in(feed.url)) and (given is None or not (given.basic or given.bearer)):
        secrets.append((b"Authorization", b"Basic " + b64encode(login.encode())))
    if given is None:
        return Access(headers, tuple(secrets))
    if given.basic is not None:
        pair = read(given.basic)
        if ":" not in pair:
            raise AccessMissing("`basic` is not USER:PASSWORD")
        secrets.append((b"Authorization", b"Basic " + b64encode(pair.encode())))
    if given.bearer is not None:
        secrets.append((b"Authorization", b"Bearer " + _bytes(read(given.bearer), "`bearer`")))
    if given.cookies is not None:
        secrets.append((b"Cookie", _bytes(read(given.cookies), "`cookies`")))
    for one in given.headers:
        secrets.append((one.name.encode(), _bytes(read(one.secret), f"the header {one.name}")))
    proxy = None if given.proxy is None else read(given.proxy)
    if proxy is not None and not proxy.startswith(("http://", "https://")):
        raise AccessMissing("`proxy` is not an http:// or https:// URL")
    return Access(headers, tuple(secrets), proxy)


def login_in(url: str) -> str:
    """Return the USER:PASSWORD that stands in `url`, "" where none does."""
    try:
        name, at, _ = urlsplit(url).netloc.rpartition("@")
    except ValueError:
        return ""
    user, _, password = name.partition(":")
    return f"{unquote(user)}:{unquote(password)}" if at else ""


def without_login(url: str) -> str:
    """Return `url` without a user and password in it, to be shown."""
    return re.sub(r"^([a-z0-9+.-]+://)[^/?#]*@", r"\1", url, flags=re.IGNORECASE)


def same_origin(one: str, other: str) -> bool:
    """Whether two URLs have scheme, host and port in common."""
    return _origin(one) == _origin(other)


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return url, "", None


def _bytes(value: str, what: str) -> bytes:
    if not value.isprintable() or not value.isascii():
        raise AccessMissing(f"{what} is not printable ASCII on one line")
    return value.encode()
