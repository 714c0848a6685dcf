"""Fetching one feed: conditional, bounded in time, bytes and redirects, and never where it must not go.

Comes in: a feed and the validators of its last good answer.  Goes out: a `Fetched`, or one error of
`nightdesk.feeds.errors` that says in plain words what went wrong.  This is the only room here that
speaks HTTP; it reads the clock that it was given (Retry-After dates are relative to it).
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from nightdesk.clock import Clock, Ticks
from nightdesk.feeds.addresses import why_scheme_refused
from nightdesk.feeds.errors import (
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
    TooManyRedirects,
)
from nightdesk.feeds.fetched import Fetched, Redirect, Validators
from nightdesk.feeds.network import GuardedBackend, Resolver, resolve
from nightdesk.feeds.retry_after import parse_retry_after
from nightdesk.feeds.sniff import wall_of
from nightdesk.feeds.unpack import UnpackError, unpacker_for
from schemas.feed import Feed

MOST_REDIRECTS = 5
_LONGEST_VALIDATOR = 8_000
_PAGE_TO_JUDGE = 64_000
_LONGEST_URL = 8_000
_KEPT_HEADERS = (
    "content-type",
    "content-language",
    "cache-control",
    "expires",
    "date",
    "age",
    "link",
)
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Fetcher:
    """Holds the connections.  Use it as an async context manager, or call `aclose`.

    `user_agent` names Nightdesk and where to complain.  `verify` replaces the system's trust in
    certificates, `resolver` its name resolution: both for tests and for networks of their own.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        clock: Clock,
        ticks: Ticks,
        verify: ssl.SSLContext | None = None,
        resolver: Resolver = resolve,
        connections: int = 100,
    ) -> None:
        self._clock, self._ticks = clock, ticks
        self._user_agent = user_agent
        trust = verify or httpx.create_ssl_context(trust_env=False)
        self._strict = _client(
            trust, GuardedBackend(allow_private=False, resolver=resolver), connections
        )
        self._lenient = _client(
            trust, GuardedBackend(allow_private=True, resolver=resolver), connections
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._strict.aclose()
        await self._lenient.aclose()

    async def fetch(self, feed: Feed, validators: Validators) -> Fetched:
        """Fetch `feed` and return its answer; raise a PollError where there is none to use.

        The bounds: `feed.timeout` for the whole of it, redirects and the slowest drip included;
        `feed.max_bytes` for the body, unpacked as well as on the way; five redirects.
        """
        began = self._ticks()
        host = urlsplit(feed.url).hostname or feed.url
        async with _bounded(host, feed.timeout.total_seconds()):
            return await self._follow(feed, validators, began)

    async def get(
        self,
        url: str,
        *,
        accept: str,
        seconds: float,
        max_bytes: int,
        allow_private: bool = False,
    ) -> Fetched:
        """Ask for `url` once, a page or a robots.txt, and return its answer; raise a PollError for none.

        A redirect is not followed: the answer has no body and the one hop in `redirects`, so that the
        caller can mind the manners of the next host.
        """
        began = self._ticks()
        async with _bounded(_host_in(url), seconds):
            client = self._lenient if allow_private else self._strict
            response = await _ask(client, url, self._headers(Validators(), accept))
            try:
                location = response.headers.get("location")
                if response.status_code in _REDIRECTS and location:
                    goal = urljoin(url, location.strip())[:_LONGEST_URL]
                    hop = Redirect(response.status_code, goal)
                    return Fetched(response.status_code, url, None, redirects=(hop,))
                return await self._answer(max_bytes, Validators(), response, [], began)
            finally:
                await response.aclose()

    async def _follow(self, feed: Feed, validators: Validators, began: float) -> Fetched:
        url, redirects = feed.url, list[Redirect]()
        client = self._lenient if feed.allow_private else self._strict
        headers = self._headers(validators)
        while True:
            response = await _ask(client, url, headers)
            try:
                location = response.headers.get("location")
                if response.status_code not in _REDIRECTS or not location:
                    return await self._answer(
                        feed.max_bytes, validators, response, redirects, began
                    )
            finally:
                await response.aclose()
            url = urljoin(url, location.strip())[:_LONGEST_URL]
            redirects.append(Redirect(response.status_code, url))
            if len(redirects) > MOST_REDIRECTS:
                raise TooManyRedirects(urlsplit(feed.url).hostname or "", MOST_REDIRECTS)

    def _headers(self, validators: Validators, accept: str = _ACCEPT) -> list[tuple[bytes, bytes]]:
        headers = [
            (b"User-Agent", self._user_agent.encode("latin-1", "replace")),
            (b"Accept", accept.encode()),
            (b"Accept-Encoding", b"gzip, deflate, br, zstd"),
        ]
        if validators.etag is not None:
            headers.append((b"If-None-Match", validators.etag.encode("latin-1", "replace")))
        if validators.last_modified is not None:
            value = validators.last_modified.encode("latin-1", "replace")
            headers.append((b"If-Modified-Since", value))
        return headers

    async def _answer(
        self,
        max_bytes: int,
        validators: Validators,
        response: httpx.Response,
        redirects: list[Redirect],
        began: float,
    ) -> Fetched:
        status, host = response.status_code, response.url.host
        if status == 304 and not validators:
            raise HttpError(
                host,
                304,
                message=f"{host!r} says 'not modified' though it was not asked whether it was.",
                hint="the server's cache is broken; it is asked again by itself",
            )
        if status != 304 and not 200 <= status < 300:
            await self._refuse(response)
        body, wire = (None, 0) if status == 304 else await _read(response, max_bytes)
        return Fetched(
            status=status,
            url=str(response.url),
            body=body,
            headers={
                name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers
            },
            validators=_validators(response) if status != 304 else _refreshed(response, validators),
            body_hash=None if body is None else hashlib.sha256(body).hexdigest(),
            seconds=self._ticks() - began,
            wire_bytes=wire,
            redirects=tuple(redirects),
            conditional=bool(validators),
        )

    async def _refuse(self, response: httpx.Response) -> None:
        status, host = response.status_code, response.url.host
        if status == 410:
            raise Gone(host)
        if status in {403, 429, 503}:
            try:
                page, _ = await _read(response, _PAGE_TO_JUDGE)
            except (TooLarge, UnpackError, httpx.HTTPError):
                page = b""
            wall = wall_of(page, response.headers)
            if wall:
                raise BotWall(wall)
        if status in {429, 503}:
            wish = parse_retry_after(response.headers.get("retry-after"), self._clock.now())
            raise RateLimited(host, status, wish)
        raise HttpError(host, status)


def _client(trust: ssl.SSLContext, backend: GuardedBackend, connections: int) -> httpx.AsyncClient:
    """Build a client whose every connection goes through `backend`; environment proxies are ignored,
    since behind one the address could not be checked."""
    transport = httpx.AsyncHTTPTransport(verify=trust, http2=True, trust_env=False)
    transport._pool = httpcore.AsyncConnectionPool(
        ssl_context=trust,
        max_connections=connections,
        max_keepalive_connections=connections,
        keepalive_expiry=30.0,
        http1=True,
        http2=True,
        network_backend=backend,
    )
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=None,
        cookies=no_cookies,
    )


