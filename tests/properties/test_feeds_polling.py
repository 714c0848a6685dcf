"""Whatever a feed sends: nothing but named errors, and an account that balances."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.feeds.entries import to_reports
from nightdesk.feeds.errors import NotAFeed
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.parse import parse
from nightdesk.feeds.parsed import ParsedEntry, ParsedFeed
from nightdesk.feeds.poll import Read, conclude
from nightdesk.feeds.retry_after import LONGEST_WISH, parse_retry_after
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.unpack import UnpackError, unpacker_for
from schemas import Arrival, Feed
from tests.support.feedserver import rss

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
FEED = Feed(id="f", url="http://outlet.example/feed", source="Outlet")

few = st.sampled_from(
    ["", "1", "2", "/1", "/1#a", "/2?utm_source=x", "Bridge", "Tunnel closed", "<b></b>", "\x00"]
)
texts = st.none() | few | st.text(max_size=30)
entries = st.builds(
    ParsedEntry,
    guid=texts,
    url=texts,
    title=texts,
    description=texts,
    content=texts,
    published_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)
feeds = st.builds(
    ParsedFeed,
    format=st.just("rss20"),
    entries=st.lists(entries, max_size=12).map(tuple),
    left_out=st.integers(0, 5),
)


@settings(max_examples=150, deadline=None)
@given(feeds, feeds)
def test_the_account_balances(first: ParsedFeed, second: ParsedFeed) -> None:
    state, seen = FeedState(), dict[str, str]()
    for number, parsed in enumerate((first, second, second)):
        reports, rejected = to_reports(FEED, parsed, seen_at=NOW, arrival=Arrival.LIVE)
        assert len({report.entry for report in reports}) == len(reports)
        fetched = Fetched(200, FEED.url, b"x", body_hash=str(number))
        done = conclude(
            FEED, state, fetched, Read(reports, rejected), seen=seen, now=NOW, jitter=0.5
        )
        counts = done.counts
        assert counts["polled"] == len(parsed.entries) + parsed.left_out
        assert counts["polled"] == sum(
            counts[name] for name in ("new", "unchanged", "duplicate", "rejected")
        )
        assert counts["new"] == len(done.new)
        if number == 2:
            assert done.new == ()
        state, seen = done.state, seen | dict(done.remember)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.none() | st.text(max_size=40))
def test_any_bytes_are_a_feed_or_not(body: bytes, content_type: str | None) -> None:
    with contextlib.suppress(NotAFeed):
        parse(body, content_type=content_type, url="http://outlet.example/")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_damage_to_a_feed_is_survived(data: st.DataObject) -> None:
    body = bytearray(
        rss(("Bridge “reopened”", "http://x.example/1"), ("Tunnel", "http://x.example/2"))
    )
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    try:
        parsed = parse(bytes(body), content_type="text/xml", url="http://x.example/")
    except NotAFeed:
        return
    to_reports(FEED, parsed, seen_at=NOW, arrival=Arrival.LIVE)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]),
    st.lists(st.binary(max_size=60), max_size=5),
)
def test_any_bytes_unpack_or_fail_by_name(encoding: str, chunks: list[bytes]) -> None:
    unpacker = unpacker_for(encoding)
    try:
        for chunk in chunks:
            for _ in unpacker.feed(chunk):
                pass
        unpacker.end()
    except UnpackError:
        pass


@given(st.text(max_size=40))
def test_any_retry_after_is_bounded(value: str) -> None:
    wish = parse_retry_after(value, NOW)
    assert wish is None or 0 <= wish.total_seconds() <= LONGEST_WISH.total_seconds()
