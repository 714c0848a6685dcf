"""Where a publisher's articles are looked for: what lies there, what does not, and what goes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nightdesk.feeds.discovery import Advertised
from nightdesk.feeds.pages.listings import (
    Kind,
    Step,
    first_steps,
    front_of,
    is_article_at,
    is_at,
    steps_of_front,
    steps_of_index,
)
from nightdesk.feeds.parsed import ListedSitemap

FRONT = "https://www.post.example/"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "front"),
    [
        ("https://www.post.example", FRONT),
        ("https://WWW.Post.Example:443/world?x=1#top", FRONT),
        ("https://user:word@www.post.example/", FRONT),
        ("http://post.example:8080/", "http://post.example:8080/"),
        ("https://zeitung.xn--mnchen-3ya.example", "https://zeitung.xn--mnchen-3ya.example/"),
        ("https://news.google.com/", None),
        ("https://intranet/", None),
        ("post.example", None),
        ("mailto:desk@post.example", None),
        ("", None),
        (None, None),
    ],
)
def test_the_front_page_of_a_publisher(address: str | None, front: str | None) -> None:
    assert front_of(address) == front


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://post.example/1", True),
        ("http://www.post.example/1", True),
        ("https://sport.post.example/1", True),
        ("https://notpost.example/1", False),
        ("https://post.example.evil.example/1", False),
        ("https://example/1", False),
        ("https://post.example@evil.example/1", False),
        ("https://evil.example\\@post.example/1", False),
        ("https://post.example:8443/1", False),
        ("/1", False),
        ("https://post.example/a b", False),
        ("https://post.example/a\u202eb", False),
    ],
)
def test_what_lies_at_a_publisher(url: str, there: bool) -> None:
    assert is_at(url, FRONT) is there
    assert is_article_at(url, FRONT) is there


@pytest.mark.parametrize("url", [FRONT, "https://post.example", "ftp://post.example/1"])
def test_what_lies_there_and_is_no_article(url: str) -> None:
    assert not is_article_at(url, FRONT)


def test_one_that_lives_below_another_host_may_list_what_lies_there() -> None:
    assert is_at("https://www.post.example/1", "https://edition.post.example/")
    assert not is_at("https://bob.post.example/1", "https://alice.post.example/")


def test_sitemaps_that_say_news_go_first_and_no_more_than_three_are_asked_for() -> None:
    named = [f"https://post.example/{name}" for name in ("a.xml", "video.xml", "News.xml", "b.xml")]
    named = ["https://evil.example/news.xml", "http://[broken", *named, named[0]]
    steps = first_steps(named, FRONT)
    assert [step.url.rpartition("/")[2] for step in steps] == ["News.xml", "a.xml", "video.xml", ""]
    assert steps[-1] == Step(Kind.FRONT, FRONT)
    of_news = ["https://news.post.example/all.xml", "https://post.example/sitemap?kind=news"]
    assert first_steps(of_news, "https://news.post.example/")[0].url == of_news[1]
    assert first_steps([], FRONT) == [Step(Kind.FRONT, FRONT)]


def test_of_an_index_two_are_asked_for_news_first_then_the_newest() -> None:
    listed = [
        ListedSitemap("https://post.example/old.xml", NOON - timedelta(days=9)),
        ListedSitemap("https://post.example/undated.xml"),
        ListedSitemap("https://evil.example/news.xml", NOON),
        ListedSitemap("https://post.example/new.xml", NOON),
        ListedSitemap("https://post.example/news.xml"),
    ]
    assert [step.url.rpartition("/")[2] for step in steps_of_index(listed, FRONT)] == [
        "news.xml",
        "new.xml",
    ]


def test_two_feeds_of_its_own_are_asked_for_and_none_of_comments() -> None:
    advertised = [
        Advertised("https://post.example/comments/feed"),
        Advertised("https://post.example/f", title="Post \u00bb Comments Feed"),
        Advertised("https://feeds.example/post"),
        *(Advertised(f"https://post.example/{number}") for number in range(5)),
    ]
    assert steps_of_front(advertised, FRONT) == [
        Step(Kind.FEED, "https://post.example/0"),
        Step(Kind.FEED, "https://post.example/1"),
    ]
