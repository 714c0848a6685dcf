"""The outlets' HTTP servers, on free ports of 127.0.0.1: some kind, some slow, one that says 429.

In come outlets of the corpus; out come servers that answer for their feeds with ETag, Last-Modified
and 304, and for each article's page.  `release` puts a further wave of reports into the feeds.
Documents are written at a release and kept, so that one state of a feed is one body, byte for byte.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from demo.reports import DemoReport, FeedSpec, Outlet
from demo.writers import Channel, Entry, article_page, write
from nightdesk.clock import Clock

RETRY_AFTER = 2
"""Seconds that a feed that answers 429 asks for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One request that a server has answered.  `conditional` requests carried a validator."""

    feed: str
    status: int
    conditional: bool


@dataclass(frozen=True, slots=True)
class _State:
    """A feed as it stands: body, media type and validators."""

    body: bytes
    media_type: str
    etag: str
    modified: datetime


class OutletServer:
    """One outlet's server.  `start` binds the port; `stop` frees it."""

    def __init__(self, outlet: Outlet, clock: Clock) -> None:
        self.outlet = outlet
        self.answers: list[Answer] = []
        self._clock = clock
        self._lock = threading.Lock()
        self._wave = 0
        self._published: dict[str, datetime] = {}
        self._states: dict[str, _State] = {}
        self._refusals = {feed.id: feed.too_many_requests for feed in outlet.feeds}
        self._http = _HttpServer(self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name=f"demo-{outlet.id}", daemon=True
        )

    @property
    def home(self) -> str:
        """The server's address, with no slash at the end."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        """Publish wave 0 and answer requests from now on."""
        self.release(0)
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._http.shutdown()
        self._http.server_close()

    def url(self, feed: FeedSpec) -> str:
        """Return the address of a feed."""
        return self.home + feed.path

    def release(self, wave: int) -> None:
        """Publish all reports up to `wave`, and the edits that are due by then."""
        now = self._clock.now()
        with self._lock:
            self._wave = max(wave, self._wave)
            for report in self._visible():
                self._published.setdefault(report.slug, now - report.age)
            for feed in self.outlet.feeds:
                self._states[feed.id] = self._state(feed, now)

    def feed_at(self, path: str) -> FeedSpec | None:
        """Return the feed that lives at `path`."""
        return next((feed for feed in self.outlet.feeds if feed.path == path), None)

    def page_at(self, path: str) -> bytes | None:
        """Return the page of the article that lives at `path`, once it is released."""
        with self._lock:
            for report in self._visible():
                if path == f"/{report.slug}" and not report.bare:
                    entry = self._entry(report, self.outlet.feeds[0])
                    return article_page(self.outlet.name, self.outlet.language, entry)
        return None

    def refuses(self, feed: FeedSpec) -> bool:
        """Whether the next answer for `feed` is 429; each call is one answer."""
        with self._lock:
            left = self._refusals[feed.id]
            self._refusals[feed.id] = max(0, left - 1)
            return left > 0

    def state(self, feed: FeedSpec) -> _State:
        """Return the feed as it stands now."""
        with self._lock:
            return self._states[feed.id]

    def note(self, answer: Answer) -> None:
        """Remember an answer, for the screen and the tests."""
        with self._lock:
            self.answers.append(answer)

    def _visible(self) -> list[DemoReport]:
        return [report for report in self.outlet.reports if report.wave <= self._wave]

    def _state(self, feed: FeedSpec, now: datetime) -> _State:
        channel = Channel(
            f"{self.outlet.name}: {feed.title}",
            self.home + "/",
            self.url(feed),
            self.outlet.language,
            feed.encoding,
        )
        entries = [
            self._entry(report, feed)
            for report in self._visible()
            if feed.id in report.feeds
            for _ in range(2 if report.repeat else 1)
        ]
        entries.sort(key=lambda entry: entry.published, reverse=True)
        document = write(feed.format, channel, entries)
        digest = hashlib.sha256(document.body).hexdigest()[:16]
        before = self._states.get(feed.id)
        same = before is not None and before.body == document.body
        return _State(
            document.body,
            document.media_type,
            f'W/"{digest}"' if feed.weak_etag else f'"{digest}"',
            before.modified if before and same else now.replace(microsecond=0),
        )

    def _entry(self, report: DemoReport, feed: FeedSpec) -> Entry:
        if report.bare:
            return Entry(None, None, "", "", "", self._published[report.slug])
        # A publisher's second feed links to the same page with the mark of a campaign.
        mark = "" if feed is self.outlet.feeds[0] else f"?utm_source={feed.id}&utm_medium=rss"
        return Entry(
            url=f"{self.home}/{report.slug}{mark}",
            guid=f"{self.outlet.id}:{report.slug}",
            title=report.title,
            summary=report.summary,
            html=report.body_at(self._wave),
            published=self._published[report.slug],
        )


class Newsstand:
    """All outlets' servers, as a context: started on entry, stopped on exit."""

    def __init__(self, outlets: Sequence[Outlet], clock: Clock) -> None:
        self.servers: list[OutletServer] = []
        try:
            for outlet in outlets:
                self.servers.append(OutletServer(outlet, clock))
        except OSError:
            self._stop()
            raise

    def __enter__(self) -> Self:
        for server in self.servers:
            server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def release(self, wave: int) -> None:
        """Publish all reports up to `wave` everywhere."""
        for server in self.servers:
            server.release(wave)

    def answers(self) -> list[Answer]:
        """Return what all servers have answered so far."""
        return [answer for server in self.servers for answer in list(server.answers)]

    def _stop(self) -> None:
        for server in self.servers:
            server.stop()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: OutletServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client that hangs up is no fault of the server."""


class _Handler(BaseHTTPRequestHandler):
    """Answers one request and closes: nothing lingers when the demo ends."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    server: _HttpServer

    def do_GET(self) -> None:
        owner = self.server.owner
        path = urlsplit(self.path).path
        feed = owner.feed_at(path)
        if feed is None:
            page = owner.page_at(path)
            if page is None:
                self._answer(HTTPStatus.NOT_FOUND, b"", {})
            else:
                self._answer(HTTPStatus.OK, page, {"Content-Type": "text/html; charset=utf-8"})
            return
        if feed.delay:
            time.sleep(feed.delay)
        self._answer_feed(owner, feed)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the screen belongs to the demo."""

    def _answer_feed(self, owner: OutletServer, feed: FeedSpec) -> None:
        state = owner.state(feed)
        conditional = bool(
            {"if-none-match", "if-modified-since"} & {name.lower() for name in self.headers}
        )
        headers = {
            "Content-Type": state.media_type,
            "ETag": state.etag,
            "Last-Modified": format_datetime(state.modified, usegmt=True),
        }
        body = state.body
        if owner.refuses(feed):
            status = HTTPStatus.TOO_MANY_REQUESTS
            headers, body = {"Retry-After": str(RETRY_AFTER)}, b"slow down\n"
        elif self._unchanged(state):
            status, body = HTTPStatus.NOT_MODIFIED, b""
        else:
            status = HTTPStatus.OK
            if feed.gzip and "gzip" in self.headers.get("Accept-Encoding", ""):
                headers["Content-Encoding"] = "gzip"
                body = gzip.compress(body, mtime=0)
        owner.note(Answer(feed.id, status, conditional))
        self._answer(status, body, headers)

    def _unchanged(self, state: _State) -> bool:
        """RFC 9110, 13.2.2: where If-None-Match is given, If-Modified-Since does not count."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return state.etag in [tag.strip() for tag in tags.split(",")]
        with suppress(TypeError, ValueError):
            since = parsedate_to_datetime(self.headers["If-Modified-Since"])
            return state.modified <= since
        return False

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
