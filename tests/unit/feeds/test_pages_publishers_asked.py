"""How publishers are asked for their articles: for little, in their turn, and not again for a while."""

from __future__ import annotations

import asyncio

from nightdesk.feeds.pages.full_text import FullText
from nightdesk.feeds.pages.outcome import PageOutcome
from tests.support.feedserver import Asked, Reply, rss
from tests.support.outlets import (
    PARAGRAPHS,
    TITLE,
    Time,
    article_page,
    html,
    page,
)
from tests.support.publishers import (
    FEED,
    FORBIDS_ALL,
    Town,
    entry,
    news_sitemap,
    read,
    robots,
    xml,
)


async def test_what_a_publisher_lists_is_kept_for_the_next_entry(
    town: Town, of_town: FullText, ticks: Time
) -> None:
    titles = [f"The council of Northquay meets for the {number}th time" for number in range(3)]
    places = [
        town.put("outlet.example", f"/{n}", html(article_page(title, [*PARAGRAPHS, title])))
        for n, title in enumerate(titles)
    ]
    front = town.outlet("outlet.example", *zip(titles, places, strict=True))
    entries = [entry(town, front, n, title=title) for n, title in enumerate([*titles, TITLE])]
    done = await of_town.complete(FEED, entries, {})
    outcomes = [one.outcome for one in done.pages]
    assert sorted(outcomes) == [*[PageOutcome.TAKEN] * 3, PageOutcome.UNLISTED]
    assert [one.url for one in done.reports][:3] == places
    assert town.asked().count("/news.xml") == 1
    await of_town.complete(FEED, entries[3:], {})
    assert town.asked().count("/news.xml") == town.asked().count("/") == 1
    town.put("outlet.example", "/news.xml", xml(news_sitemap((TITLE, "/story"))))
    ticks.now += 200
    assert (await read(of_town, entries[3])).outcome is PageOutcome.UNLISTED
    ticks.now += 101
    assert (await read(of_town, entries[3])).outcome is PageOutcome.TAKEN


async def test_who_has_to_be_asked_for_much_is_asked_less_often(
    town: Town, of_town: FullText, ticks: Time
) -> None:
    host, other = "outlet.example", ("Another matter altogether, told at length", "/x")
    front = town.outlet(host, other)
    places = [town.put(host, f"/{n}.xml", xml(news_sitemap(other))) for n in range(3)]
    town.put(host, "/robots.txt", robots(*places))
    town.feed(host, "/feed", other)
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    town.put(host, "/", html(page("<p>Today</p>", head=link)))
    began = ticks.now
    assert (await read(of_town, entry(town, front))).outcome is PageOutcome.UNLISTED
    once = len(town.asked())
    assert once == 1 + 5
    ticks.now = began + 5 * 150 - 60
    assert (await read(of_town, entry(town, front))).outcome is PageOutcome.UNLISTED
    assert len(town.asked()) == once
    ticks.now = began + 5 * 150 + 1
    await read(of_town, entry(town, front))
    assert len(town.asked()) > once


async def test_a_publisher_that_lists_nothing_is_left_alone(
    town: Town, of_town: FullText, ticks: Time
) -> None:
    front = town.server.url("", "bare.example")
    for number in range(5):
        assert (await read(of_town, entry(town, front, number))).outcome is PageOutcome.UNLISTED
    assert town.asked("bare.example") == ["/robots.txt", "/"]
    ticks.now += 1_700
    await read(of_town, entry(town, front))
    assert town.asked("bare.example") == ["/robots.txt", "/"]
    ticks.now += 101
    await read(of_town, entry(town, front))
    assert town.asked("bare.example") == ["/robots.txt", "/", "/"]


async def test_many_publishers_are_asked_one_after_the_other_and_within_the_time_of_a_poll(
    town: Town, of_town: FullText, ticks: Time
) -> None:
    fronts = [town.outlet(f"outlet{number}.example") for number in range(100)]
    entries = [entry(town, front, number) for number, front in enumerate(fronts)]
    began = ticks.now
    done = await of_town.complete(FEED, entries, {})
    outcomes = [one.outcome for one in done.pages]
    assert len(outcomes) == 100
    assert set(outcomes) == {PageOutcome.TAKEN, PageOutcome.NO_TIME}
    assert outcomes.count(PageOutcome.TAKEN) <= 10
    assert len(town.server.asked) <= 1 + 3 * 10
    assert ticks.now - began <= 30


async def test_two_polls_that_want_one_publisher_at_once_ask_it_once(
    town: Town, of_town: FullText
) -> None:
    front = town.outlet()
    told = await asyncio.gather(*(read(of_town, entry(town, front, number)) for number in range(4)))
    assert {one.outcome for one in told} == {PageOutcome.TAKEN}
    assert town.asked().count("/news.xml") == town.asked().count("/robots.txt") == 1


async def test_a_publisher_whose_robots_txt_forbids_its_sitemap_is_not_asked_for_it(
    town: Town, of_town: FullText
) -> None:
    front = town.outlet()
    place = town.server.url("/news.xml", "outlet.example")
    town.put("outlet.example", "/robots.txt", robots(place, rules=FORBIDS_ALL))
    one = entry(town, front)
    told = await read(of_town, one)
    assert (told.outcome, told.report) == (PageOutcome.ROBOTS, one)
    assert town.asked() == ["/robots.txt"]


async def test_a_publisher_whose_robots_txt_forbids_the_article_gives_its_address_alone(
    town: Town, of_town: FullText
) -> None:
    front = town.outlet()
    place = town.server.url("/news.xml", "outlet.example")
    town.put(
        "outlet.example", "/robots.txt", robots(place, rules="User-agent: *\nDisallow: /story")
    )
    told = await read(of_town, entry(town, front))
    assert told.outcome is PageOutcome.ROBOTS
    assert told.report.url == town.server.url("/story", "outlet.example")
    assert told.report.text_from == "feed"
    assert "/story" not in town.asked()


async def test_the_publishers_pace_is_kept_and_what_there_was_no_time_for_is_asked_for_later(
    town: Town, of_town: FullText, ticks: Time
) -> None:
    front = town.outlet("outlet.example", ("Another matter altogether, told at length", "/x"))
    place = town.server.url("/news.xml", "outlet.example")
    town.put("outlet.example", "/robots.txt", robots(place, rules="User-agent: *\nCrawl-delay: 20"))
    moments: list[float] = []

    def asked_at(_: Asked) -> Reply:
        moments.append(ticks.now)
        return Reply(rss((TITLE, "/story")))

    town.put("outlet.example", "/", asked_at)
    one, began = entry(town, front), ticks.now
    for _ in range(9):
        told = await read(of_town, one)
        assert (told.outcome, told.report) == (PageOutcome.NO_TIME, one)
    assert town.asked() == ["/robots.txt", "/news.xml"]
    ticks.now += 10
    assert (await read(of_town, one)).outcome is PageOutcome.TAKEN
    assert town.asked() == ["/robots.txt", "/news.xml", "/", "/story"]
    assert moments[0] - began >= 20
    assert ticks.now - moments[0] >= 20
