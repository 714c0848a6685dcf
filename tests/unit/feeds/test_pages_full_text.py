"""Reports with the text of their pages, over real sockets: polite, bounded, and never worse than the feed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from nightdesk.feeds.pages.full_text import Completed, FullText
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.feeds.pages.want import MOST_SECONDS
from nightdesk.feeds.turns import Turns
from nightdesk.text.normalise import normalise
from schemas import Feed, Report
from schemas import FullText as When
from tests.support.feedserver import Asked, FeedServer, Reply, Route, gzip_bomb
from tests.support.outlets import (
    PARAGRAPHS,
    TEASER,
    TITLE,
    LoopbackFetcher,
    Time,
    article_page,
    html,
    moved,
    page,
    report,
)

FEED = Feed(id="f", url="http://feeds.example/rss", source="The Outlet", full_text=When.ALWAYS)


@pytest.fixture
async def full_text(ticks: Time) -> AsyncIterator[FullText]:
    async with LoopbackFetcher("bit.ly", "news.google.com") as fetcher:
        one = FullText(fetcher, Turns(1.0, ticks, ticks.sleep), ticks, user_agent="Nightdesk/test")
        yield one
        one.close()


async def read(
    server: FeedServer, full_text: FullText, route: Route, path: str = "/1", **changes: object
) -> tuple[Report, PageOutcome]:
    server.routes[path] = route
    before = report(server.url(path, "outlet.example"), **changes)
    done = await full_text.complete(FEED, [before], {})
    (told,) = done.pages
    (after,) = done.reports
    assert after.id == before.id
    assert (after.text_from == "page") is (told.outcome is PageOutcome.TAKEN)
    if told.outcome is not PageOutcome.TAKEN:
        assert told.why
        assert after.model_copy(update={"url": before.url}) == before
    return after, told.outcome


async def test_the_text_of_the_page_takes_the_place_of_the_teaser(
    server: FeedServer, full_text: FullText
) -> None:
    after, outcome = await read(server, full_text, html(article_page()))
    assert outcome is PageOutcome.TAKEN
    assert after.description == TEASER
    article = normalise(after)
    assert article.text.split("\n\n") == list(PARAGRAPHS)
    assert article.title == TITLE
    assert [asked.path for asked in server.asked] == ["/robots.txt", "/1"]
    assert server.asked[1].headers["accept"].startswith("text/html")


async def test_the_page_is_asked_for_without_tracking_and_amp(
    server: FeedServer, full_text: FullText
) -> None:
    server.routes["/story/"] = html(article_page())
    link = server.url("/story/?utm_source=rss&id=7#top", "outlet.example")
    await full_text.complete(FEED, [report(link)], {})
    await full_text.complete(FEED, [report(server.url("/story/amp", "outlet.example"))], {})
    assert [asked.path for asked in server.asked][1:] == ["/story/?id=7", "/story"]


BLOCKED = "User-agent: *\nDisallow: /"
META = "http://169.254.169.254/latest/meta-data/"
OFF_TOPIC = article_page(
    "Honey", ["Beekeepers from the heath won a prize for honey, and celebrated."] * 9
)
CONSENT = page(
    "<p>" + "Before you continue, tell us whether we may use cookies to measure this. " * 5
)


@pytest.mark.parametrize(
    ("route", "outcome"),
    [
        (Reply(status=404), PageOutcome.FAILED),
        (Reply(status=503), PageOutcome.FAILED),
        (Reply(raw=b"\x00\x00"), PageOutcome.FAILED),
        (html(article_page(), status=500), PageOutcome.FAILED),
        (gzip_bomb(100), PageOutcome.TOO_LARGE),
        (Reply(b"<p>x" * 1_000_000, content_type="text/html"), PageOutcome.TOO_LARGE),
        (
            Reply(b"<p>x" * 1_000, content_type="text/html", endless=True, length=None),
            PageOutcome.TOO_LARGE,
        ),
        (moved(META), PageOutcome.REFUSED),
        (moved("http://[::ffff:169.254.169.254]/"), PageOutcome.REFUSED),
        (moved("http://127.0.0.1/"), PageOutcome.REFUSED),
        (moved("file:///etc/passwd"), PageOutcome.REFUSED),
        (moved("http://[broken"), PageOutcome.FAILED),
        (moved("/1"), PageOutcome.FAILED),
        (html(b"%PDF-1.7", "application/pdf"), PageOutcome.NOT_READABLE),
        (html(b""), PageOutcome.NOT_READABLE),
        (html("<div>" * 50_000), PageOutcome.NOT_READABLE),
        (html(CONSENT), PageOutcome.WALL),
        (
            html(page("<script src='/cdn-cgi/challenge-platform/a'></script>"), status=403),
            PageOutcome.WALL,
        ),
        (html(OFF_TOPIC), PageOutcome.OFF_TOPIC),
        (html(page(f"<h1>{TITLE}</h1><p>{TEASER}</p>")), PageOutcome.NO_GAIN),
    ],
)
async def test_the_teaser_stays_and_the_reason_is_known(
    server: FeedServer, full_text: FullText, route: Route, outcome: PageOutcome
) -> None:
    assert (await read(server, full_text, route))[1] is outcome


async def test_an_address_that_is_no_page_is_not_asked(
    server: FeedServer, full_text: FullText
) -> None:
    assert (await read(server, full_text, html(""), "/"))[1] is PageOutcome.NO_LINK
    assert server.asked == []


async def test_robots_txt_is_obeyed(server: FeedServer, full_text: FullText) -> None:
    server.routes["/robots.txt"] = Reply(BLOCKED.encode(), content_type="text/plain")
    assert (await read(server, full_text, html(article_page())))[1] is PageOutcome.ROBOTS
    assert [asked.path for asked in server.asked] == ["/robots.txt"]


async def test_robots_txt_of_where_a_redirect_leads_is_obeyed_too(
    server: FeedServer, full_text: FullText
) -> None:
    def robots(asked: Asked) -> Reply:
        blocked = asked.headers["host"].startswith("other.")
        return Reply((BLOCKED if blocked else "").encode(), content_type="text/plain")

    server.routes["/robots.txt"] = robots
    server.routes["/2"] = html(article_page())
    route = moved(server.url("/2", "other.example"))
    assert (await read(server, full_text, route))[1] is PageOutcome.ROBOTS
    assert "/2" not in [asked.path for asked in server.asked]


async def test_a_redirectors_goal_becomes_the_address_even_where_its_page_fails(
    server: FeedServer, full_text: FullText
) -> None:
    goal = server.url("/story", "outlet.example")
    server.routes |= {
        "/x": moved(goal),
        "/story": moved("/login?next=story"),
        "/login": Reply(status=403),
    }
    link = f"http://bit.ly:{server.port}/x"
    done = await full_text.complete(FEED, [report(link)], {})
    assert done.pages[0].outcome is PageOutcome.FAILED
    assert done.reports[0].url == goal
    server.routes["/story"] = html(article_page())
    done = await full_text.complete(FEED, [report(link)], {})
    assert (done.reports[0].url, done.reports[0].text_from) == (goal, "page")


async def test_a_redirector_that_answers_with_a_page_is_followed(
    server: FeedServer, full_text: FullText
) -> None:
    goal = server.url("/story", "outlet.example")
    server.routes["/abc"] = html(
        f'<noscript><META http-equiv="refresh" content="0;URL={goal}"></noscript>'.encode()
    )
    server.routes["/story"] = html(article_page())
    done = await full_text.complete(FEED, [report(f"http://bit.ly:{server.port}/abc")], {})
    assert (done.reports[0].url, done.reports[0].text_from) == (goal, "page")


async def test_a_redirector_that_leads_nowhere_is_said_to(
    server: FeedServer, full_text: FullText
) -> None:
    server.routes["/rss/articles/CBMiopaque"] = html(article_page())
    link = f"http://news.google.com:{server.port}/rss/articles/CBMiopaque"
    done = await full_text.complete(FEED, [report(link)], {})
    assert done.pages[0].outcome is PageOutcome.UNRESOLVED
    assert done.reports[0].url == link


async def test_the_same_text_under_another_address_is_the_hosts_own(
    server: FeedServer, full_text: FullText
) -> None:
    assert (await read(server, full_text, html(article_page()), "/1"))[1] is PageOutcome.TAKEN
    assert (await read(server, full_text, html(article_page()), "/1"))[1] is PageOutcome.TAKEN
    assert (await read(server, full_text, html(article_page()), "/2"))[1] is PageOutcome.REPEATED


async def test_a_private_feed_may_read_pages_of_its_own_host_alone(
    server: FeedServer, full_text: FullText
) -> None:
    server.routes["/1"] = html(article_page())
    own = Feed(id="f", url=server.url(), source="O", full_text=When.ALWAYS, allow_private=True)
    done = await full_text.complete(own, [report(server.url("/1"))], {})
    assert done.pages[0].outcome is PageOutcome.TAKEN
    server.routes["/1"] = moved(META)
    done = await full_text.complete(own, [report(server.url("/1"))], {})
    assert done.pages[0].outcome is PageOutcome.REFUSED
    for other in ("http://127.0.0.1:9/1", META, "http://10.0.0.1/1"):
        done = await full_text.complete(own, [report(other)], {})
        assert done.pages[0].outcome is PageOutcome.REFUSED


async def test_a_poll_that_has_no_time_left_keeps_the_teasers(
    server: FeedServer, full_text: FullText, ticks: Time
) -> None:
    server.routes["/robots.txt"] = Reply(
        b"User-agent: *\nCrawl-delay: 20", content_type="text/plain"
    )
    reports = [report(server.url(f"/{n}", "outlet.example"), n) for n in range(1, 5)]
    for number in range(1, 5):
        told = [f"{PARAGRAPHS[0]} It was number {number}.", *PARAGRAPHS]
        server.routes[f"/{number}"] = html(article_page(paragraphs=told))
    began = ticks.now
    done = await full_text.complete(FEED, reports, {})
    outcomes = [told.outcome for told in done.pages]
    assert outcomes == [PageOutcome.TAKEN] * 2 + [PageOutcome.NO_TIME] * 2
    assert ticks.now - began < 25, "what cannot have its turn in time is not waited for"
    assert [one.entry for one in done.reports] == [one.entry for one in reports]


@pytest.mark.parametrize("status", [429, 403])
async def test_a_host_that_turns_one_page_away_is_not_asked_for_the_next(
    server: FeedServer, full_text: FullText, ticks: Time, status: int
) -> None:
    wall = page("<script src='/cdn-cgi/challenge-platform/a'></script>")
    server.routes |= dict.fromkeys(("/1", "/2"), html(wall, status=status))
    reports = [report(server.url(f"/{n}", "outlet.example"), n) for n in (1, 2)]
    done = await full_text.complete(FEED, reports, {})
    assert [told.outcome for told in done.pages] == [PageOutcome.WALL] * 2
    assert len(server.asked) == 2
    ticks.now += 61
    await full_text.complete(FEED, reports[:1], {})
    assert len(server.asked) == 3


async def test_a_page_that_drips_is_left_when_its_time_is_over(server: FeedServer) -> None:
    server.routes["/1"] = Reply(b"<p>x" * 1_000, content_type="text/html", drip=0.05)
    began = time.monotonic()

    def quickly() -> float:
        # Of the poll's time only half a second is left.
        return (time.monotonic() - began) + (MOST_SECONDS.total_seconds() - 0.5 if asked else 0.0)

    asked: list[bool] = []
    async with LoopbackFetcher() as fetcher:
        one = FullText(fetcher, Turns(0.0, quickly), quickly, user_agent="Nightdesk/test")
        first = asyncio.ensure_future(
            one.complete(FEED, [report(server.url("/1", "outlet.example"))], {})
        )
        await asyncio.sleep(0)
        asked.append(True)
        done: Completed = await first
        one.close()
    assert done.pages[0].outcome is PageOutcome.NO_TIME
    assert time.monotonic() - began < 5


async def test_requests_to_one_host_never_overlap_nor_come_close(
    server: FeedServer, full_text: FullText, ticks: Time
) -> None:
    spans: list[tuple[str, float, float]] = []
    at_work: set[str] = set()
    overlaps: list[str] = []

    def route(asked: Asked) -> Reply:
        host, began = asked.headers["host"], ticks.now
        if host in at_work:
            overlaps.append(host)
        at_work.add(host)
        ticks.now += 0.25
        at_work.discard(host)
        spans.append((host, began, ticks.now))
        return html(article_page())

    paths = [f"/{n}" for n in range(1, 6)]
    server.routes |= dict.fromkeys(["/robots.txt", *paths], route)
    polls = [
        [report(server.url(path, host), n) for n, path in enumerate(paths)]
        for host in ("a.example", "b.example", "a.example")
    ]
    await asyncio.gather(*(full_text.complete(FEED, reports, {}) for reports in polls))
    assert overlaps == []
    assert len(spans) >= 12
    for name in {host for host, _, _ in spans}:
        own = sorted((began, ended) for host, began, ended in spans if host == name)
        assert all(later[0] - earlier[1] >= 1.0 for earlier, later in pairwise(own))


async def test_a_page_that_takes_long_to_read_is_left(server: FeedServer, ticks: Time) -> None:
    lists = b"<html><body>" + (b"<ul>x" * 50 + b"</ul>x" * 50) * 40
    server.routes["/1"] = html(lists)
    async with LoopbackFetcher() as fetcher:
        turns = Turns(1.0, ticks, ticks.sleep)
        one = FullText(fetcher, turns, ticks, user_agent="Nightdesk/test", slowest_reading=0.05)
        assert (await read(server, one, html(lists)))[1] is PageOutcome.SLOW
        one.close()


async def test_a_host_that_asked_for_patience_costs_the_pages_of_others_no_time(
    server: FeedServer, ticks: Time
) -> None:
    server.routes["/1"] = html(article_page())
    async with LoopbackFetcher("resting.example", "outlet.example") as fetcher:
        turns = Turns(1.0, ticks, ticks.sleep)
        resting = server.url("/1", "resting.example")
        turns.rest(f"resting.example:{server.port}", 3_600.0)
        one = FullText(fetcher, turns, ticks, user_agent="Nightdesk/test")
        reports = [report(server.url("/1", "outlet.example"), 1), report(resting, 2)]
        done = await one.complete(FEED, reports, {})
        one.close()
    outcomes = {page.report.url: (page.outcome, page.why) for page in done.pages}
    outcome, why = outcomes[resting]
    assert outcome is PageOutcome.NO_TIME
    assert "left alone for 3600 s" in why
    assert [page.outcome for page in done.pages].count(PageOutcome.TAKEN) == 1


async def test_a_turn_that_comes_too_late_is_not_waited_for_and_hosts_are_forgotten() -> None:
    ticks = Time()
    turns = Turns(1.0, ticks, ticks.sleep)
    async with turns.turn("slow.example", spacing=50.0):
        pass
    began = ticks.now
    with pytest.raises(TimeoutError):
        async with turns.turn("slow.example", until=began + 30.0):
            pass
    assert ticks.now == began
    for number in range(6_000):
        async with turns.turn(f"h{number}.example"):
            ticks.now += 0.1
    async with turns.turn("slow.example"):
        assert ticks.now >= began + 50.0
    assert len(turns) < 5_100