async def _ask(
    client: httpx.AsyncClient, url: str, headers: list[tuple[bytes, bytes]]
) -> httpx.Response:
    """Send a GET and return its answer, whose body is still to come.  Raises AddressRefused."""
    why = why_scheme_refused(url)
    if why:
        raise AddressRefused(
            repr(url[:200]),
            why,
            hint="declare the http:// or https:// URL of the feed itself",
        )
    return await client.send(client.build_request("GET", url, headers=headers), stream=True)


@asynccontextmanager
async def _bounded(host: str, seconds: float) -> AsyncIterator[None]:
    """Bound what happens inside in time, and name its faults: all that leaves it is a PollError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except PollError:
        raise
    except (TimeoutError, httpx.TimeoutException, httpcore.TimeoutException):
        raise FeedTimeout(host, seconds) from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnpackError) as error:
        raise _named(host, error) from error
    except (httpcore.ConnectError, httpcore.ProtocolError, OSError) as error:
        raise _named(host, error) from error
    except (ValueError, LookupError, RuntimeError) as error:
        raise ConnectionLost(host, f"the answer is not proper HTTP ({error})") from error


def _host_in(url: str) -> str:
    try:
        return urlsplit(url).hostname or url[:200]
    except ValueError:
        return url[:200]


async def _read(response: httpx.Response, max_bytes: int) -> tuple[bytes, int]:
    """Read and unpack at most `max_bytes`.  Raises TooLarge, UnpackError."""
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
    return bytes(body), wire


def _validators(response: httpx.Response) -> Validators:
    found: dict[bytes, str] = {}
    for name, value in response.headers.raw:
        if len(value) <= _LONGEST_VALIDATOR and value.strip():
            found.setdefault(name.lower(), value.decode("latin-1"))
    return Validators(etag=found.get(b"etag"), last_modified=found.get(b"last-modified"))


def _refreshed(response: httpx.Response, sent: Validators) -> Validators:
    """After a 304: what the server says now, else what it said before."""
    new = _validators(response)
    return Validators(new.etag or sent.etag, new.last_modified or sent.last_modified)


def _named(host: str, error: Exception) -> PollError:
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
        return AddressRefused(repr(host), f"it is not a URL ({error})")
    words = str(error).rstrip(".") or "it was cut"
    return ConnectionLost(host, words)
