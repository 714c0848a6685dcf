"""Posting a form: the same guards as of fetching, and redirects that keep it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from nightdesk.clock import SettableClock
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.errors import (
    AddressRefused,
    FeedTimeout,
    HttpError,
    RateLimited,
    TooManyRedirects,
)
from nightdesk.feeds.fetch import Fetcher
from tests.support.feedserver import FeedServer, Reply

FORM = {"hub.mode": "subscribe", "hub.topic": "http://outlet.example/a b&c"}


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    clock = SettableClock(datetime(2026, 3, 1, tzinfo=UTC))
    async with Fetcher(user_agent="Nightdesk/test", clock=clock, ticks=time.monotonic) as one:
        yield one


async def post(server: FeedServer, fetcher: Fetcher, path: str = "/hub", seconds: float = 5) -> int:
    url = server.url(path)
    return await fetcher.post(url, FORM, seconds=seconds, private_host=host_of(url))


async def test_a_form_is_posted(server: FeedServer, fetcher: Fetcher) -> None:
    server.routes["/hub"] = Reply(status=202)
    assert await post(server, fetcher) == 202
    (asked,) = server.asked
    assert (asked.method, asked.headers["content-type"]) == (
        "POST",
        "application/x-www-form-urlencoded",
    )
    assert asked.body == b"hub.mode=subscribe&hub.topic=http%3A%2F%2Foutlet.example%2Fa+b%26c"


async def test_a_private_hub_is_refused_unless_it_is_the_feed_s_own_host(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.routes["/hub"] = Reply(status=202)
    for private in ("", "127.0.0.1:1", "127.0.0.1"):
        with pytest.raises(AddressRefused):
            await fetcher.post(server.url("/hub"), FORM, seconds=5, private_host=private)
    assert server.asked == []


async def test_a_redirect_that_keeps_the_form_is_followed(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.routes["/hub"] = Reply(status=307, headers=(("Location", "/new"),))
    server.routes["/new"] = Reply(status=202)
    assert await post(server, fetcher) == 202
    assert [(one.method, one.path) for one in server.asked] == [("POST", "/hub"), ("POST", "/new")]
    server.routes["/new"] = Reply(status=308, headers=(("Location", "/hub"),))
    with pytest.raises(TooManyRedirects):
        await post(server, fetcher)
    server.routes["/hub"] = Reply(status=302, headers=(("Location", "/new"),))
    with pytest.raises(HttpError, match="302"):
        await post(server, fetcher)


async def test_a_redirect_does_not_lead_into_our_network(
    server: FeedServer, fetcher: Fetcher
) -> None:
    with FeedServer() as inner:
        server.routes["/hub"] = Reply(status=307, headers=(("Location", inner.url("/admin")),))
        with pytest.raises(AddressRefused):
            await post(server, fetcher)
        assert inner.asked == []


async def test_a_hub_may_ask_for_patience_and_may_not_take_for_ever(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.routes["/hub"] = Reply(status=429, headers=(("Retry-After", "120"),))
    with pytest.raises(RateLimited) as told:
        await post(server, fetcher)
    assert told.value.retry_after == timedelta(minutes=2)

    server.routes["/hub"] = Reply(b"later", 503, drip=1.0)
    with pytest.raises(FeedTimeout):
        await post(server, fetcher, seconds=0.2)
