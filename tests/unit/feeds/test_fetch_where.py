"""Where is fetched from: addresses that may not be, names that lead elsewhere, certificates."""

from __future__ import annotations

import ssl
import time
from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from nightdesk.clock import SettableClock
from nightdesk.feeds.addresses import IpAddress
from nightdesk.feeds.errors import AddressRefused, TlsError
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Validators
from nightdesk.feeds.health import FeedHealth
from tests.support.feedserver import FeedServer, Reply
from tests.unit.feeds.support import DOCUMENT, NOW, feed, get


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
