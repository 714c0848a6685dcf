"""Publishers that lie, trap or drip, and entries that name what is no publisher: bounded, and never worse
than the feed."""

from __future__ import annotations

import gzip
import time
from typing import Any

import pytest

from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.pages.full_text import FullText
from nightdesk.feeds.pages.outcome import PageOutcome
from tests.support.feedserver import Reply, Route, gzip_bomb
from tests.support.outlets import TITLE, LoopbackFetcher, Time, article_page, html, moved
from tests.support.publishers import (
    FEED,
    Town,
    entry,
    index,
    news_sitemap,
    read,
    reader,
    robots,
    xml,
)

HOST = "outlet.example"


class Strict(LoopbackFetcher):
    """A fetcher that lets addresses of loopback through for Google News and `open` names alone, save where it
    is allowed private ones."""

    open: tuple[str, ...] = ("news.google.com",)

    async def get(self, url: str, **how: Any) -> Fetched:
        host = url.partition("://")[2].partition("/")[0].partition(":")[0]
        allowed = host in self.open or how.get("allow_private", False)
        return await Fetcher.get(self, url, **how | {"allow_private": allowed})


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "ftp://outlet.example/",
        "//outlet.example/",
        "outlet.example",
        "http://",
        "http://[broken",
        "http://localhost:1/",
        "https://news.google.com",
        "https://t.co/abc",
        "\u0000",
        "http://" + "a" * 5_000,
    ],
)
async def test_an_address_that_names_no_publisher_is_not_asked(
    town: Town, of_town: FullText, address: str
) -> None:
    one = entry(town, address)
    told = await read(of_town, one)
    assert (told.outcome, told.report) == (PageOutcome.UNLISTED, one)
    assert town.hosts() == {"news.google.com"}


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}",
        "http://outlet.example@127.0.0.1:{port}/",
        "http://inside.example:{port}/",
        "http://10.0.0.1:8080/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
@pytest.mark.parametrize("lenient", [False, True])
async def test_a_publisher_at_a_private_address_is_refused_to_every_feed(
    town: Town, ticks: Time, address: str, lenient: bool
) -> None:
    feed = FEED.model_copy(update={"allow_private": lenient})
    one = entry(town, address.format(port=town.server.port))
    async with Strict("news.google.com") as fetcher:
        full_text = reader(fetcher, town, ticks)
        for _ in range(2):
            told = await read(full_text, one, feed)
            assert (told.outcome, told.report) == (PageOutcome.REFUSED, one)
        full_text.close()
    assert town.hosts() == {"news.google.com"}


async def test_a_feed_at_home_may_have_its_publisher_at_its_own_host_alone(
    town: Town, ticks: Time
) -> None:
    feed = FEED.model_copy(update={"url": town.server.url("/rss", HOST), "allow_private": True})
    front, other = town.outlet(HOST), town.outlet("other.example")
    async with Strict("news.google.com") as fetcher:
        full_text = reader(fetcher, town, ticks)
        assert (await read(full_text, entry(town, front))).outcome is PageOutcome.REFUSED
        told = await read(full_text, entry(town, front), feed)
        assert told.outcome is PageOutcome.TAKEN, "what it may is remembered apart"
        assert (await read(full_text, entry(town, other), feed)).outcome is PageOutcome.REFUSED
        full_text.close()


@pytest.mark.parametrize("to", ["inside.outlet.example", "127.0.0.1", "other.example"])
async def test_a_sitemap_that_leads_to_a_private_address_or_away_is_not_followed(
    town: Town, ticks: Time, to: str
) -> None:
    front, away = town.outlet(HOST), town.outlet(to)
    town.put(HOST, "/news.xml", moved(f"{away}/news.xml"))
    async with Strict("news.google.com") as fetcher:
        fetcher.open = ("news.google.com", HOST, "other.example")
        full_text = reader(fetcher, town, ticks)
        told = await read(full_text, entry(town, front))
        full_text.close()
    assert told.report == entry(town, front)
    assert town.hosts() == {"news.google.com", HOST}


STORY = news_sitemap((TITLE, "/story"))
MANY = news_sitemap(*((f"{TITLE} for the {n}th time", f"/{n}") for n in range(3_000)))


