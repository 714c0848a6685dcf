"""Parsing: every format, what is no feed, wrong charsets, and what a document says of itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from nightdesk.feeds.errors import BotWall, EmptyBody, NotAFeed
from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.parse import parse
from nightdesk.feeds.parsed import ParsedEntry
from tests.support.feedserver import rss
from tests.unit.feeds.support import only, read, rss_item


def test_rss() -> None:
    entry = only(
        rss_item(
            "<title>Bridge reopened</title><link>/news/1</link><guid isPermaLink='false'>n1</guid>"
            "<description>&lt;p&gt;Short&lt;/p&gt;</description><dc:creator>A. Writer</dc:creator>"
            "<content:encoded><![CDATA[<p>Long</p>]]></content:encoded>"
            "<pubDate>Tue, 03 Mar 2026 10:00:00 +0200</pubDate>"
        )
    )
    assert entry == ParsedEntry(
        guid="n1",
        url="http://outlet.example/news/1",
        title="Bridge reopened",
        description="<p>Short</p>",
        content="<p>Long</p>",
        author="A. Writer",
        published_at=datetime(2026, 3, 3, 8, tzinfo=UTC),
    )


def test_whom_an_aggregator_names_as_the_publisher() -> None:
    inside = "<title>Bridge reopened - Outlet &amp; Co</title><link>https://news.example/1</link>"
    named = only(
        rss_item(f"{inside}<source url='https://www.outlet.example'>Outlet &amp; Co</source>")
    )
    assert (named.outlet, named.outlet_url) == ("Outlet & Co", "https://www.outlet.example")
    assert named.title == "Bridge reopened - Outlet & Co"
    nameless = only(rss_item(f"{inside}<source url='https://www.outlet.example'/>"))
    assert (nameless.outlet, nameless.outlet_url) == (None, "https://www.outlet.example")
    nowhere = only(rss_item(f"{inside}<source>Outlet</source>"))
    assert (nowhere.outlet, nowhere.outlet_url) == ("Outlet", None)
    atom = (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><title>Planet</title><entry><title>A</title><id>u:1</id>"
        b"<source><title>S</title><id>u:s</id><link href='https://s.example/'/></source></entry></feed>"
    )
    assert (only(atom).outlet, only(atom).outlet_url) == ("S", None)
    bing = (
        "<rss version='2.0' xmlns:News='https://bing.example/news'><channel><title>Bing</title><item>"
        f"{inside}<News:Source>Outlet</News:Source></item></channel></rss>"
    )
    assert (only(bing.encode()).outlet, only(bing.encode()).outlet_url) == ("Outlet", None)


def test_words_under_other_names() -> None:
    body = (
        "<rss version='2.0' xmlns:yandex='http://news.yandex.ru' xmlns:itunes='http://www.itunes.com/dtds/"
        "podcast-1.0.dtd'><channel><item><itunes:title>Bridge</itunes:title><link>/1</link>"
        "<yandex:full-text>The bridge is open.</yandex:full-text></item></channel></rss>"
    )
    entry = only(body.encode())
    assert (entry.title, entry.content) == ("Bridge", "The bridge is open.")


def test_atom() -> None:
    entry = only(
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr-CA"><title>T</title><entry>'
        b"<id>tag:x,2026:1</id><title type='html'>Pont &amp;amp; route</title>"
        b"<link href='http://outlet.example/1'/><updated>2026-03-03T10:00:00Z</updated>"
        b"<summary>Court</summary><content type='html'>&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>"
    )
    assert (entry.guid, entry.language, entry.published_at) == ("tag:x,2026:1", "fr", None)
    assert entry.updated_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert (entry.title, entry.description, entry.content) == (
        "Pont &amp; route",
        "Court",
        "<p>Long</p>",
    )


def test_rdf() -> None:
    body = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        b' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>T</title></channel>'
        b'<item rdf:about="http://outlet.example/1"><title>One</title><link>http://outlet.example/1</link>'
        b"<dc:date>2026-03-03</dc:date></item></rdf:RDF>"
    )
    found = read(body)
    assert found.format == "rss10"
    assert found.entries[0].updated_at == datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_json_feed(version: str) -> None:
    document = {
        "version": f"https://jsonfeed.org/version/{version}",
        "title": "T",
        "language": "es-MX",
        "items": [
            {
                "id": 7,
                "url": "/7",
                "title": "A < B",
                "content_text": "1 <b> 2",
                "date_published": "2026-03-03T10:00:00-05:00",
                "authors": [{"name": "X"}, {"name": "Y"}, 5],
            },
            {"id": "8", "content_html": "<p>x</p>", "date_published": "yesterday", "title": 5},
            "nonsense",
            None,
        ],
    }
    found = read(json.dumps(document).encode(), "application/feed+json")
    first, second, *others = found.entries
    assert others == [ParsedEntry(), ParsedEntry()]
    assert (found.format, found.language) == (
        f"json1{version[-1] if '.' in version else '0'}",
        "es",
    )
    assert (first.guid, first.url, first.author) == ("7", "http://outlet.example/7", "X, Y")
    assert (first.title, first.content) == ("A &lt; B", "1 &lt;b&gt; 2")
    assert first.published_at == datetime(2026, 3, 3, 15, tzinfo=UTC)
    assert (second.content, second.published_at, second.title) == ("<p>x</p>", None, None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b"<!DOCTYPE html><html><head><title>Our &amp; news</title></head></html>",
            "HTML page: “Our & news”",
        ),
        (b"<html><body>404</body></html>", "an HTML page without a title"),
        (b'{"error": "no"}', "JSON, but not a JSON Feed"),
        (b"[" * 100_000, "JSON, but not a JSON Feed"),
        (b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 50_000, "JSON, but not"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x89PNG\r\n", "a PNG picture"),
        (b"plain words", "neither XML nor JSON"),
        (b"<opml version='2.0'><body/></opml>", "XML of another kind (<opml>)"),
        (b"<?xml version='1.0'?><sitemapindex xmlns='x'></sitemapindex>", "index of 0 sitemaps"),
        (b"<rss version='2.0'>" + b"<a>" * 200_000, "nests more than 5,000"),
        (
            b"<rss version='2.0'><item " + b" ".join(b'a%d="1"' % i for i in range(50_000)) + b">",
            "attributes",
        ),
        (b"\x00" * 1_000, "neither XML nor JSON"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, words: str) -> None:
    with pytest.raises(NotAFeed) as caught:
        read(body)
    assert words in caught.value.message
    assert caught.value.health is FeedHealth.NOT_A_FEED


@pytest.mark.parametrize("body", [b"", b" \r\n\t ", b"\xef\xbb\xbf"])
def test_an_empty_body(body: bytes) -> None:
    with pytest.raises(EmptyBody) as caught:
        read(body)
    assert caught.value.health is FeedHealth.EMPTY


def test_a_bot_wall_that_says_200() -> None:
    page = b"<html><head></head><body><script src='/cdn-cgi/challenge-platform/x.js'></script></body></html>"
    with pytest.raises(BotWall, match="Cloudflare"):
        read(page, "text/html")


def test_a_feed_that_speaks_of_bot_walls_is_a_feed() -> None:
    body = rss(("How /cdn-cgi/challenge-platform and g-recaptcha work", "http://x.example/1"))
    assert len(read(body).entries) == 1


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss()).entries == ()


RUSSIAN = "Президент заявил в четверг, что договорённость вступит в силу"

FRENCH = "Le président a déclaré jeudi que la trêve était très fragile"


@pytest.mark.parametrize(
    ("text", "charset", "declared"),
    [
        (RUSSIAN, "windows-1251", "utf-8"),
        (RUSSIAN, "windows-1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "utf-8"),
        (FRENCH, "latin-1", "utf-8"),
        (FRENCH, "utf-8", "iso-8859-1"),
        (RUSSIAN, "utf-8", "windows-1251"),
        (FRENCH, "utf-16", "utf-16"),
        ("“Très” — œuvre", "cp1252", "iso-8859-1"),
        ("中国外交部发言人星期四表示反对", "gb18030", "utf-8"),
        ("日本政府は木曜日に発表しました", "shift_jis", "utf-8"),
        ("أعلن الرئيس يوم الخميس أن الاتفاق سيدخل حيز التنفيذ", "windows-1256", "utf-8"),
        (FRENCH, "utf-8", "no-such-charset"),
    ],
)
@pytest.mark.parametrize("content_type", [None, "text/xml", "application/rss+xml; charset=utf-8"])
def test_wrong_charsets_are_mended(
    text: str, charset: str, declared: str, content_type: str | None
) -> None:
    body = (
        f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><title>T</title>'
        f"<item><title>{text}</title></item></channel></rss>"
    ).encode(charset)
    assert only(body, content_type).title == text


def test_one_foreign_byte_does_not_spoil_the_rest() -> None:
    body = rss((f"{RUSSIAN} XX", "http://x.example/1")).replace(
        b"XX</title>", b"\x93ok\x94</title>"
    )
    assert only(body).title == f"{RUSSIAN} “ok”"


def test_control_characters_do_not_break_a_document() -> None:
    assert only(rss(("Żółw\x08 swims", "http://x.example/1"))).title == "Żółw swims"


def test_a_bare_guid_is_no_link_and_a_relative_link_is_made_whole() -> None:
    bare = only(rss_item("<title>Lamps</title><guid>12345</guid>"))
    assert (bare.guid, bare.url) == ("12345", None)
    permalink = only(rss_item("<title>Lamps</title><guid>https://outlet.example/1</guid>"))
    assert permalink.url == "https://outlet.example/1"
    relative = only(rss_item("<title>Lamps</title><guid>12345</guid><link>/lamps?p=2</link>"))
    assert (relative.guid, relative.url) == ("12345", "http://outlet.example/lamps?p=2")


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1970),
        ("Mon, 01 Jan 2199 00:00:00 GMT", 2199),
        ("2026-03-03", 2026),
        ("Tue, 03 Mar 2026 10:00:00", 2026),
        ("never", None),
        ("9" * 10_000, 9999),
        ("Mon, 99 Foo 2026 99:99:99 XYZ", None),
    ],
)
def test_dates_are_claims(date: str, year: int | None) -> None:
    entry = only(rss_item(f"<title>x</title><pubDate>{date}</pubDate>"))
    assert (entry.published_at.year if entry.published_at else None) == year


def test_a_document_cut_in_the_middle_gives_what_it_holds() -> None:
    body = rss(*((f"Story {i}", f"http://x.example/{i}") for i in range(10)))
    assert len(read(body[: len(body) // 2]).entries) >= 4


def test_plain_text_that_holds_a_tag_is_marked_as_text() -> None:
    body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>'
        b"<title type='text'>The &lt;blink> tag returns</title></entry></feed>"
    )
    assert only(body).title == "The &lt;blink&gt; tag returns"


SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("<ttl>30</ttl>", 30),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>",
            None,
        ),
        ("<sy:updatePeriod> hourly </sy:updatePeriod>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 15),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 720),
        ("<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod>", 1_440),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
            1_440,
        ),
        (
            "<sy:updatePeriod>often</sy:updatePeriod><sy:updateFrequency>x</sy:updateFrequency>",
            None,
        ),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>-1</sy:updateFrequency>",
            None,
        ),
    ],
)
def test_for_how_long_a_document_says_it_may_be_kept(said: str, minutes: int | None) -> None:
    item = "<item><title>Bridge</title></item>"
    body = f'<rss version="2.0" {SY}><channel><title>x</title>{said}{item}</channel></rss>'
    wanted = None if minutes is None else timedelta(minutes=minutes)
    assert parse(body.encode(), content_type="text/xml", url="http://o.example/").ttl == wanted
