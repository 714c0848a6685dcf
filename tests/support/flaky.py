"""A webhook receiver that is well, slow or a liar by chance, and keeps a log of its own.

Idempotent, as docs/webhooks.md asks: what it knows it takes again without a word.  It runs in threads, so
that it stands beside workers that come and go.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

MOODS = ("well", "error", "hang", "reset", "stores_then_resets")


class FlakyReceiver:
    """`taken` maps ids of deliveries to the alert told, `said` counts each id's answers by mood."""

    def __init__(self, seed: int, *, well: float) -> None:
        self.taken: dict[str, str] = {}
        self.said: dict[str, Counter[str]] = {}
        self.posts = 0
        self.well = well
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._ending = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._take(self, json.loads(body))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A client that was killed is no fault of ours."""

        self._server = Server(("127.0.0.1", 0), Handler)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def _take(self, handler: BaseHTTPRequestHandler, event: Any) -> None:
        id_ = event["id"]
        with self._lock:
            self.posts += 1
            chance = self._chance.random()
            rest = (chance - self.well) / (1 - self.well) if chance >= self.well else 0.0
            mood = "well" if chance < self.well else MOODS[1 + int(rest * (len(MOODS) - 1))]
            self.said.setdefault(id_, Counter())[mood] += 1
            if mood in {"well", "stores_then_resets"}:
                self.taken[id_] = event["subject"]
        if mood == "hang":
            self._ending.wait(3)
        if mood in {"hang", "reset", "stores_then_resets"}:
            handler.close_connection = True
            handler.connection.close()
            return
        handler.send_response(204 if mood == "well" else 500)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
