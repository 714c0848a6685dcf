"""The way to the network: resolve, check every address, connect to the one that was checked.

Handed to httpcore as its network backend, so that the check stands between DNS and the socket: a name
that resolves differently a moment later (rebinding) or a redirect into our own network changes
nothing.  Comes in: host and port.  Goes out: a connected stream, or a named error of a poll.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpcore

from nightdesk.feeds.addresses import IpAddress, why_never, why_refused
from nightdesk.feeds.errors import (
    NO_URL_HINT,
    AddressRefused,
    ConnectionLost,
    DnsError,
    NeverFetched,
)

Resolver = Callable[[str, int], Awaitable[Sequence[IpAddress]]]
"""Takes host and port, returns addresses in order of preference; raises OSError where none exists."""

_MOST_TRIED = 4
_SLOWEST_DNS = 10.0


async def resolve(host: str, port: int) -> Sequence[IpAddress]:
    """Resolve by the machine's own resolver, each address once, in its order of preference."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(item[4][0])) for item in found))


def why_literal_refused(url: str, *, allow_private: bool = False) -> str | None:
    """Return in words why the address that is written out in `url` is refused; None for names and for what
    is public, or allowed.
    """
    why = why_never if allow_private else why_refused
    try:
        return why(ip_address(urlsplit(url).hostname or ""))
    except ValueError:
        return None


async def permitted_addresses(
    host: str, port: int, *, allow_private: bool, resolver: Resolver = resolve
) -> list[IpAddress]:
    """Resolve `host`; return its addresses, only the public ones unless `allow_private`, and never those of
    cloud metadata and the like.

    Raises DnsError, or AddressRefused where none is left; NeverFetched where none would be left to anybody.
    """
    try:
        async with asyncio.timeout(_SLOWEST_DNS):
            addresses = list(await resolver(host, port))
    except TimeoutError:
        raise DnsError(host, f"no answer within {_SLOWEST_DNS:g} s") from None
    except (OSError, UnicodeError, ValueError) as error:
        raise DnsError(host, getattr(error, "strerror", None) or str(error)) from error
    if not addresses:
        raise DnsError(host, "no address is known")
    why = why_never if allow_private else why_refused
    reasons = {address: why(address) for address in addresses}
    permitted = [address for address, reason in reasons.items() if reason is None]
    if not permitted:
        never = all(why_never(address) for address in addresses)
        refusal = NeverFetched if never else AddressRefused
        address, reason = next(iter(reasons.items()))
        raise refusal(f"{host!r} ({address})", reason or "")
    return permitted


class _Watched(httpcore.AsyncNetworkStream):
    """A stream that remembers its socket.

    httpcore asks each idle connection, at each request, whether the other side has closed it; anyio looks up
    names and addresses of the socket for each such question.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream, sock: socket.socket | None) -> None:
        self._stream, self._socket = stream, sock

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Read as the stream does."""
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Write as the stream does."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the stream."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """Speak TLS over the same socket."""
        inner = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return _Watched(inner, self._socket)

    def get_extra_info(self, info: str) -> Any:
        """Tell as the stream does; whether there is something to read, of the socket itself."""
        if info == "is_readable" and self._socket is not None:
            return _is_readable(self._socket)
        return self._stream.get_extra_info(info)


def _is_readable(sock: socket.socket) -> bool:
    number = sock.fileno()
    if number < 0:
        return True
    looking = select.poll()
    looking.register(number, select.POLLIN)
    return bool(looking.poll(0))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only, or to private ones too where `allow_private` is set: a feed at home
    may be redirected by whoever writes it, and never to a cloud's metadata.

    Addresses of one host that are not public are left out; where none is left the host is refused.
    """

    def __init__(self, *, allow_private: bool, resolver: Resolver = resolve) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check and connect.

        Raises DnsError, AddressRefused, ConnectionLost, or httpcore's own ConnectTimeout.
        """
        addresses = await permitted_addresses(
            host, port, allow_private=self._allow_private, resolver=self._resolver
        )
        last: Exception | None = None
        for address in addresses[:_MOST_TRIED]:
            try:
                stream = await self._inner.connect_tcp(
                    str(address),
                    port,
                    timeout=timeout,
                    local_address=local_address,
                    socket_options=socket_options,
                )
                return _Watched(stream, stream.get_extra_info("socket"))
            except httpcore.ConnectError as error:
                last = error
        said = str(last or "")
        # What anyio says of one address and of several alike, and means that nobody took the call.
        refused = not said or said == "All connection attempts failed"
        raise ConnectionLost(host, "nothing answers there" if refused else said) from last

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: no feed lives behind a local socket."""
        raise AddressRefused(path, "it is a local socket", hint=NO_URL_HINT)

    async def sleep(self, seconds: float) -> None:
        """Wait, for httpcore's own retries (which are off)."""
        await asyncio.sleep(seconds)
