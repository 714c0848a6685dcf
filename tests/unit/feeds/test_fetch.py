"""Fetching over real sockets: validators, bounds, redirects, and every error by its name."""

from __future__ import annotations

import gzip
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import brotli
import pytest
import zstandard

from nightdesk.clock import SettableClock
from nightdesk.feeds.addresses import IpAddress
from nightdesk.feeds.errors import (
    AddressRefused,
    BotWall,
    ConnectionLost,
    DnsError,
    FeedTimeout,
    Gone,
    HttpError,
    PollError,
    RateLimited,
    TlsError,
    TooLarge,
    TooManyRedirects,
)
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Fetched, Validators
from nightdesk.feeds.health import FeedHealth
from schemas import Feed
from tests.support.feedserver import Asked, FeedServer, Reply, Route, conditional, gzip_bomb, rss

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOCUMENT = rss(("Bridge reopened", "http://outlet.example/1"))


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(
        user_agent="Nightdesk/test (+desk@example.org)",
        clock=SettableClock(NOW),
        ticks=time.monotonic,
    ) as one:
        yield one


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


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
    "utf-8": bytes,
}


@pytest.mark.parametrize("encoding", PACKERS)
async def test_compressed_answers(server: FeedServer, fetcher: Fetcher, encoding: str) -> None:
    packed = PACKERS[encoding](DOCUMENT * 50)
    got = await get(server, fetcher, Reply(packed, headers=(("Content-Encoding", encoding),)))
    assert got.body == DOCUMENT * 50
    assert got.wire_bytes == len(packed)


async def test_deflate_without_its_header_and_gzip_of_two_members(
    server: FeedServer, fetcher: Fetcher
) -> None:
    raw = zlib.compressobj(wbits=-15)
    bare = raw.compress(DOCUMENT) + raw.flush()
    got = await get(server, fetcher, Reply(bare, headers=(("Content-Encoding", "deflate"),)))
    assert got.body == DOCUMENT
    two = gzip.compress(DOCUMENT) + gzip.compress(DOCUMENT)
    got = await get(server, fetcher, Reply(two, headers=(("Content-Encoding", "gzip"),)))
    assert got.body == DOCUMENT * 2


@pytest.mark.parametrize("announced", [(), (("Content-Encoding", "gzip"),)])
async def test_a_gzip_file_is_unpacked_though_nothing_announces_it(
    server: FeedServer, fetcher: Fetcher, announced: tuple[tuple[str, str], ...]
) -> None:
    packed = gzip.compress(DOCUMENT)
    body = gzip.compress(packed) if announced else packed
    got = await get(server, fetcher, Reply(body, headers=announced))
    assert got.body == DOCUMENT
    with pytest.raises(TooLarge):
        await get(server, fetcher, Reply(gzip.compress(bytes(5_000_000))))


def bomb(encoding: str) -> Reply:
    if encoding == "gzip":
        return gzip_bomb(200)
    packed = {
        "br": lambda: brotli.compress(bytes(200 << 20), quality=2),
        "zstd": lambda: zstandard.ZstdCompressor().compress(bytes(200 << 20)),
    }[encoding]()
    return Reply(packed, headers=(("Content-Encoding", encoding),))


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_a_bomb_is_stopped_early(server: FeedServer, fetcher: Fetcher, encoding: str) -> None:
    with pytest.raises(TooLarge) as caught:
        await get(server, fetcher, bomb(encoding), max_bytes=1_000_000)
    assert caught.value.health is FeedHealth.TOO_LARGE
    assert "max_bytes" in caught.value.hint


async def test_fifty_megabytes_are_refused_by_their_announcement(
    server: FeedServer, fetcher: Fetcher
) -> None:
    with pytest.raises(TooLarge):
        await get(server, fetcher, Reply(b"<rss>", length=50_000_000))


