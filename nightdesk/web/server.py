"""Serves an application inside the event loop that runs already, and leaves signals to their owner.

Comes in: an ASGI application, a host and a port (0 takes a free one).  Goes out: the address that it
really listens on.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from nightdesk.errors import ConfigurationError

_POLITELY, _FIRMLY = 0.5, 0.3
"""How long open requests may take to end at a stop, in seconds; then they are cut."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address as a browser takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


class WebServer:
    """One listening server.  `start` and `stop` once each, on the same event loop."""

    def __init__(self, app: ASGIApp, *, host: str, port: int) -> None:
        self._app, self._host, self._port = app, host, port
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> Address:
        """Listen; return where.  Raises ConfigurationError where the address cannot be had."""
        listening = await _listen(self._host, self._port)
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            http="h11",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=200,
            timeout_keep_alive=5,
        )
        self._server = server = _Server(config)
        self._serving = asyncio.create_task(server.serve(sockets=[listening]), name="web")
        while not server.started:
            if self._serving.done():
                listening.close()
                await self._serving
            await asyncio.sleep(0)
        host, port = listening.getsockname()[:2]
        return Address(host, port)

    async def stop(self) -> None:
        """End in under a second; open requests are cut if they take longer."""
        server, serving = self._server, self._serving
        if server is None or serving is None:
            return
        server.should_exit = True
        await asyncio.wait([serving], timeout=_POLITELY)
        if not serving.done():
            server.force_exit = True
            await asyncio.wait([serving], timeout=_FIRMLY)
        if not serving.done():
            serving.cancel()
        for task in list(server.server_state.tasks):
            task.cancel()
        for connection in list(server.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


def own_hosts(host: str) -> tuple[str, ...]:
    """Return the names under which a server bound to `host` may be called; empty for any.

    On a loopback address only loopback's own names: a page of the web may well have a name that
    resolves to 127.0.0.1.
    """
    names = ("localhost", "127.0.0.1", "::1")
    if host == "localhost":
        return names
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        return ()
    return tuple(dict.fromkeys((*names, host))) if loopback else ()


class _Server(uvicorn.Server):
    """Uvicorn's server without its signal handlers: the worker has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound and listens."""
    where = f"{host} port {port}"
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError):
        raise ConfigurationError(
            f"the web address {host!r} is not an address of this machine",
            hint="set NIGHTDESK_WEB_HOST to 127.0.0.1, or to an address that this machine has",
        ) from None
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setblocking(False)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"cannot listen on {where}: {error.strerror}", hint=_hint(error)
        ) from None
    return listening


def _hint(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            "another program, perhaps another Nightdesk, listens there: stop it, or set "
            "NIGHTDESK_WEB_PORT to another port (0 takes a free one)"
        )
    if error.errno == errno.EACCES:
        return "ports below 1024 need privileges: set NIGHTDESK_WEB_PORT to a higher one"
    return "set NIGHTDESK_WEB_HOST to 127.0.0.1, or to an address that this machine has"
