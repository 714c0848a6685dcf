"""Fetching one feed: conditional, bounded in time, bytes and redirects, and never where it must not go.

Comes in: a feed and the validators of its last good answer.  Goes out: a `Fetched`, or one error of
`nightdesk.feeds.errors` that says in plain words what went wrong.  This is the only room here that
speaks HTTP; it reads the clock that it was given (Retry-After dates are relative to it).
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from nightdesk.clock import Clock, Ticks
from nightdesk.errors import ConfigurationError
from nightdesk.feeds.access import (
    Access,
    SecretReader,
    access_to,
    same_origin,
    without_login,
)
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.answers import (
    bounded,
    host_in,
    read_body,
    refreshed,
    refuse,
    validators_of,
)
from nightdesk.feeds.clients import ask, guarded_client, proxied_client
from nightdesk.feeds.errors import (
    AccessMissing,
    AddressRefused,
    HttpError,
    NeverFetched,
    TooManyRedirects,
)
from nightdesk.feeds.fetched import Fetched, Redirect, Validators
from nightdesk.feeds.network import (
    GuardedBackend,
    Resolver,
    resolve,
    why_literal_refused,
)
from schemas.feed import Feed
from schemas.secret import Secret

MOST_REDIRECTS = 5
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
_SAME_AGAIN = frozenset({307, 308})


Onward = Callable[[str], Awaitable[None]]
"""Takes the host that a redirect leads to, and returns once it may be asked."""


async def _at_once(_host: str) -> None:
    """Have redirects followed at once: for who asks once, and by hand."""


def _no_secrets(secret: Secret) -> str:
    raise ConfigurationError(
        f"nothing reads the secret {secret.env or secret.file} here",
        hint="it is read by `nightdesk run`; try the feed by its id",
    )


class Fetcher:
    """Holds the connections.  Use it as an async context manager, or call `aclose`.

    `user_agent` names Nightdesk and where to complain.  `verify` replaces the system's trust in
    certificates, `resolver` its name resolution: both for tests and for networks of their own.  `secrets`
    reads what feeds with an `access` of their own name.
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
        secrets: SecretReader = _no_secrets,
    ) -> None:
        self._clock, self._ticks = clock, ticks
        self._user_agent = user_agent
        self._secrets = secrets
        self._connections = connections
        self._trust = trust = verify or httpx.create_ssl_context(trust_env=False)
        self._strict = guarded_client(
            trust, GuardedBackend(allow_private=False, resolver=resolver), connections
        )
        self._lenient = guarded_client(
            trust, GuardedBackend(allow_private=True, resolver=resolver), connections
        )
        self._proxied: dict[str, httpx.AsyncClient] = {}

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
        for client in self._proxied.values():
            await client.aclose()

    async def fetch(
        self, feed: Feed, validators: Validators, *, at: str = "", onward: Onward = _at_once
    ) -> Fetched:
        """Fetch `feed` and return its answer; raise a PollError where there is none to use.

        `at` is where it is fetched where it has moved from its own URL.  Its secrets do not move along.  A
        login in its URL is sent as one in its `access` is, and is in no address from here on.
        `onward` is told the host that a redirect leads to before it is asked, and may wait; what it raises
        ends the fetch.  The bounds: `feed.timeout` for all requests, redirects and the slowest drip included,
        but no such wait; `feed.max_bytes` for the body, unpacked as well as on the way; five redirects.
        """
        return await self._follow(feed, without_login(at or feed.url), validators, onward)

    async def get(
        self,
        url: str,
        *,
        accept: str,
        seconds: float,
        max_bytes: int,
        allow_private: bool = False,
        form: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Ask for `url` once, a page or a robots.txt, and return its answer; raise a PollError for none.

        A `form` is posted there instead.  A redirect is not followed: the answer has no body and the one hop
        in `redirects`, so that the caller can mind the manners of the next host.
        """
        began = self._ticks()
        async with bounded(host_in(url), seconds):
            client = self._lenient if allow_private else self._strict
            response = await ask(client, url, self._headers(Validators(), accept), form)
            try:
                location = response.headers.get("location")
                if response.status_code in _REDIRECTS and location:
                    goal = urljoin(url, location.strip())[:_LONGEST_URL]
                    hop = Redirect(response.status_code, goal)
                    return Fetched(response.status_code, url, None, redirects=(hop,))
                return await self._answer(max_bytes, Validators(), response, [], began)
            finally:
                await response.aclose()

    async def post(
        self,
        url: str,
        form: Mapping[str, str],
        *,
        seconds: float,
        private_host: str = "",
        onward: Onward = _at_once,
    ) -> int:
        """Post `form` to `url` and return the status, which means yes; raise a PollError for any other.

        Redirects are followed where they keep the form (307, 308), and never from https to http; `onward` is
        as for `fetch`.  Addresses that are not public are refused, save at `private_host` (host and port).
        """
        time = _Time(self._ticks, seconds)
        for _ in range(MOST_REDIRECTS + 1):
            async with time.of(url):
                private = bool(private_host) and host_of(url) == private_host
                client = self._lenient if private else self._strict
                response = await ask(client, url, self._headers(Validators(), "*/*"), form)
                try:
                    location = response.headers.get("location")
                    if response.status_code not in _SAME_AGAIN or not location:
                        if not 200 <= response.status_code < 300:
                            await refuse(response, self._clock.now())
                        return response.status_code
                finally:
                    await response.aclose()
                goal = urljoin(url, location.strip())[:_LONGEST_URL]
                if url.startswith("https:") and not goal.startswith("https:"):
                    raise AddressRefused(
                        repr(goal[:200]),
                        "it would give up a secure connection",
                        hint="tell the publisher of the redirect",
                    )
                url = goal
            await onward(host_of(url))
        raise TooManyRedirects(host_in(url), MOST_REDIRECTS, response.status_code)

    async def _follow(
        self, feed: Feed, url: str, validators: Validators, onward: Onward
    ) -> Fetched:
        first, redirects = url, list[Redirect]()
        access = self._access(feed)
        client = self._client(feed, access)
        given = {name.lower() for name, _ in access.headers + access.secrets}
        headers = [one for one in self._headers(validators) if one[0].lower() not in given]
        headers += access.headers
        time = _Time(self._ticks, feed.timeout.total_seconds())
        while True:
            async with time.of(url):
                if access.proxy is not None:
                    _check_literal(url, feed.allow_private)
                own = list(access.secrets) if same_origin(url, feed.url) else []
                response = await ask(client, url, headers + own)
                try:
                    location = response.headers.get("location")
                    if response.status_code not in _REDIRECTS or not location:
                        return await self._answer(
                            feed.max_bytes, validators, response, redirects, time.began
                        )
                finally:
                    await response.aclose()
                url = urljoin(url, location.strip())[:_LONGEST_URL]
            redirects.append(Redirect(response.status_code, url))
            if len(redirects) > MOST_REDIRECTS:
                raise TooManyRedirects(host_in(first), MOST_REDIRECTS, response.status_code)
            await onward(host_of(url))

    def _access(self, feed: Feed) -> Access:
        """Raises AccessMissing."""
        try:
            return access_to(feed, self._secrets)
        except ConfigurationError as error:
            raise AccessMissing(error.message, hint=error.hint) from None

    def _client(self, feed: Feed, access: Access) -> httpx.AsyncClient:
        if access.proxy is None:
            return self._lenient if feed.allow_private else self._strict
        if access.proxy not in self._proxied:
            try:
                made = proxied_client(self._trust, access.proxy, self._connections)
            except ValueError:
                raise AccessMissing("`proxy` is no URL of a proxy") from None
            self._proxied[access.proxy] = made
        return self._proxied[access.proxy]

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
            await refuse(response, self._clock.now())
        body, wire = (None, 0) if status == 304 else await read_body(response, max_bytes)
        return Fetched(
            status=status,
            url=str(response.url),
            body=body,
            headers={
                name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers
            },
            validators=validators_of(response)
            if status != 304
            else refreshed(response, validators),
            body_hash=None if body is None else hashlib.sha256(body).hexdigest(),
            seconds=self._ticks() - began,
            wire_bytes=wire,
            redirects=tuple(redirects),
            conditional=bool(validators),
        )


class _Time:
    """The time that several requests may take together; what lies between them does not count."""

    def __init__(self, ticks: Ticks, seconds: float) -> None:
        self._ticks, self._seconds, self._spent = ticks, seconds, 0.0
        self.began = ticks()
        """When they began, as if nothing lay between them."""

    @asynccontextmanager
    async def of(self, url: str) -> AsyncIterator[None]:
        """Bound a request to `url` by what is left."""
        began = self._ticks()
        self.began = began - self._spent
        try:
            async with bounded(
                host_in(url), max(0.0, self._seconds - self._spent), told=self._seconds
            ):
                yield
        finally:
            self._spent += self._ticks() - began


def _check_literal(url: str, allow_private: bool) -> None:
    """Refuse an address that is written out and not public.  Behind a proxy no name can be looked up here."""
    why = why_literal_refused(url, allow_private=allow_private)
    if why:
        never = why_literal_refused(url, allow_private=True) is not None
        raise (NeverFetched if never else AddressRefused)(repr(host_in(url)), why)
