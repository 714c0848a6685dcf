"""Fetching over real sockets: validators, time, redirects, and every error by its name."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest

from nightdesk.clock import SettableClock
from nightdesk.feeds.errors import (
    BotWall,
    ConnectionLost,
    DnsError,
    FeedTimeout,
    Gone,
    HttpError,
    PollError,
    RateLimited,
    TooManyRedirects,
)
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Validators
from nightdesk.feeds.health import FeedHealth
from tests.support.feedserver import Asked, FeedServer, Reply, conditional
from tests.unit.feeds.support import DOCUMENT, NOW, feed, get


async def test_a_plain_answer(server: FeedServer, fetcher: Fetcher) -> None:
    got = await get(server, fetcher, Reply(DOCUMENT, headers=(("ETag", '"a"'),)))
    assert (got.status, got.body, got.url) == (200, DOCUMENT, server.url())
    assert got.validators == Validators('"a"', None)
    assert got.body_hash
    assert len(got.body_hash) == 64
    assert got.content_type == "application/rss+xml; charset=utf-8"
    asked = server.asked[0].headers
    assert asked["user-agent"] == "Nightdesk/test (+desk@example.org)"
    assert "atom" in asked["accept"]
    assert "if-none-match" not in asked


async def test_how_long_it_took_is_measured_by_the_ticks_that_were_given(
    server: FeedServer,
) -> None:
    ticks = [100.0]

    def slow(_: Asked) -> Reply:
        ticks[0] += 2.5
        return Reply(DOCUMENT)

    server.routes["/feed"] = slow
    clock = SettableClock(NOW)
    async with Fetcher(user_agent="t", clock=clock, ticks=lambda: ticks[0]) as one:
        got = await one.fetch(feed(server.url()), Validators())
    assert got.seconds == 2.5


async def test_a_wait_for_the_turn_of_a_redirects_goal_is_no_time_of_the_feeds(
    server: FeedServer,
) -> None:
    server.routes |= {
        "/old": Reply(b"", 302, headers=(("Location", server.url("/new")),)),
        "/new": Reply(DOCUMENT),
    }
    hosts: list[str] = []
    now = 0.0

    async def onward(host: str) -> None:
        nonlocal now
        hosts.append(host)
        now += 3_600.0

    async with Fetcher(user_agent="t", clock=SettableClock(NOW), ticks=lambda: now) as fetcher:
        got = await fetcher.fetch(feed(server.url("/old")), Validators(), onward=onward)
    assert got.status == 200
    assert hosts == [f"127.0.0.1:{server.port}"]
    assert got.seconds == 0.0


@pytest.mark.parametrize(
    "etag", ['"abc"', 'W/"abc"', "bare", '"with, comma"', '"\xe9\xff"', "''--gzip"]
)
async def test_validators_go_back_byte_for_byte(
    server: FeedServer, fetcher: Fetcher, etag: str
) -> None:
    date = "tue, 3 Feb 2026 01:02:03 +0000 (odd)"
    server.routes["/feed"] = conditional(DOCUMENT, etag=etag, last_modified=date)
    first = await fetcher.fetch(feed(server.url()), Validators())
    assert first.validators == Validators(etag, date)
    again = await fetcher.fetch(feed(server.url()), first.validators)
    assert (again.status, again.body, again.body_hash) == (304, None, None)
    assert again.validators == first.validators
    asked = server.asked[-1]
    assert asked.headers["if-none-match"] == etag
    assert asked.headers["if-modified-since"] == date
    assert etag.encode("latin-1") in asked.raw


async def test_a_304_that_nobody_asked_for_is_an_error(
    server: FeedServer, fetcher: Fetcher
) -> None:
    with pytest.raises(HttpError) as caught:
        await get(server, fetcher, Reply(status=304, content_type=None))
    assert caught.value.health is FeedHealth.HTTP_ERROR


async def test_a_slow_drip_runs_out_of_time(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(FeedTimeout) as caught:
        await get(server, fetcher, Reply(DOCUMENT, drip=0.02), seconds=0.3)
    assert caught.value.health is FeedHealth.TIMEOUT


async def test_a_silent_server_runs_out_of_time(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(FeedTimeout):
        await get(server, fetcher, Reply(b"", length=100), seconds=0.3)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(DOCUMENT, cut_after=50),
        Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Le"),
        Reply(raw=b"this is not HTTP at all\r\n\r\n"),
        Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
        Reply(raw=b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n"),
        Reply(gzip.compress(DOCUMENT)[:-30], headers=(("Content-Encoding", "gzip"),)),
        Reply(DOCUMENT, headers=(("Content-Encoding", "gzip"),)),
        Reply(DOCUMENT, headers=(("Content-Encoding", "br"),)),
        Reply(DOCUMENT, headers=(("Content-Encoding", "zstd"),)),
        Reply(DOCUMENT, headers=(("Content-Encoding", "gzip, gzip, gzip"),)),
    ],
)
async def test_broken_answers_are_lost_connections(
    server: FeedServer, fetcher: Fetcher, reply: Reply
) -> None:
    with pytest.raises(ConnectionLost) as caught:
        await get(server, fetcher, reply)
    assert caught.value.health is FeedHealth.CONNECTION


async def test_a_closed_port_is_a_lost_connection(fetcher: Fetcher) -> None:
    with FeedServer() as gone:
        url = gone.url()
    with pytest.raises(ConnectionLost):
        await fetcher.fetch(feed(url), Validators())


async def test_a_name_that_does_not_resolve(fetcher: Fetcher) -> None:
    with pytest.raises(DnsError) as caught:
        await fetcher.fetch(feed("http://no-such-host.invalid/feed"), Validators())
    assert caught.value.health is FeedHealth.DNS


@pytest.mark.parametrize(
    ("status", "kind", "health"),
    [
        (400, HttpError, FeedHealth.HTTP_ERROR),
        (401, HttpError, FeedHealth.HTTP_ERROR),
        (403, HttpError, FeedHealth.HTTP_ERROR),
        (404, HttpError, FeedHealth.HTTP_ERROR),
        (410, Gone, FeedHealth.GONE),
        (418, HttpError, FeedHealth.HTTP_ERROR),
        (429, RateLimited, FeedHealth.RATE_LIMITED),
        (500, HttpError, FeedHealth.HTTP_ERROR),
        (503, RateLimited, FeedHealth.RATE_LIMITED),
        (301, HttpError, FeedHealth.HTTP_ERROR),
    ],
)
async def test_statuses_that_mean_no(
    server: FeedServer, fetcher: Fetcher, status: int, kind: type[HttpError], health: FeedHealth
) -> None:
    with pytest.raises(kind) as caught:
        await get(server, fetcher, Reply(b"no", status))
    assert caught.value.health is health
    assert caught.value.status == status
    assert caught.value.hint


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("Sun, 01 Mar 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("99999999999999", timedelta(days=1)),
        ("Sun, 01 Mar 2099 12:10:00 GMT", timedelta(days=1)),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
async def test_retry_after(
    server: FeedServer, fetcher: Fetcher, header: str, wait: timedelta | None
) -> None:
    with pytest.raises(RateLimited) as caught:
        await get(server, fetcher, Reply(b"", 429, headers=(("Retry-After", header),)))
    assert caught.value.retry_after == wait


async def test_a_bot_wall_is_named(server: FeedServer, fetcher: Fetcher) -> None:
    page = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"
    with pytest.raises(BotWall) as caught:
        await get(server, fetcher, Reply(page, 403, content_type="text/html"))
    assert caught.value.health is FeedHealth.BOT_WALL
    assert caught.value.wall == "Cloudflare"
    later = (("Retry-After", "3600"),)
    with pytest.raises(BotWall) as caught:
        await get(server, fetcher, Reply(page, 429, headers=later, content_type="text/html"))
    assert caught.value.retry_after == timedelta(hours=1)


async def test_redirects_are_followed_and_told(server: FeedServer, fetcher: Fetcher) -> None:
    server.routes["/old"] = Reply(b"", 301, headers=(("Location", "/feed"),))
    server.routes["/feed"] = Reply(DOCUMENT)
    got = await fetcher.fetch(feed(server.url("/old")), Validators())
    assert got.url == server.url("/feed")
    assert [(hop.status, hop.url) for hop in got.redirects] == [(301, server.url("/feed"))]


async def test_a_redirect_loop_ends(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(TooManyRedirects) as caught:
        await get(server, fetcher, Reply(b"", 302, headers=(("Location", "/feed"),)))
    assert len(server.asked) == 6
    assert caught.value.words == "HTTP 302"


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://outlet.example/feed",
        "gopher://x",
        "http://[bad/",
        "http://a:99999/",
    ],
)
async def test_a_redirect_to_another_scheme_is_refused(
    server: FeedServer, fetcher: Fetcher, location: str
) -> None:
    with pytest.raises(PollError) as caught:
        await get(server, fetcher, Reply(b"", 302, headers=(("Location", location),)))
    assert caught.value.health in {FeedHealth.REFUSED, FeedHealth.CONNECTION}


async def test_cookies_are_not_carried_from_poll_to_poll(
    server: FeedServer, fetcher: Fetcher
) -> None:
    reply = Reply(DOCUMENT, headers=(("Set-Cookie", "id=1; Path=/"),))
    await get(server, fetcher, reply)
    await get(server, fetcher, reply)
    assert all("cookie" not in asked.headers for asked in server.asked)


async def test_connections_are_reused(server: FeedServer, fetcher: Fetcher) -> None:
    ports = set()

    def route(asked: Asked) -> Reply:
        ports.add(asked.path)
        return Reply(DOCUMENT)

    for _ in range(3):
        assert (await get(server, fetcher, route)).status == 200
