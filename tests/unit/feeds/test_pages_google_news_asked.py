"""Links of Google News through the whole way of full text, over real sockets, at an imitation of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.pages.full_text import FullText, PageRead
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.feeds.turns import Turns
from schemas import Feed
from schemas import FullText as When
from tests.support.feedserver import FeedServer, Reply
from tests.support.googlenews import ID, OTHER, SERVICE, GoogleNews, answer, news_page
from tests.support.outlets import (
    PARAGRAPHS,
    LoopbackFetcher,
    Time,
    article_page,
    html,
    moved,
    report,
)

FEED = Feed(id="f", url="http://feeds.example/rss", source="The Outlet", full_text=When.ALWAYS)

REAL_ROBOTS = "User-agent: *\nDisallow: /\nAllow: /$\nAllow: /topics/\nAllow: /stories/\n"
"""What matters in the robots.txt of news.google.com as others have recorded it in 2026."""


@pytest.fixture
def news(server: FeedServer) -> GoogleNews:
    server.routes["/story"] = html(article_page())
    one = GoogleNews(server)
    one.goals[ID] = server.url("/story", "outlet.example")
    return one


@pytest.fixture
async def full_text(ticks: Time, news: GoogleNews) -> AsyncIterator[FullText]:
    async with LoopbackFetcher("news.google.com") as fetcher:
        turns = Turns(1.0, ticks, ticks.sleep)
        one = FullText(fetcher, turns, ticks, user_agent="Nightdesk/test", news=news.origin)
        yield one
        one.close()


async def read(full_text: FullText, link: str, feed: Feed = FEED) -> PageRead:
    done = await full_text.complete(feed, [report(link)], {})
    (told,) = done.pages
    assert done.reports == [told.report]
    return told


def paths(server: FeedServer, host: str = "news.google.com") -> list[str]:
    return [one.path for one in server.asked if one.headers["host"].startswith(host)]


async def test_the_article_behind_a_link_is_found_and_read(
    server: FeedServer, full_text: FullText, news: GoogleNews, ticks: Time
) -> None:
    link, began = news.link(ID), ticks.now
    told = await read(full_text, link)
    assert told.outcome is PageOutcome.TAKEN
    assert (told.report.url, told.report.text_from) == (news.goals[ID], "page")
    assert paths(server) == ["/robots.txt", f"/rss/articles/{ID}?oc=5", SERVICE]
    assert paths(server, "outlet.example") == ["/robots.txt", "/story"]
    assert ticks.now - began >= 2.0, "three requests to one host have two rests between them"
    (posted,) = [one for one in server.asked if one.path == SERVICE]
    assert posted.headers["user-agent"].startswith("Nightdesk/")
    assert not {"cookie", "referer", "origin"} & posted.headers.keys()


async def test_a_feed_that_wants_no_pages_asks_nothing(
    server: FeedServer, full_text: FullText, news: GoogleNews
) -> None:
    feed = FEED.model_copy(update={"full_text": When.NEVER})
    done = await full_text.complete(feed, [report(news.link(ID))], {})
    assert (done.pages, server.asked) == ([], [])


@pytest.mark.parametrize(
    ("robots", "asked"),
    [
        (REAL_ROBOTS, ["/robots.txt"]),
        ("User-agent: *\nDisallow: /_/", ["/robots.txt", f"/rss/articles/{ID}?oc=5"]),
    ],
)
async def test_robots_txt_decides_for_page_and_service(
    server: FeedServer, ticks: Time, robots: str, asked: list[str]
) -> None:
    news = GoogleNews(server, robots)
    async with LoopbackFetcher("news.google.com") as fetcher:
        turns = Turns(1.0, ticks, ticks.sleep)
        one = FullText(fetcher, turns, ticks, user_agent="Nightdesk/test", news=news.origin)
        link = news.link(ID)
        told = await read(one, link)
        one.close()
    assert (told.outcome, told.report.url) == (PageOutcome.ROBOTS, link)
    assert paths(server) == asked


async def test_another_origin_is_never_asked(server: FeedServer, news: GoogleNews) -> None:
    ticks = Time()
    async with LoopbackFetcher("news.google.com") as fetcher:
        one = FullText(fetcher, Turns(1.0, ticks, ticks.sleep), ticks, user_agent="Nightdesk/test")
        told = await read(one, news.link(ID))
        one.close()
    assert told.outcome is PageOutcome.UNRESOLVED
    assert news.questions == 0, "http is not the https of the real one"


@pytest.mark.parametrize(
    "says",
    [
        Reply(status=400),
        Reply(status=429),
        Reply(status=500),
        Reply(raw=b"\x00\x00"),
        Reply(b"", content_type="application/json"),
        Reply(b"[" * 90_000),
        Reply(b"x" * 200_000),
        Reply(b"[0]," * 100, endless=True, length=None),
        moved("https://consent.google.com/m", 302),
        moved("http://outlet.example/story", 307),
        html("<p>Our systems have detected unusual traffic</p>"),
        Reply(answer(7)),
        Reply(answer("javascript:alert(1)")),
        Reply(answer("http://169.254.169.254/latest/meta-data/")),
        Reply(answer("http://10.0.0.1/a")),
        Reply(answer("https://news.google.com/rss/articles/CBMianother")),
    ],
)
async def test_what_is_not_expected_leaves_the_link_unresolved(
    server: FeedServer, full_text: FullText, news: GoogleNews, says: Reply
) -> None:
    link, news.says = news.link(ID), says
    told = await read(full_text, link)
    assert (told.outcome, told.error) == (PageOutcome.UNRESOLVED, None)
    assert "leads nowhere else" in told.why
    assert told.report == report(link)
    assert news.questions == 1
    assert paths(server, "outlet.example") == []


async def test_a_name_of_a_private_address_is_not_taken_for_the_article(
    server: FeedServer, ticks: Time, news: GoogleNews
) -> None:
    class Strict(LoopbackFetcher):
        async def get(self, url: str, **how: Any) -> Fetched:
            is_news = url.startswith(news.origin)
            return await Fetcher.get(
                self, url, **how | {"allow_private": is_news or how["allow_private"]}
            )

    link, name = news.link(ID), "inside.example"
    news.goals[ID] = server.url("/story", name)
    own = FEED.model_copy(update={"url": server.url("/rss", name), "allow_private": True})
    async with Strict("news.google.com") as fetcher:
        turns = Turns(1.0, ticks, ticks.sleep)
        one = FullText(fetcher, turns, ticks, user_agent="Nightdesk/test", news=news.origin)
        told = await read(one, link, own)
        mine = await read(one, news.goals[ID], own)
        one.close()
    assert (told.outcome, told.report.url) == (PageOutcome.UNRESOLVED, link)
    assert "may not" in told.why
    assert mine.outcome is PageOutcome.TAKEN, (
        "what the feed itself links to there is its own affair"
    )


async def test_an_answer_that_leads_back_is_asked_about_once(
    server: FeedServer, full_text: FullText, news: GoogleNews
) -> None:
    # A page of the outlet's that sends its readers back to Google News has been the goal before that.
    link = news.link(ID)
    server.routes["/story"] = moved(link)
    told = await read(full_text, link)
    assert told.report.url == news.goals[ID]
    assert told.outcome is not PageOutcome.TAKEN
    assert news.questions == 1


async def test_after_three_failures_google_news_is_left_alone_for_an_hour(
    server: FeedServer, full_text: FullText, news: GoogleNews, ticks: Time
) -> None:
    links = [news.link(f"{OTHER}{number}") for number in range(3)]
    links[1] = news.link(f"{OTHER}1", news_page())
    for link in [*links[:2], news.link(ID), *links]:
        expected = PageOutcome.UNRESOLVED if link in links else PageOutcome.TAKEN
        assert (await read(full_text, link)).outcome is expected
    asked = len(server.asked)
    told = await read(full_text, news.link(ID))
    assert told.outcome is PageOutcome.UNRESOLVED
    assert "left alone" in told.why
    assert len(server.asked) == asked, "neither its page nor its service"
    server.routes["/other"] = html(article_page(paragraphs=[*PARAGRAPHS, "So it was said."]))
    other = server.url("/other", "outlet.example")
    assert (await read(full_text, other)).outcome is PageOutcome.TAKEN
    ticks.now += 3_601
    told = await read(full_text, news.link(ID))
    assert told.report.url == news.goals[ID]
    assert news.questions == 1 + 1 + 2 + 1


async def test_pages_that_fail_count_too_but_not_those_that_were_not_asked_for(
    server: FeedServer, full_text: FullText, news: GoogleNews, ticks: Time
) -> None:
    link = news.link(ID)
    page = server.routes[f"/rss/articles/{ID}"]
    server.routes[f"/rss/articles/{ID}"] = Reply(status=429)
    for _ in range(5):
        assert (await read(full_text, link)).outcome is PageOutcome.FAILED
    assert len(paths(server)) == 2, "its robots.txt, and one page"
    for _ in range(2):
        ticks.now += 61
        await read(full_text, link)
    ticks.now += 61
    server.routes[f"/rss/articles/{ID}"] = page
    assert "left alone" in (await read(full_text, link)).why
    ticks.now += 3_601
    assert (await read(full_text, link)).outcome is PageOutcome.TAKEN
