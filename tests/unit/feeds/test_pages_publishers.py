"""Links of Google News that only Google can resolve: found at their publisher, over real sockets."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest

from nightdesk.feeds.pages.full_text import FullText
from nightdesk.feeds.pages.outcome import PageOutcome
from schemas import FullText as When
from tests.support.feedserver import FeedServer, Reply
from tests.support.googlenews import ID, GoogleNews
from tests.support.outlets import (
    NOON,
    PARAGRAPHS,
    TITLE,
    article_page,
    html,
    moved,
    page,
)
from tests.support.publishers import (
    FEED,
    Town,
    entry,
    index,
    news_sitemap,
    read,
    robots,
    xml,
)

ARTICLE = html(article_page())


async def test_the_article_is_found_in_the_sitemap_of_its_publisher_and_read(
    town: Town, of_town: FullText
) -> None:
    told = await read(of_town, entry(town, town.outlet()))
    assert told.outcome is PageOutcome.TAKEN
    assert told.report.url == town.server.url("/story", "outlet.example")
    assert PARAGRAPHS[0] in (told.report.content or "")
    assert town.asked() == ["/robots.txt", "/news.xml", "/story"]
    assert town.asked("news.google.com") == ["/robots.txt"], "which forbids the rest"


async def test_a_feed_that_wants_no_pages_asks_nobody(town: Town, of_town: FullText) -> None:
    feed = FEED.model_copy(update={"full_text": When.NEVER})
    done = await of_town.complete(feed, [entry(town, town.outlet())], {})
    assert (done.pages, town.server.asked) == ([], [])


async def test_an_entry_that_names_no_publisher_stays_as_it_was(
    town: Town, of_town: FullText
) -> None:
    one = entry(town, None)
    told = await read(of_town, one)
    assert (told.outcome, told.report) == (PageOutcome.ROBOTS, one)
    assert town.hosts() == {"news.google.com"}


async def test_a_link_that_leads_to_an_article_itself_is_no_question_for_its_publisher(
    town: Town, of_town: FullText
) -> None:
    # As those of Bing News, and of planets, whose entries name a source too.
    town.put("other.example", "/1", ARTICLE)
    direct = town.server.url("/1", "other.example")
    told = await read(of_town, entry(town, town.outlet(), url=direct))
    assert (told.outcome, told.report.url) == (PageOutcome.TAKEN, direct)
    assert town.hosts() == {"other.example"}


async def test_a_shortener_that_leads_nowhere_is_no_question_for_a_publisher(
    town: Town, of_town: FullText
) -> None:
    one = entry(town, town.outlet(), url="http://bit.ly/abc")
    told = await read(of_town, one)
    assert told.report == one
    assert town.hosts() == set()


async def test_google_is_asked_first_where_it_lets_us(
    server: FeedServer, town: Town, of_town: FullText
) -> None:
    news = GoogleNews(server)
    news.goals[ID] = server.url("/story", "outlet.example")
    server.routes["/story"] = ARTICLE
    told = await read(of_town, entry(town, "http://outlet.example", url=news.link(ID)))
    assert (told.outcome, news.questions) == (PageOutcome.TAKEN, 1)
    assert town.asked() == ["/robots.txt", "/story"]
    server.routes["/story"] = Reply(status=500)
    told = await read(of_town, entry(town, "http://outlet.example", url=news.link(ID)))
    assert (told.outcome, told.report.url) == (PageOutcome.FAILED, news.goals[ID])
    assert town.asked() == ["/robots.txt", "/story", "/story"], "Google has told where it is"
    news.says = Reply(status=500)
    server.routes["/story2"] = html(article_page(paragraphs=[*PARAGRAPHS, "So it was said."]))
    place = server.url("/news.xml", "second.example")
    server.routes["/robots.txt"] = robots(place)
    story = server.url("/story2", "second.example")
    server.routes["/news.xml"] = xml(news_sitemap((TITLE, story)))
    home = server.url("", "second.example")
    told = await read(of_town, entry(town, home, url=news.link(f"{ID}2")))
    assert (told.outcome, told.report.url) == (PageOutcome.TAKEN, story)


@pytest.mark.parametrize(
    "title",
    [
        TITLE.upper(),
        f"  {TITLE.replace(' ', chr(0xA0))}\n",
        f"\u201c{TITLE}\u201d",
        TITLE.replace("winter", "<b>winter</b>"),
        f"{TITLE} | The Outlet",
        f"{TITLE} \u2013 the outlet",
    ],
)
async def test_the_spelling_of_a_headline_does_not_count(
    town: Town, of_town: FullText, title: str
) -> None:
    story = town.server.url("/story", "outlet.example")
    told = await read(of_town, entry(town, town.outlet("outlet.example", (title, story))))
    assert (told.outcome, told.report.url) == (PageOutcome.TAKEN, story)


@pytest.mark.parametrize(
    ("title", "at", "listed"),
    [
        (TITLE, NOON, [("Northquay bridge reopens after the summer floods", "/story")]),
        (TITLE, NOON, [(TITLE, "/story"), (TITLE, "/other")]),
        (TITLE, NOON, [(TITLE, "/")]),
        (TITLE, NOON, [(TITLE, "//other.example/story")]),
        (TITLE, NOON, [(TITLE, "https://news.google.com/rss/articles/CBMiabcdefghijkl")]),
        (TITLE, NOON, [(TITLE, "javascript:alert(1)")]),
        (TITLE, NOON, [(TITLE, "file:///etc/passwd")]),
        (TITLE, NOON, [(TITLE, "http://10.0.0.1/story")]),
        (TITLE, NOON, [(TITLE, "http://[broken")]),
        (TITLE, NOON - timedelta(days=1), [(TITLE, "/story")]),
        ("Live updates", NOON, [("Live updates", "/story")]),
        ("", NOON, [("", "/story")]),
    ],
)
async def test_what_is_in_doubt_is_not_taken(
    town: Town,
    of_town: FullText,
    title: str,
    at: object,
    listed: list[tuple[str, str]],
) -> None:
    front = town.outlet("outlet.example", *listed)
    one = entry(town, front, title=f"{title} - The Outlet", published_at=at)
    told = await read(of_town, one)
    assert (told.outcome, told.report) == (PageOutcome.UNLISTED, one)
    assert "/story" not in town.asked()
    assert "other.example" not in town.hosts()


async def test_two_addresses_of_one_page_are_one(town: Town, of_town: FullText) -> None:
    story = town.server.url("/story", "outlet.example")
    tracked = town.server.url("/story?utm_source=sitemap", "www.outlet.example")
    front = town.outlet("outlet.example", (TITLE, story), (TITLE, tracked))
    assert (await read(of_town, entry(town, front))).outcome is PageOutcome.TAKEN


@pytest.mark.parametrize(
    ("front", "host"),
    [
        ("outlet.example", "www.outlet.example"),
        ("www.outlet.example", "outlet.example"),
        ("www.outlet.example", "news.outlet.example"),
        ("edition.outlet.example", "www.outlet.example"),
    ],
)
async def test_the_article_may_lie_beside_the_front_page(
    town: Town, of_town: FullText, front: str, host: str
) -> None:
    story = town.put(host, "/there", ARTICLE)
    told = await read(of_town, entry(town, town.outlet(front, (TITLE, story))))
    assert (told.outcome, told.report.url) == (PageOutcome.TAKEN, story)


async def test_a_sitemap_of_news_goes_before_others_and_one_of_an_index_before_older_ones(
    town: Town, of_town: FullText
) -> None:
    host, front = "outlet.example", town.outlet()
    story = town.put(host, "/story", ARTICLE)
    old = town.put(host, "/2025.xml.gz", xml(b"<urlset/>"))
    new = town.put(host, "/2026.xml.gz", xml(gzip.compress(news_sitemap((TITLE, story)))))
    listed = index(
        (old, "2025-12-31"), ("http://far.example/x.xml", "2026-03-02"), (new, "2026-03-01")
    )
    pages = town.put(host, "/pages.xml", xml(b"<urlset><url><loc>/a</loc></url></urlset>"))
    whole = town.put(host, "/google-news-index.xml", xml(listed))
    town.put(host, "/robots.txt", robots(pages, whole, "http://far.example/news.xml"))
    told = await read(of_town, entry(town, front))
    assert told.outcome is PageOutcome.TAKEN
    assert town.asked() == ["/robots.txt", "/google-news-index.xml", "/2026.xml.gz", "/story"]
    assert "far.example" not in town.hosts()


@pytest.mark.parametrize("names_a_sitemap", [True, False])
async def test_where_no_sitemap_holds_it_the_publishers_own_feeds_do(
    town: Town, of_town: FullText, names_a_sitemap: bool
) -> None:
    front, host = (
        town.outlet("outlet.example", ("Another matter altogether, told at length", "/x")),
        "outlet.example",
    )
    if not names_a_sitemap:
        town.put(host, "/robots.txt", robots())
    story = town.server.url("/story", host)
    town.feed(host, "/feed", (TITLE, story))
    head = (
        '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">'
        '<link rel="alternate" type="application/rss+xml" href="http://far.example/feed">'
        '<link rel="alternate" type="application/rss+xml" href="/feed">'
    )
    town.put(host, "/", html(page("<p>Today</p>", head=head)))
    told = await read(of_town, entry(town, front, published_at=None))
    assert (told.outcome, told.report.url) == (PageOutcome.TAKEN, story)
    before = ["/news.xml"] if names_a_sitemap else []
    assert town.asked() == ["/robots.txt", *before, "/", "/feed", "/story"]
    assert town.hosts() == {"news.google.com", host}


async def test_a_page_that_tells_something_else_takes_the_address_back(
    town: Town, of_town: FullText
) -> None:
    front = town.outlet()
    bees = ["Beekeepers from the heath won a prize for honey, and celebrated."] * 9
    town.put("outlet.example", "/story", html(article_page("Honey", bees)))
    one = entry(town, front)
    told = await read(of_town, one)
    assert (told.outcome, told.report) == (PageOutcome.OFF_TOPIC, one)


@pytest.mark.parametrize(
    ("answer", "outcome", "is_kept"),
    [
        (Reply(status=404), PageOutcome.FAILED, False),
        (Reply(status=410), PageOutcome.FAILED, False),
        (Reply(status=403), PageOutcome.FAILED, True),
        (html(page(f"<h1>{TITLE}</h1>")), PageOutcome.NO_GAIN, True),
        (moved("http://10.0.0.1/"), PageOutcome.REFUSED, False),
    ],
)
async def test_the_address_is_kept_where_the_page_is_only_shut(
    town: Town, of_town: FullText, answer: Reply, outcome: PageOutcome, is_kept: bool
) -> None:
    front = town.outlet()
    story = town.put("outlet.example", "/story", answer)
    one = entry(town, front)
    told = await read(of_town, one)
    assert told.outcome is outcome
    assert told.report.url == (story if is_kept else one.url)
