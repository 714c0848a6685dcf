"""Posting to a web address that may be slow, lie, flood or redirect.

Comes in: an address, headers, a body.  Goes out: nothing where the answer was a whole 2xx, else a named
failure.  So this speaks through httpcore, the layer below httpx that follows no redirect, keeps no cookie,
unpacks nothing and reads no environment; one time limit holds over everything, and of an answer only the
first bytes are read.  Private addresses are refused when a connection is made, unless they are allowed by
name.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache

import httpcore
import httpx

from nightdesk import __version__
from nightdesk.clock import Clock
from nightdesk.delivery.errors import (
    ReceiverBusy,
    ReceiverRefused,
    ReceiverTimedOut,
    ReceiverUnreachable,
)
from nightdesk.delivery.reach import refused
from nightdesk.delivery.retry import parse_retry_after
from nightdesk.delivery.wording import one_line
from nightdesk.errors import DeliveryError
from nightdesk.feeds.errors import AddressRefused, PollError
from nightdesk.feeds.network import GuardedBackend, Resolver, resolve

MAX_ANSWER_BYTES = 65_536
"""Read of an answer at most; what is beyond is left unread and the connection closed."""

FINAL = frozenset({400, 402, 405, 406, 410, 411, 413, 414, 415, 422, 431, 451, 501, 505})
"""Answers that judge this message, or the address for good.  All others may pass: 401, 403 and 404 are what
a receiver says while somebody mends or redeploys it, and an alert is not to die of that."""

PASSING = frozenset({302, 303, 307})
"""Redirects that are not for good: as a login or a maintenance page stands in the way, for a while."""

_MOST_POOLS = 256
_Origin = tuple[bool, bytes, bytes, int | None]
_Headers = dict[bytes | str, bytes | str]


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post, and how patiently.  Messages call it by its `name`: a URL often
    holds a token."""

    name: str
    url: str
    timeout: timedelta
    allow_private: bool


class Poster:
    """Posts, over pools of connections that it keeps."""

    def __init__(self, *, clock: Clock, resolver: Resolver = resolve) -> None:
        self._clock = clock
        self._resolver = resolver
        # One pool for each address: httpcore looks at all connections of a pool for each request, and
        # those of a slow receiver would delay the others.  How many are open at once the dispatcher
        # bounds.
        self._pools: OrderedDict[_Origin, httpcore.AsyncConnectionPool] = OrderedDict()

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return httpx.create_ssl_context(trust_env=False)

    async def close(self) -> None:
        """Close all connections."""
        pools, self._pools = self._pools, OrderedDict()
        for pool in pools.values():
            await pool.aclose()

    async def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> None:
        """Post once; return where the answer was a whole 2xx.  Raises the errors of delivery."""
        url, login = _address(target.name, target.url)
        sent: _Headers = {"User-Agent": f"Nightdesk/{__version__}", "Accept": "*/*"}
        sent |= login
        sent.update(headers)
        host = url.host.decode("ascii", "replace")
        seconds = target.timeout.total_seconds()
        pool = await self._pool(url, target.allow_private)
        try:
            async with (
                asyncio.timeout(seconds),
                pool.stream("POST", url, headers=sent, content=body) as answer,
            ):
                said = await _read(answer)
        except TimeoutError as error:
            raise ReceiverTimedOut(
                f"{host} gave no whole answer within {seconds:g} s",
                hint="the receiver should store the delivery and answer at once, then work on it",
            ) from error
        except (PollError, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise explain(error, host) from error
        self._judge(answer, said, host)

    async def _pool(self, url: httpcore.URL, private: bool) -> httpcore.AsyncConnectionPool:
        """Return the address's own pool; close the idle ones that were not used for longest."""
        origin = (private, url.scheme, url.host, url.port)
        pool = self._pools.get(origin)
        if pool is None:
            backend = GuardedBackend(allow_private=private, resolver=self._resolver)
            pool = self._pools[origin] = httpcore.AsyncConnectionPool(
                ssl_context=self._trust,
                max_connections=None,
                max_keepalive_connections=8,
                keepalive_expiry=30.0,
                network_backend=backend,
            )
        self._pools.move_to_end(origin)
        stale_pools: list[httpcore.AsyncConnectionPool] = []
        for stale in list(self._pools)[: max(0, len(self._pools) - _MOST_POOLS)]:
            if all(connection.is_idle() for connection in self._pools[stale].connections):
                stale_pools.append(self._pools.pop(stale))
        for unused in stale_pools:
            await unused.aclose()
        return pool

    def _judge(self, answer: httpcore.Response, said: str, host: str) -> None:
        status = answer.status
        if 200 <= status < 300:
            return
        message = f"{host} answered {status}" + (f": {said}" if said else "")
        hint = "Nightdesk tries again by itself; see the receiver's log if it goes on"
        is_final = status in FINAL
        if is_final:
            hint = "see the receiver's log for why it refuses"
        elif 300 <= status < 400:
            is_final = status not in PASSING
            message = f"{host} answered {status}, a redirect, which is not followed"
            hint = "give the receiver's final address as its `url`"
        if is_final:
            raise ReceiverRefused(message, hint=hint)
        asked = _header(answer, b"retry-after")
        raise ReceiverBusy(
            message, hint=hint, retry_after=parse_retry_after(asked, self._clock.now())
        )


@lru_cache(maxsize=1_000)
def _address(name: str, where: str) -> tuple[httpcore.URL, _Headers]:
    """Return where to post, and the credentials that the URL holds as a header."""
    try:
        url = httpx.URL(where)
        address = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
    except (httpx.InvalidURL, ValueError) as error:
        raise ReceiverRefused(
            f"the address of receiver {name} is not one that can be called",
            hint="correct the receiver's `url`",
        ) from error
    if not url.userinfo:
        return address, {}
    login = f"{url.username}:{url.password}".encode()
    return address, {"Authorization": f"Basic {base64.b64encode(login).decode()}"}


def _header(answer: httpcore.Response, name: bytes) -> str | None:
    for key, value in answer.headers:
        if key.lower() == name:
            return value.decode("latin-1")
    return None


async def _read(answer: httpcore.Response) -> str:
    """Read the answer to its end, or to the bound; return its beginning as one line.

    The end matters: a receiver that says 200 and then breaks off may have died before it stored
    anything, so that is no delivery.
    """
    start, size = b"", 0
    async for chunk in answer.aiter_stream():
        start += chunk[: 600 - len(start)] if len(start) < 600 else b""
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            break
    return one_line(start.decode("utf-8", "replace"), 200)


def explain(error: Exception, host: str) -> DeliveryError:
    """Return what a failure on the way to `host` means for a delivery."""
    if isinstance(error, AddressRefused):
        return refused(error, host)
    if isinstance(error, PollError | httpcore.ConnectError):
        said = error.message if isinstance(error, PollError) else str(error)
        return ReceiverUnreachable(
            f"cannot connect to {host}: {one_line(said, 200)}",
            hint="check that the receiver runs, its name, port and certificate",
        )
    return ReceiverUnreachable(
        f"{host} broke off before its answer was whole ({type(error).__name__})",
        hint="see the receiver's log; the delivery may have arrived, and is sent again under its id",
    )
