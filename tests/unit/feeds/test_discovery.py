"""Discovery: which feeds a page advertises."""

from __future__ import annotations

import time

import pytest

from nightdesk.feeds.discovery import Advertised, discover
from nightdesk.feeds.errors import NotAFeed
from nightdesk.feeds.parse import parse

URL = "https://post.example/news/"


def test_what_the_head_declares_comes_before_links() -> None:
    page = b"""<html><head><link rel="alternate" type="application/rss+xml" title="Top
      stories" href="/rss.xml"><LINK REL='alternate nofollow' TYPE='application/atom+xml; charset=utf-8'
      HREF='atom'/><link rel=stylesheet href=/feed.css></head><body><a href="/feeds/world">World</a>
      <a href="/feedback">Write to us</a><a class=x href=https://other.example/sport.rss>Sport</a>
      <a href="/rss.xml#top">again</a></body></html>"""
    assert discover(page, URL) == (
        Advertised("https://post.example/rss.xml", "RSS", "Top stories"),
        Advertised("https://post.example/news/atom", "Atom"),
        Advertised("https://post.example/feeds/world"),
        Advertised("https://other.example/sport.rss"),
    )


def test_a_base_counts() -> None:
    page = b'<base href="https://cdn.example/x/"><link rel=alternate type=application/feed+json href=f>'
    assert [one.url for one in discover(page, URL)] == ["https://cdn.example/x/f"]


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)//feed", "http://[::1/feed", "file:///feed", ""]
)
def test_what_cannot_be_fetched_is_not_named(href: str) -> None:
    tag = f'<link rel="alternate" type="text/xml" href="{href}"><a href="{href}">x</a>'
    assert discover(tag.encode(), URL) == ()


def test_a_page_that_is_polled_names_its_feeds() -> None:
    page = b"<html><head><link rel=alternate type=application/rss+xml href=/rss></head></html>"
    with pytest.raises(NotAFeed) as caught:
        parse(page, content_type="text/html", url=URL)
    assert caught.value.advertised == (Advertised("https://post.example/rss", "RSS"),)
    assert "https://post.example/rss" in caught.value.hint


@pytest.mark.parametrize(
    "page", [b"<a " * 400_000, b"<a href=/feed>" * 100_000, b"<div>" * 200_000 + b"<a href=/feed>"]
)
def test_hostile_pages_end_soon(page: bytes) -> None:
    began = time.process_time()
    assert len(discover(page, URL)) <= 20
    assert time.process_time() - began < 2