@pytest.mark.parametrize(
    "answer",
    [
        Reply(STORY * 100, endless=True, length=None),
        Reply(STORY + b" " * 3_100_000),
        gzip_bomb(100),
        Reply(gzip.compress(bytes(50_000_000))),
        Reply(raw=b"\x00"),
        Reply(STORY, status=500),
        Reply(STORY, cut_after=10),
        moved("/news.xml"),
        moved("http://far.example/news.xml"),
        moved("javascript:alert(1)"),
        xml(b"<urlset>" + b"<url><loc>" * 100_000),
        xml(MANY),
        xml(b"<!DOCTYPE u [<!ENTITY a 'a'>]>" + STORY.replace(b"The Outlet", b"&a;" * 50)),
        xml(index(*((f"/sitemap-{n}.xml", "2026-03-01") for n in range(1_000)))),
        html(b"<a href='http://far.example/feed'>x</a>" * 1_000),
        html("<html><body>Just a moment... <script src='/cdn-cgi/challenge-platform/a'></script>"),
    ],
)
async def test_a_sitemap_that_is_a_trap_costs_little(
    town: Town, of_town: FullText, answer: Route
) -> None:
    front = town.outlet(HOST)
    town.put(HOST, "/news.xml", answer)
    began = time.process_time()
    told = await read(of_town, entry(town, front))
    assert told.outcome is not PageOutcome.BROKE
    if told.outcome is not PageOutcome.TAKEN:
        assert told.report == entry(town, front)
    assert len(town.asked(HOST)) <= 9
    assert town.hosts() == {"news.google.com", HOST}
    assert time.process_time() - began < 10


async def test_a_robots_txt_of_a_thousand_sitemaps_has_a_few_asked_for(
    town: Town, of_town: FullText
) -> None:
    front = town.outlet(HOST)
    places = [town.put(HOST, f"/news-{n}.xml", moved(f"/news-{n + 1}.xml")) for n in range(1_000)]
    town.put(HOST, "/robots.txt", robots(*places, "http://[broken", "file:///etc/passwd"))
    assert (await read(of_town, entry(town, front))).outcome is not PageOutcome.TAKEN
    assert len(town.asked(HOST)) <= 9


async def test_an_index_of_indexes_is_followed_one_level_deep(
    town: Town, of_town: FullText
) -> None:
    front = town.outlet(HOST)
    deepest = town.put(HOST, "/c.xml", xml(STORY))
    inner = town.put(HOST, "/b.xml", xml(index((deepest, "2026-03-01"))))
    town.put(HOST, "/news.xml", xml(index((inner, "2026-03-01"))))
    assert (await read(of_town, entry(town, front))).outcome is PageOutcome.UNLISTED
    assert town.asked(HOST) == ["/robots.txt", "/news.xml", "/b.xml", "/"]


async def test_a_sitemap_that_moved_within_its_publisher_is_followed(
    town: Town, of_town: FullText
) -> None:
    front = town.outlet(HOST)
    town.put(f"www.{HOST}", "/robots.txt", robots())
    place = town.put(
        f"www.{HOST}", "/new.xml", xml(news_sitemap((TITLE, town.server.url("/story", HOST))))
    )
    town.put(HOST, "/news.xml", moved(place, 301))
    assert (await read(of_town, entry(town, front))).outcome is PageOutcome.TAKEN


async def test_a_slow_publisher_is_waited_for_once(town: Town, ticks: Time) -> None:
    front = town.outlet(HOST)
    town.put(HOST, "/news.xml", Reply(STORY, drip=0.2))
    async with LoopbackFetcher("news.google.com") as fetcher:
        full_text = reader(fetcher, town, ticks, spacing=0.0, slowest_publisher=0.5)
        told = await read(full_text, entry(town, front))
        assert (told.outcome, told.report) == (PageOutcome.TIMEOUT, entry(town, front))
        assert (await read(full_text, entry(town, front))).outcome is PageOutcome.TIMEOUT
        full_text.close()
    assert town.asked(HOST).count("/news.xml") == 1


async def test_a_publisher_that_wants_patience_is_left_alone(
    town: Town, of_town: FullText, ticks: Time
) -> None:
    front = town.outlet(HOST)
    town.put(HOST, "/news.xml", Reply(status=429, headers=(("Retry-After", "120"),)))
    for _ in range(3):
        assert (await read(of_town, entry(town, front))).outcome is PageOutcome.FAILED
    assert town.asked(HOST) == ["/robots.txt", "/news.xml"]
    town.put(HOST, "/news.xml", xml(STORY))
    ticks.now += 601
    assert (await read(of_town, entry(town, front))).outcome is PageOutcome.TAKEN


async def test_what_is_remembered_is_bounded(town: Town, ticks: Time) -> None:
    async with LoopbackFetcher("news.google.com") as fetcher:
        full_text = reader(fetcher, town, ticks)
        place = "/" + "x" * 900
        listed = [
            (f"{TITLE} for the {n}th time {'and again ' * 20}", f"{place}{n}") for n in range(1_500)
        ]
        town.put(HOST, "/story", html(article_page()))
        body = xml(news_sitemap(*listed))
        for number in range(8):
            host = f"outlet{number}.example"
            front = town.outlet(host)
            town.put(host, "/news.xml", body)
            assert (await read(full_text, entry(town, front))).outcome is PageOutcome.UNLISTED
        known = full_text._publishers._known.values()
        assert sum(one.headlines.size for one in known) <= 10_000_000
        assert 1 < len(known) < 8
        full_text.close()
