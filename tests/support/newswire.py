"""A small publisher on loopback for tests of the whole service: a JSON Feed that grows on demand.

Every seventh report fits the storyline `lantern`; the others do not.  Reports are dated one hour apart,
so that each development (gap: 30 minutes) holds one report, and each fitting report makes one alert.
"""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from nightdesk.delivery.signature import verify

SECRET_NAME, SECRET = "LANTERN_SECRET", "a lamp in the window"
_START = datetime(2026, 2, 1, tzinfo=UTC)
FITS_EVERY = 7


class Newswire:
    """Serves `/feed.json` with all reports published so far; use it as a context manager."""

    def __init__(self) -> None:
        self._items: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self.polls = 0
        self.posted: list[str] = []
        self.told: list[tuple[str, int]] = []
        """What an idempotent receiver was told of: changes of alerts, in order."""
        self.forged = 0
        wire = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = wire._body()
                self.send_response(200)
                self.send_header("Content-Type", "application/feed+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                wire._take(dict(self.headers), body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The feed's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/feed.json"

    @property
    def webhook(self) -> str:
        """Where it takes deliveries: `posted` holds their ids in order, `forged` counts bad signatures."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    @property
    def published(self) -> int:
        """How many reports the feed holds."""
        with self._lock:
            return len(self._items)

    def publish(self, count: int) -> None:
        """Add `count` reports."""
        with self._lock:
            first = len(self._items)
            self._items.extend(_item(number) for number in range(first, first + count))

    def fitting(self, first: int = 0) -> int:
        """How many of the reports from number `first` on fit the storyline."""
        return sum(number % FITS_EVERY == 0 for number in range(first, self.published))

    def _body(self) -> bytes:
        with self._lock:
            self.polls += 1
            feed = {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "The Lantern Wire",
                "items": list(reversed(self._items)),
            }
        return json.dumps(feed).encode()

    def _take(self, headers: dict[str, str], body: bytes) -> None:
        given = headers.get("Nightdesk-Signature", "")
        with self._lock:
            if not verify(SECRET.encode(), body, given, datetime.now(UTC)):
                self.forged += 1
            delivery = headers["Nightdesk-Delivery"]
            if delivery not in self.posted:
                told = json.loads(body)["data"]["alerts"]
                self.told += [(alert["id"], alert["sequence"]) for alert in told]
            self.posted.append(delivery)

    def write_bundle(self, path: Path, **wishes: Any) -> Path:
        """Write a bundle that follows this wire and tells its own webhook, as its subscription `wishes`."""
        receivers: list[dict[str, Any]] = [
            {"channel": "atom"},
            {
                "channel": "webhook",
                "url": self.webhook,
                "secret_env": SECRET_NAME,
                "allow_private": True,
            },
        ]
        bundle = {
            "schema_version": 1,
            "feeds": [
                {
                    "id": "lantern-wire",
                    "url": self.url,
                    "source": "The Lantern Wire",
                    "interval": "1s",
                    "allow_private": True,
                }
            ],
            "storylines": [
                {
                    "id": "lantern",
                    "title": "Lantern tax of Quillhaven",
                    "entities": [
                        {"name": "Quillhaven", "any_of": ["Quillhaven"]},
                        {"name": "Ottoline Brask", "any_of": ["Ottoline Brask", "Brask"]},
                    ],
                    "cues": {"supporting": ["lantern tax", "tax on lanterns"]},
                    "exemplars": [
                        {
                            "title": "Quillhaven council votes for the lantern tax",
                            "text": "Mayor Ottoline Brask of Quillhaven won her vote on the lantern tax.",
                        }
                    ],
                    "development_gap": "30m",
                    "sensitivity": "wide",
                }
            ],
            "subscriptions": [
                {"id": "desk", "storylines": ["lantern"], "receivers": receivers, **wishes},
            ],
        }
        path.write_text(json.dumps(bundle), encoding="utf-8")
        return path


def _item(number: int) -> dict[str, Any]:
    fits = number % FITS_EVERY == 0
    if fits:
        title = f"Quillhaven presses on with lantern tax, round {number}"
        text = (
            f"Mayor Ottoline Brask told Quillhaven's council in session {number} that the lantern tax "
            f"stays. Ward {number * 13 % 97} spoke against the tax on lanterns, ward "
            f"{number * 31 % 89} for it."
        )
    else:
        title = f"Orchard notes {number}: pears, page {number * 17 % 101}"
        text = (
            f"The pear harvest of orchard {number} came in at {number * 7 % 61} crates. Growers blame "
            f"frost {number % 11} and praise bees {number % 13}."
        )
    return {
        "id": f"lantern-wire-{number}",
        "title": title,
        "content_text": text,
        "date_published": (_START + timedelta(hours=number)).isoformat(),
    }
