"""A webhook receiver on loopback: checks each signature, keeps each delivery, answers 204.

In comes a secret; out come the posts received, in order, each with whether its signature held.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from nightdesk.clock import Clock
from nightdesk.delivery import signature

_LARGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class Post:
    """One post: the delivery's id, the alert and its sequence, and whether the signature held."""

    delivery: str
    alert: str
    sequence: int
    signed: bool


class WebhookReceiver:
    """The receiver, as a context: listens from entry to exit."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self.posts: list[Post] = []
        self._secret = secret.encode()
        self._clock = clock
        self._lock = threading.Lock()
        self._http = _HttpServer(self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name="demo-receiver", daemon=True
        )

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/alerts"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def receive(self, body: bytes, header: str) -> bool:
        """Keep a post.  Returns False, and keeps it as unsigned, where its signature does not hold."""
        signed = signature.verify(self._secret, body, header, self._clock.now())
        try:
            document = json.loads(body)["data"]
            delivery, alert = document["delivery"], document["alert"]
            post = Post(delivery["id"], alert["id"], alert["sequence"], signed)
        except (ValueError, TypeError, KeyError):
            post = Post("", "", 0, False)
        with self._lock:
            self.posts.append(post)
        return post.signed


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: WebhookReceiver) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client that hangs up is no fault of the receiver."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    server: _HttpServer

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length", "")
        status = HTTPStatus.LENGTH_REQUIRED
        if size.isdigit() and int(size) <= _LARGEST:
            body = self.rfile.read(int(size))
            header = self.headers.get(signature.HEADER, "")
            held = self.server.owner.receive(body, header)
            status = HTTPStatus.NO_CONTENT if held else HTTPStatus.FORBIDDEN
        self.send_response(status)
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the screen belongs to the demo."""
