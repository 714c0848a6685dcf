"""News sitemaps: what they list becomes entries; an index of sitemaps, and hostile ones, are named."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime

import pytest

from nightdesk.feeds.errors import NotAFeed
from nightdesk.feeds.parse import parse
from nightdesk.feeds.parsed import MOST_ENTRIES, ListedSitemap, ParsedFeed

HEAD = (
    b"<?xml version='1.0' encoding='UTF-8'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
    b"xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>"
)
ENTRY = """<url><loc>https://post.example/{n}?a=1&amp;b=2</loc><lastmod>2026-03-02</lastmod><news:news>
<news:publication><news:name>The Velmora Post</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2026-03-01T08:00:00+01:00</news:publication_date>
<news:title><![CDATA[Dockers & crane
drivers walk out]]></news:title></news:news></url>"""


def read(body: bytes) -> ParsedFeed:
    return parse(body, content_type="application/xml", url="https://post.example/news.xml")


def test_a_news_sitemap_gives_titles_dates_and_languages() -> None:
    found = read(HEAD + ENTRY.format(n=1).encode() + b"</urlset>")
    assert (found.format, found.title, found.language) == ("sitemap-news", "The Velmora Post", "en")
    [entry] = found.entries
    assert entry.url == "https://post.example/1?a=1&b=2"
    assert entry.title == "Dockers & crane drivers walk out"
    assert entry.published_at == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert entry.updated_at == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_sitemap_without_news_has_addresses_alone() -> None:
    found = read(b"<urlset><url><loc>/a</loc></url><url><loc> /b </loc></url></urlset>")
    assert found.format == "sitemap"
    assert [one.url for one in found.entries] == [
        "https://post.example/a",
        "https://post.example/b",
    ]


def test_an_index_names_a_sitemap_of_news_to_declare() -> None:
    with pytest.raises(NotAFeed) as caught:
        read(
            b"<sitemapindex><sitemap><loc>https://post.example/pages.xml</loc></sitemap>"
            b"<sitemap><loc>https://post.example/news.xml</loc></sitemap></sitemapindex>"
        )
    assert "index of 2 sitemaps" in caught.value.message
    assert "https://post.example/news.xml" in caught.value.hint


def test_an_index_tells_where_its_sitemaps_are_and_when_they_changed() -> None:
    with pytest.raises(NotAFeed) as caught:
        read(
            b"<sitemapindex><sitemap><loc> /a.xml </loc><lastmod>2026-03-01T08:00:00Z</lastmod></sitemap>"
            b"<sitemap><lastmod>2026-03-01</lastmod></sitemap><sitemap><loc>http://[broken</loc></sitemap>"
            b"<sitemap><loc>b.xml.gz</loc><lastmod>yesterday</lastmod></sitemap></sitemapindex>"
        )
    assert caught.value.sitemaps == (
        ListedSitemap("https://post.example/a.xml", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ListedSitemap("https://post.example/b.xml.gz"),
    )


def test_one_that_breaks_off_gives_what_stood_before() -> None:
    whole = HEAD + b"".join(ENTRY.format(n=n).encode() for n in range(3))
    assert len(read(whole[:-40]).entries) >= 2


def test_more_than_the_bound_is_counted() -> None:
    found = read(HEAD + b"<url><loc>/x</loc></url>" * (MOST_ENTRIES + 7) + b"</urlset>")
    assert (len(found.entries), found.left_out) == (MOST_ENTRIES, 7)


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE u [<!ENTITY a 'aaaaaaaaaa'>"
        + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 9))
        + b"]><urlset><url><loc>&a8;</loc></url></urlset>",
        b"<!DOCTYPE u [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&x;</loc></url></urlset>",
    ],
)
def test_entities_are_neither_expanded_nor_fetched(body: bytes) -> None:
    found = read(body)
    assert all(
        "aaaa" not in (one.url or "") and "root" not in (one.url or "") for one in found.entries
    )


def test_deep_nesting_ends_soon() -> None:
    began = time.process_time()
    with contextlib.suppress(NotAFeed):
        read(b"<urlset><url>" + b"<loc>" * 1_000_000)
    assert time.process_time() - began < 5
