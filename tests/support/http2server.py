"""A loopback server that speaks HTTP/2 over TLS, well or badly: it answers each request as a test says.

Real sockets, one thread a connection; frames by hyper-h2.  Requests are kept in `asked`, by path.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import h2.config
import h2.connection
import h2.events
import h2.exceptions
from h2.errors import ErrorCodes

Answer = Callable[[h2.connection.H2Connection, int, Callable[[], None]], None]
"""Takes the connection, the number of the stream, and what sends the frames made so far."""

_FRAME = 16_384
HEADERS = [(":status", "200"), ("content-type", "application/rss+xml"), ("etag", '"2"')]


def whole(body: bytes) -> Answer:
    """Answer as one should."""

    def answer(conn: h2.connection.H2Connection, stream: int, send: Callable[[], None]) -> None:
        conn.send_headers(stream, HEADERS)
        for at in range(0, len(body), _FRAME):
            conn.send_data(stream, body[at : at + _FRAME], end_stream=at + _FRAME >= len(body))
        send()

    return answer


def reset(body: bytes) -> Answer:
    """Send half of the body, then reset the stream."""

    def answer(conn: h2.connection.H2Connection, stream: int, send: Callable[[], None]) -> None:
        conn.send_headers(stream, HEADERS)
        conn.send_data(stream, body[: len(body) // 2])
        send()
        conn.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
        send()

    return answer


def refuse(conn: h2.connection.H2Connection, stream: int, send: Callable[[], None]) -> None:
    """Refuse the stream before anything is said."""
    conn.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
    send()


def go_away(conn: h2.connection.H2Connection, stream: int, send: Callable[[], None]) -> None:
    """Close the whole connection in mid-answer."""
    conn.send_headers(stream, HEADERS)
    conn.send_data(stream, b"<rss")
    conn.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
    send()


class Http2Server:
    """Serves on 127.0.0.1, on a free port.  Use as a context manager."""

    def __init__(self, context: ssl.SSLContext, answer: Answer) -> None:
        context.set_alpn_protocols(["h2"])
        self._context = context
        self.answer = answer
        self.asked: list[dict[str, str]] = []
        self.connections = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def url(self, path: str = "/feed") -> str:
        """Return the address of `path`."""
        return f"https://127.0.0.1:{self.port}{path}"

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        # Who has said goodbye may still be spoken to.
        with contextlib.suppress(OSError, h2.exceptions.ProtocolError), plain:
            plain.settimeout(20)
            with self._context.wrap_socket(plain, server_side=True) as secure:
                self._converse(secure)

    def _converse(self, secure: ssl.SSLSocket) -> None:
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        conn = h2.connection.H2Connection(config)

        def send() -> None:
            secure.sendall(conn.data_to_send())

        conn.initiate_connection()
        send()
        while data := secure.recv(65_536):
            for event in conn.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    self.asked.append({str(k): str(v) for k, v in event.headers or ()})
                    self.answer(conn, event.stream_id or 0, send)
            send()
