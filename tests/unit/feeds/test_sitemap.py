"""News sitemaps: what they list becomes entries; an index of sitemaps, and hostile ones, are named."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
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


def _upper(text: str) -> str:
    return re.sub(r"(</?)([\w:]+)", lambda found: found[1] + found[2].upper(), text)


@pytest.mark.parametrize(
    "change",
    [
        _upper,
        lambda text: re.sub(r"\sxmlns(:\w+)?='[^']*'", "", text),
        lambda text: re.sub(r"(</?)(urlset|url|loc|lastmod)\b", r"\1sm:\2", text),
        lambda text: text.replace("&amp;b", "&b").replace("Dockers &amp;", "Dockers &"),
        lambda text: text.replace("</lastmod>", ""),
        lambda text: text.replace("<lastmod>", "<lastmod>\x01 < "),
        lambda text: f"<b>Warning</b>: x\n{text}\n<script>x</script>",
    ],
    ids=["capitals", "no namespaces", "prefixes", "ampersands", "unclosed", "signs", "around"],
)
def test_one_that_is_not_well_formed_says_the_same(change: Callable[[str], str]) -> None:
    entry = ENTRY.replace("<![CDATA[Dockers & crane", "Dockers &amp; crane").replace("]]>", "")
    text = HEAD.decode() + entry.format(n=1) + entry.format(n=2) + "</urlset>"
    found = read(change(text).encode())
    assert (found.format, found.title, found.language) == ("sitemap-news", "The Velmora Post", "en")
    assert [one.url for one in found.entries] == [
        "https://post.example/1?a=1&b=2",
        "https://post.example/2?a=1&b=2",
    ]
    assert {one.title for one in found.entries} == {"Dockers & crane drivers walk out"}
    assert found.entries[1].published_at == datetime(2026, 3, 1, 7, tzinfo=UTC)


def test_a_picture_is_not_the_page_and_a_video_has_a_title() -> None:
    found = read(
        b"<urlset><url><image:image><image:loc>/i.jpg</image:loc></image:image><loc>/1</loc>"
        b"<video:video><video:title>A walk</video:title><video:description>By the sea</video:description>"
        b"<video:publication_date>2026-03-01</video:publication_date></video:video></url></urlset>"
    )
    [entry] = found.entries
    assert (entry.url, entry.title, entry.description) == (
        "https://post.example/1",
        "A walk",
        "By the sea",
    )
    assert entry.published_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_an_index_in_capitals_or_without_sitemaps() -> None:
    with pytest.raises(NotAFeed, match="an index of 1 sitemap") as caught:
        read(
            b"<SITEMAPINDEX><SITEMAP><LOC>https://post.example/a.xml</LOC></SITEMAP></SITEMAPINDEX>"
        )
    assert "https://post.example/a.xml" in caught.value.hint
    with pytest.raises(NotAFeed, match="an index of 0 sitemaps"):
        read(b"<sitemapindex></sitemapindex>")
