"""Answers of servers: their bodies within bounds, their validators byte for byte, their faults by name.

Comes in: responses of httpx, and what it and httpcore raise.  Goes out: bytes, validators, and one
PollError for whatever went wrong.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from urllib.parse import urlsplit

import httpcore
import httpx

from nightdesk.feeds.errors import (
    NO_URL_HINT,
    AddressRefused,
    BotWall,
    ConnectionLost,
    FeedTimeout,
    Gone,
    HttpError,
    PollError,
    RateLimited,
    TlsError,
    TooLarge,
)
from nightdesk.feeds.fetched import Validators
from nightdesk.feeds.retry_after import parse_retry_after
from nightdesk.feeds.sniff import wall_of
from nightdesk.feeds.unpack import UnpackError, unpacker_for, without_gzip

_LONGEST_VALIDATOR = 8_000
_PAGE_TO_JUDGE = 64_000


@asynccontextmanager
async def bounded(host: str, seconds: float, *, told: float | None = None) -> AsyncIterator[None]:
    """Bound what happens inside in time, and name its faults: all that leaves it is a PollError.

    `told` is the time that a fault names, where these seconds are what was left of it.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except PollError:
        raise
    except (TimeoutError, httpx.TimeoutException, httpcore.TimeoutException):
        raise FeedTimeout(host, seconds if told is None else told) from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnpackError) as error:
        raise named(host, error) from error
    except (httpcore.ConnectError, httpcore.ProtocolError, OSError) as error:
        raise named(host, error) from error
    except (ValueError, LookupError, RuntimeError) as error:
        raise ConnectionLost(host, f"the answer is not proper HTTP ({error})") from error


def host_in(url: str) -> str:
    """Return the host of `url`, or what can be shown of it where it has none."""
    try:
        return urlsplit(url).hostname or url[:200]
    except ValueError:
        return url[:200]


async def read_body(response: httpx.Response, max_bytes: int) -> tuple[bytes, int]:
    """Read and unpack at most `max_bytes`, a gzip file that is not announced as one too.

    Raises TooLarge, UnpackError.
    """
    host = response.url.host
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:18]) > max_bytes:
        raise TooLarge(host, max_bytes)
    unpacker = unpacker_for(response.headers.get("content-encoding"))
    body, wire = bytearray(), 0
    async for chunk in response.aiter_raw():
        wire += len(chunk)
        if wire > max_bytes:
            raise TooLarge(host, max_bytes)
        for piece in unpacker.feed(chunk):
            body += piece
            if len(body) > max_bytes:
                raise TooLarge(host, max_bytes)
    unpacker.end()
    plain = without_gzip(bytes(body), max_bytes)
    if plain is None:
        raise TooLarge(host, max_bytes)
    return plain, wire


async def refuse(response: httpx.Response, now: datetime) -> None:
    """Raise the HttpError, or BotWall, that an answer is which means no."""
    status, host = response.status_code, response.url.host
    asks_for_patience = status in {429, 503}
    wish = parse_retry_after(response.headers.get("retry-after"), now)
    if status == 410:
        raise Gone(host)
    if status in {403, 429, 503}:
        try:
            page, _ = await read_body(response, _PAGE_TO_JUDGE)
        except (TooLarge, UnpackError, httpx.HTTPError):
            page = b""
        wall = wall_of(page, response.headers)
        if wall:
            raise BotWall(wall, wish if asks_for_patience else None)
    if asks_for_patience:
        raise RateLimited(host, status, wish)
    raise HttpError(host, status)


def validators_of(response: httpx.Response) -> Validators:
    """Return what the server gives to ask "has it changed?" with; the first of several counts."""
    found: dict[bytes, str] = {}
    for name, value in response.headers.raw:
        if len(value) <= _LONGEST_VALIDATOR and value.strip():
            found.setdefault(name.lower(), value.decode("latin-1"))
    return Validators(etag=found.get(b"etag"), last_modified=found.get(b"last-modified"))


def refreshed(response: httpx.Response, sent: Validators) -> Validators:
    """After a 304: what the server says now, else what it said before."""
    new = validators_of(response)
    return Validators(new.etag or sent.etag, new.last_modified or sent.last_modified)


def named(host: str, error: Exception) -> PollError:
    """Name a low-level error: TLS tells itself by what stands behind it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, PollError):
            return seen
        if isinstance(seen, ssl.SSLCertVerificationError):
            return TlsError(host, seen.verify_message or "its certificate is not to be trusted")
        if isinstance(seen, ssl.SSLError):
            return TlsError(host, (seen.reason or str(seen)).replace("_", " ").lower())
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return AddressRefused(repr(host), f"it is not a URL ({error})", hint=NO_URL_HINT)
    words = str(error).rstrip(".") or "it was cut"
    return ConnectionLost(host, words)
