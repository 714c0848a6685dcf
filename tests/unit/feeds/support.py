"""What tests of fetching and of parsing share: a feed and a way to fetch it, and a document to read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Fetched, Validators
from nightdesk.feeds.parse import parse
from nightdesk.feeds.parsed import ParsedEntry, ParsedFeed
from schemas import Feed
from tests.support.feedserver import FeedServer, Route, rss

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "http://outlet.example/feed"
DOCUMENT = rss(("Bridge reopened", "http://outlet.example/1"))


def feed(url: str, *, seconds: float = 5, max_bytes: int = 1_000_000, private: bool = True) -> Feed:
    return Feed(
        id="f",
        url=url,
        source="Outlet",
        timeout=timedelta(seconds=seconds),
        max_bytes=max_bytes,
        allow_private=private,
    )


async def get(server: FeedServer, fetcher: Fetcher, route: Route, **how: float) -> Fetched:
    server.routes["/feed"] = route
    return await fetcher.fetch(feed(server.url(), **how), Validators())  # type: ignore[arg-type]


def read(body: bytes, content_type: str | None = "application/xml") -> ParsedFeed:
    return parse(body, content_type=content_type, url=URL)


def only(body: bytes, content_type: str | None = "application/xml") -> ParsedEntry:
    (entry,) = read(body, content_type).entries
    return entry


def rss_item(inside: str, encoding: str = "utf-8") -> bytes:
    text = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0" '
    text += 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    return f"{text}<channel><title>T</title><item>{inside}</item></channel></rss>".encode()
