"""HTTP clients: each connection goes through the guard, or through a proxy that a feed declares.

Proxies of the environment are ignored, cookies of servers forgotten, redirects left to the caller.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from nightdesk.feeds.access import without_login
from nightdesk.feeds.addresses import why_scheme_refused
from nightdesk.feeds.errors import NO_URL_HINT, AddressRefused
from nightdesk.feeds.network import GuardedBackend

_KEPT_OPEN = 30.0
"""Seconds that an idle connection stays open."""


def guarded_client(
    trust: ssl.SSLContext, backend: GuardedBackend, connections: int
) -> httpx.AsyncClient:
    """Return a client all of whose connections are made by `backend`."""
    transport = httpx.AsyncHTTPTransport(verify=trust, http2=True, trust_env=False)
    transport._pool = httpcore.AsyncConnectionPool(
        ssl_context=trust,
        max_connections=connections,
        max_keepalive_connections=connections,
        keepalive_expiry=_KEPT_OPEN,
        http1=True,
        http2=True,
        network_backend=backend,
    )
    return _client(transport)


def proxied_client(trust: ssl.SSLContext, proxy: str, connections: int) -> httpx.AsyncClient:
    """Return a client that goes through `proxy`, an http or https URL.  Raises ValueError for any other.

    What the proxy connects to is its own affair: no address can be checked on this side of it.
    """
    transport = httpx.AsyncHTTPTransport(
        verify=trust,
        http2=True,
        trust_env=False,
        proxy=httpx.Proxy(proxy, ssl_context=trust if proxy.startswith("https:") else None),
        limits=httpx.Limits(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_KEPT_OPEN,
        ),
    )
    return _client(transport)


async def ask(
    client: httpx.AsyncClient,
    url: str,
    headers: list[tuple[bytes, bytes]],
    form: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Send a GET, or a POST of `form`, and return its answer, whose body is still to come.

    A login in `url` is not sent: whoever links somewhere must not log us in there.  Raises AddressRefused.
    """
    url = without_login(url)
    why = why_scheme_refused(url)
    if why:
        raise AddressRefused(
            repr(url[:200]),
            why,
            hint=NO_URL_HINT,
        )
    request = client.build_request(
        "GET" if form is None else "POST", url, headers=headers, data=form
    )
    return await client.send(request, stream=True)


def _client(transport: httpx.AsyncHTTPTransport) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=None,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
