"""HTTP/2 over real sockets: spoken where the server can, and its ways of breaking off have names."""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from nightdesk.clock import SettableClock
from nightdesk.feeds.errors import ConnectionLost, TooLarge
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Validators
from schemas import Feed
from tests.support.feedserver import rss
from tests.support.http2server import Answer, Http2Server, go_away, refuse, reset, whole

DOCUMENT = rss(*((f"Bridge {n} reopened", f"http://outlet.example/{n}") for n in range(50)))


@pytest.fixture
async def fetcher(trusting: ssl.SSLContext) -> AsyncIterator[Fetcher]:
    clock = SettableClock(datetime(2026, 3, 1, tzinfo=UTC))
    async with Fetcher(
        user_agent="Nightdesk/test", clock=clock, ticks=time.monotonic, verify=trusting
    ) as one:
        yield one


def feed(server: Http2Server, most: int = 1_000_000) -> Feed:
    return Feed(
        id="f",
        url=server.url(),
        source="Outlet",
        allow_private=True,
        max_bytes=most,
        timeout=timedelta(seconds=10),
    )


async def test_one_connection_serves_many_requests(
    self_signed: ssl.SSLContext, fetcher: Fetcher
) -> None:
    with Http2Server(self_signed, whole(DOCUMENT)) as server:
        for _ in range(3):
            got = await fetcher.fetch(feed(server), Validators('"1"'))
            assert (got.status, got.body, got.validators.etag) == (200, DOCUMENT, '"2"')
        assert server.connections == 1
        assert [one["if-none-match"] for one in server.asked] == ['"1"'] * 3


@pytest.mark.parametrize("answer", [reset(DOCUMENT), refuse, go_away])
async def test_what_breaks_off_is_a_lost_connection_and_the_next_poll_is_fine(
    self_signed: ssl.SSLContext, fetcher: Fetcher, answer: Answer
) -> None:
    with Http2Server(self_signed, answer) as server:
        with pytest.raises(ConnectionLost) as caught:
            await fetcher.fetch(feed(server), Validators())
        assert caught.value.message
        server.answer = whole(DOCUMENT)
        assert (await fetcher.fetch(feed(server), Validators())).body == DOCUMENT


async def test_a_body_beyond_the_bound_is_cut(
    self_signed: ssl.SSLContext, fetcher: Fetcher
) -> None:
    with Http2Server(self_signed, whole(b"x" * 50_000)) as server:
        with pytest.raises(TooLarge):
            await fetcher.fetch(feed(server, 1_000), Validators())
        server.answer = whole(b"<rss/>")
        assert (await fetcher.fetch(feed(server, 1_000), Validators())).body == b"<rss/>"
