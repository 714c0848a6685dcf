"""A loopback HTTP server whose manners a test sets, route by route: polite, slow, lying, hostile.

Real sockets, one thread a connection.  A route is a `Reply`, or a function from the `Asked` request to
a `Reply`; what was asked is kept in `server.asked`.  Bytes go out exactly as set, so that wrong lengths,
cut connections and half-finished compression can be told apart.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Asked:
    """One request: `headers` in small letters; `raw` is its head as it came, `body` what followed."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What a route answers.

    `length` overrides Content-Length (None leaves it out and ends by closing).  `drip` sends one byte
    each so many seconds.  `cut_after` closes after so many bytes of body.  `endless` repeats the body
    until the client goes.  `raw` replaces everything, status line included.
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str | None = "application/rss+xml; charset=utf-8"
    length: int | None = -1
    drip: float = 0.0
    cut_after: int | None = None
    endless: bool = False
    raw: bytes | None = None


Route = Reply | Callable[[Asked], Reply]


@dataclass
class FeedServer:
    """Serves on 127.0.0.1, on a free port.  Use as a context manager."""

    routes: dict[str, Route] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._accepting.join(timeout=5)

    def url(self, path: str = "/feed", host: str = "127.0.0.1") -> str:
        """Return the URL of a route."""
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                for asked in _requests(connection):
                    self.asked.append(asked)
                    if not self._answer(connection, asked):
                        return
        except (OSError, ValueError):
            pass
        finally:
            self._open.discard(connection)

    def _answer(self, connection: socket.socket, asked: Asked) -> bool:
        """Answer one request; tell whether the connection may go on."""
        route = self.routes.get(asked.path.split("?")[0], Reply(b"", 404, content_type=None))
        reply = route(asked) if callable(route) else route
        if reply.raw is not None:
            connection.sendall(reply.raw)
            return False
        connection.sendall(_head(reply))
        if reply.endless:
            while not self._stopping.is_set():
                connection.sendall(reply.body)
        body = reply.body if reply.cut_after is None else reply.body[: reply.cut_after]
        if reply.drip:
            for at in range(len(body)):
                if self._stopping.wait(reply.drip):
                    return False
                connection.sendall(body[at : at + 1])
        else:
            connection.sendall(body)
        return reply.length is not None and reply.cut_after is None


def _head(reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} Whatever"]
    if reply.content_type:
        lines.append(f"Content-Type: {reply.content_type}")
    if reply.length is not None and reply.status != 304:
        lines.append(f"Content-Length: {len(reply.body) if reply.length < 0 else reply.length}")
    if reply.length is None:
        lines.append("Connection: close")
    lines += [f"{name}: {value}" for name, value in reply.headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _requests(connection: socket.socket) -> Iterator[Asked]:
    """Yield the requests of one connection; bodies are of the length that is announced."""
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            data = connection.recv(65_536)
            if not data:
                return
            buffer += data
            if not buffer[:1].isalpha():
                raise ValueError("not HTTP: most likely a TLS greeting")
        raw, _, buffer = buffer.partition(b"\r\n\r\n")
        first, *rest = raw.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {}
        for line in rest:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        while len(buffer) < length:
            data = connection.recv(65_536)
            if not data:
                return
            buffer += data
        body, buffer = buffer[:length], buffer[length:]
        yield Asked(method, path, headers, raw, body)


def conditional(body: bytes, *, etag: str | None = None, last_modified: str | None = None) -> Route:
    """Return a route that answers 304 to whoever echoes its validators byte for byte."""
    validators = [("ETag", etag), ("Last-Modified", last_modified)]
    headers = tuple((name, value) for name, value in validators if value is not None)

    def route(asked: Asked) -> Reply:
        same_tag = etag is not None and asked.headers.get("if-none-match") == etag
        same_date = (
            last_modified is not None and asked.headers.get("if-modified-since") == last_modified
        )
        if same_tag or (etag is None and same_date):
            return Reply(status=304, headers=headers, content_type=None)
        return Reply(body, headers=headers)

    return route


def gzip_bomb(megabytes: int) -> Reply:
    """Return a small reply that unpacks to so many megabytes of nothing."""
    return Reply(gzip.compress(bytes(megabytes << 20)), headers=(("Content-Encoding", "gzip"),))


def rss(*items: tuple[str, str], title: str = "A feed", extra: str = "") -> bytes:
    """Return an RSS 2.0 document with one item for each (title, link)."""
    parts = [
        f"<item><title>{name}</title><link>{link}</link><guid>{link}</guid>"
        f"<description>{name}, as told at length.</description></item>"
        for name, link in items
    ]
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"{extra}{''.join(parts)}</channel></rss>"
    ).encode()