async def test_an_endless_body_is_cut_at_the_bound(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(TooLarge):
        await get(server, fetcher, Reply(DOCUMENT * 100, length=None, endless=True))


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


async def test_private_addresses_are_refused_unless_allowed(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.routes["/feed"] = Reply(DOCUMENT)
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(AddressRefused) as caught:
            await fetcher.fetch(feed(server.url(host=host), private=False), Validators())
        assert caught.value.health is FeedHealth.REFUSED
        assert "allow_private" in caught.value.hint
    assert server.asked == []


async def test_a_redirect_into_the_own_network_is_refused(server: FeedServer) -> None:
    """A public name that redirects to loopback: the resolver stands for DNS, the check is the real one."""

    async def resolver(host: str, port: int) -> Sequence[IpAddress]:
        return [ip_address("169.254.169.254" if host == "metadata.example" else "93.184.216.34")]

    clock = SettableClock(NOW)
    async with Fetcher(
        user_agent="t", clock=clock, ticks=time.monotonic, resolver=resolver
    ) as fetcher:
        with pytest.raises(AddressRefused, match="link-local"):
            await fetcher.fetch(feed("http://metadata.example/latest", private=False), Validators())


@pytest.mark.parametrize(
    "where",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://168.63.129.16/",
    ],
)
async def test_what_is_allowed_a_private_address_is_not_led_to_metadata(
    server: FeedServer, fetcher: Fetcher, where: str
) -> None:
    with pytest.raises(AddressRefused, match="metadata"):
        await get(server, fetcher, Reply(b"", 302, headers=(("Location", where),)))


async def test_a_name_that_rebinds_is_checked_at_each_connection(server: FeedServer) -> None:
    """The first answer is allowed and connected to; the second points elsewhere and is refused."""
    answers = iter([["127.0.0.1"], ["10.0.0.7"]])

    async def resolver(host: str, port: int) -> Sequence[IpAddress]:
        return [ip_address(text) for text in next(answers)]

    server.routes["/feed"] = Reply(DOCUMENT, length=None)
    async with Fetcher(
        user_agent="t", clock=SettableClock(NOW), ticks=time.monotonic, resolver=resolver
    ) as fetcher:
        got = await fetcher.fetch(feed(server.url(host="rebind.example")), Validators())
        assert got.status == 200
        with pytest.raises(AddressRefused, match="private"):
            await fetcher.fetch(
                feed(server.url(host="rebind.example"), private=False), Validators()
            )


async def test_an_address_that_refuses_gives_way_to_the_next(server: FeedServer) -> None:
    async def resolver(host: str, port: int) -> Sequence[IpAddress]:
        return [ip_address("127.0.0.2"), ip_address("127.0.0.1")]

    server.routes["/feed"] = Reply(DOCUMENT)
    async with Fetcher(
        user_agent="t", clock=SettableClock(NOW), ticks=time.monotonic, resolver=resolver
    ) as fetcher:
        got = await fetcher.fetch(feed(server.url(host="two.example")), Validators())
    assert got.body == DOCUMENT


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


async def test_plain_http_on_a_tls_port_and_the_other_way_round(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.routes["/feed"] = Reply(DOCUMENT)
    with pytest.raises(TlsError) as caught:
        await fetcher.fetch(feed(server.url().replace("http://", "https://")), Validators())
    assert caught.value.health is FeedHealth.TLS


async def test_an_untrusted_certificate(fetcher: Fetcher, self_signed: ssl.SSLContext) -> None:
    with FeedServer(tls=self_signed) as server:
        server.routes["/feed"] = Reply(DOCUMENT)
        with pytest.raises(TlsError, match=r"self.signed"):
            await fetcher.fetch(feed(server.url()), Validators())


async def test_a_trusted_certificate(self_signed: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    async with Fetcher(
        user_agent="t", clock=SettableClock(NOW), ticks=time.monotonic, verify=trusting
    ) as fetcher:
        with FeedServer(tls=self_signed) as server:
            server.routes["/feed"] = Reply(DOCUMENT)
            got = await fetcher.fetch(feed(server.url(host="localhost")), Validators())
    assert got.body == DOCUMENT
