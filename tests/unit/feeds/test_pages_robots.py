"""robots.txt over real sockets: what it allows, what its absence means, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from nightdesk.feeds.errors import AddressRefused
from nightdesk.feeds.pages.robots import Robots, Verdict, product_token
from nightdesk.feeds.turns import Turns
from tests.support.feedserver import FeedServer, Reply, gzip_bomb
from tests.support.outlets import LoopbackFetcher, Time, html, moved


@pytest.fixture
async def robots(ticks: Time) -> AsyncIterator[Robots]:
    async def in_thread(work: Callable[[], object]) -> object:
        return await asyncio.to_thread(work)

    async with LoopbackFetcher() as fetcher:
        yield Robots(
            fetcher,
            Turns(1.0, ticks, ticks.sleep),
            ticks,
            user_agent="Nightdesk/1.0 (news feed reader)",
            in_thread=in_thread,  # type: ignore[arg-type]
        )


def text(words: str, status: int = 200) -> Reply:
    return Reply(words.encode(), status, content_type="text/plain")


async def verdict(server: FeedServer, robots: Robots, reply: Reply, path: str = "/a/1") -> Verdict:
    server.routes["/robots.txt"] = reply
    return await robots.verdict(server.url(path, "outlet.example"))


async def test_what_is_disallowed_for_us_or_for_all_is_not_read(
    server: FeedServer, robots: Robots
) -> None:
    rules = text(
        "User-agent: *\nDisallow: /\n\nUser-agent: nightdesk\nDisallow: /private/\nCrawl-delay: 7"
    )
    assert await verdict(server, robots, rules) == Verdict(pace=7.0)
    refused = await verdict(server, robots, rules, "/private/1")
    assert "asks Nightdesk to stay away" in refused.why
    assert [asked.path for asked in server.asked] == ["/robots.txt"]
    assert server.asked[0].headers["user-agent"].startswith("Nightdesk/")


@pytest.mark.parametrize("reply", [text("", 404), text("no", 403), html("<p>a page</p>"), text("")])
async def test_no_robots_txt_allows_everything(
    server: FeedServer, robots: Robots, reply: Reply
) -> None:
    assert await verdict(server, robots, reply) == Verdict()


@pytest.mark.parametrize(
    "reply",
    [
        text("", 503),
        text("", 429),
        text("", 500),
        gzip_bomb(50),
        Reply(b"x" * 600_000),
        Reply(raw=b"\x00"),
    ],
)
async def test_one_that_cannot_be_read_keeps_us_off_for_a_while(
    server: FeedServer, robots: Robots, ticks: Time, reply: Reply
) -> None:
    assert "cannot be read" in (await verdict(server, robots, reply)).why
    assert (await verdict(server, robots, text(""))).why
    ticks.now += 601
    assert await verdict(server, robots, text("")) == Verdict()


async def test_it_is_kept_for_a_day(server: FeedServer, robots: Robots, ticks: Time) -> None:
    await verdict(server, robots, text(""))
    ticks.now += 23 * 3600
    await verdict(server, robots, text("User-agent: *\nDisallow: /"))
    assert len(server.asked) == 1
    ticks.now += 3601
    assert (await verdict(server, robots, text("User-agent: *\nDisallow: /"))).why


async def test_redirects_are_followed_and_not_without_end(
    server: FeedServer, robots: Robots
) -> None:
    server.routes["/r"] = text("User-agent: *\nDisallow: /")
    assert (await verdict(server, robots, moved(server.url("/r", "www.outlet.example")))).why
    server.routes["/robots.txt"] = moved("/robots.txt")
    assert "without end" in (await robots.verdict(server.url("/a", "other.example"))).why


async def test_several_that_ask_at_once_ask_once(server: FeedServer, robots: Robots) -> None:
    server.routes["/robots.txt"] = text("")
    url = server.url("/a", "outlet.example")
    assert set(await asyncio.gather(*(robots.verdict(url) for _ in range(5)))) == {Verdict()}
    assert len(server.asked) == 1


async def test_a_host_at_a_private_address_is_refused(server: FeedServer, robots: Robots) -> None:
    server.routes["/robots.txt"] = text("")
    with pytest.raises(AddressRefused):
        await robots.verdict(server.url("/a"))
    with pytest.raises(AddressRefused):
        await robots.verdict("http://169.254.169.254/latest/meta-data")
    assert await robots.verdict(server.url("/a"), allow_private=True) == Verdict()
    assert len(server.asked) == 1


async def test_what_is_kept_is_bounded(server: FeedServer, robots: Robots) -> None:
    server.routes["/robots.txt"] = text("User-agent: *\nDisallow: /x\n#" + "y" * 400_000)
    for number in range(4):
        await robots.verdict(server.url("/a", f"h{number}.example"))
    await robots.verdict(server.url("/a", "h3.example"))
    assert len(server.asked) == 4
    await robots.verdict(server.url("/a", "h0.example"))
    assert len(server.asked) == 5


def test_our_name_is_what_stands_before_the_version() -> None:
    assert product_token("Nightdesk/0.1.0 (news feed reader)") == "Nightdesk"
    assert product_token("Our-Desk (+https://desk.example)") == "Our-Desk"
    assert product_token("/") == "Nightdesk"


async def test_the_sitemaps_that_it_names_are_made_absolute_and_bounded(
    server: FeedServer, robots: Robots
) -> None:
    named = "Sitemap: http://[broken\nSITEMAP : /news.xml # of news\nSitemap: https://cdn.example/a.xml\n"
    server.routes["/robots.txt"] = text(f"User-agent: *\nDisallow: /\n{named}")
    page = server.url("/a/1", "outlet.example")
    found = await robots.sitemaps(page)
    assert found == (server.url("/news.xml", "outlet.example"), "https://cdn.example/a.xml")
    assert (await robots.verdict(page)).why
    assert len(server.asked) == 1
    server.routes["/robots.txt"] = text("".join(f"Sitemap: /{n}.xml\n" for n in range(5_000)))
    assert len(await robots.sitemaps(server.url("/", "many.example"))) == 100
    server.routes["/robots.txt"] = text("Sitemap: /news.xml", 503)
    assert await robots.sitemaps(server.url("/", "unwell.example")) == ()
