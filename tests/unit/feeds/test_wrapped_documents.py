"""Feeds in something else: warnings before, notes behind, pages that show them, JSON around them."""

from __future__ import annotations

import html
import json

import pytest

from nightdesk.feeds.errors import NotAFeed
from nightdesk.feeds.parse import parse
from nightdesk.feeds.parsed import ParsedFeed

ITEM = """<item><title>One &amp; two</title><link>http://outlet.example/1?a=1&amp;b=2</link>
<guid isPermaLink='false'>1&amp;2</guid><description>&lt;p&gt;words&lt;/p&gt;</description></item>"""
RSS = f"<rss version='2.0'><channel><title>T</title>{ITEM}</channel></rss>"
ATOM = """<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><title>One &amp; two</title>
<link rel='alternate' href='http://outlet.example/1?a=1&amp;b=2'/><id>1&amp;2</id>
<summary type='html'>&lt;p&gt;words&lt;/p&gt;</summary></entry></feed>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "T",
        "items": [{"id": "1", "title": "One", "content_text": "words"}],
    }
)
PROLOGUE = "<?xml version='1.0' encoding='utf-8'?>"
WARNING = "<br />\n<b>Warning</b>: Undefined variable $x in <b>/srv/feed.php</b> on line <b>12</b><br />\n"


def read(document: str) -> ParsedFeed:
    return parse(document.encode(), content_type=None, url="http://outlet.example/feed")


@pytest.mark.parametrize("feed", [RSS, ATOM], ids=["rss", "atom"])
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        f"{WARNING}{PROLOGUE}{{}}",
        f"<!-- cached -->\n{PROLOGUE}{{}}",
        f"{PROLOGUE}\n{PROLOGUE}{{}}",
        "<?php header('x'); ?>{}",
        "HTTP/1.1 200 OK\r\nX-Cache: HIT\r\n\r\n{}",
        f"<!DOCTYPE html>{PROLOGUE}{{}}",
        f"<html><body><!-- a page -->{PROLOGUE}{{}}</body></html>",
        "{}\n<script>var x = 1 < 2;</script>",
        "{}\n<b>Fatal error</b>: out of memory",
    ],
)
def test_what_stands_around_a_feed_changes_nothing(feed: str, around: str) -> None:
    (entry,) = read(around.replace("{}", feed)).entries
    assert entry == read(feed).entries[0]
    assert (entry.title, entry.guid) == ("One & two", "1&2")
    assert entry.url == "http://outlet.example/1?a=1&b=2"


def test_it_is_said_that_something_was_left_out() -> None:
    assert "left out" in read(WARNING + RSS).note
    assert read(f"{PROLOGUE}<!-- note -->{RSS}\n<!-- cached -->\n").note == ""


def test_declared_entities_stay() -> None:
    document = f'junk <!DOCTYPE rss [\n<!ENTITY agency "Agency">\n]>{RSS}'.replace(
        "One", "&agency;"
    )
    assert read(document).entries[0].title == "Agency & two"


def test_entries_outside_of_the_root_are_kept() -> None:
    assert len(read(f"{ITEM}{RSS}").entries) == 2
    assert len(read(f"{RSS}{RSS}").entries) == 2
    assert len(read(f"{RSS}{ITEM}").entries) == 2


@pytest.mark.parametrize("feed", [PROLOGUE + RSS, ATOM, f"<!-- a note -->{RSS}", JSON_FEED])
def test_a_page_that_shows_the_source_of_a_feed(feed: str) -> None:
    shown = f"<body><pre style='x'>{html.escape(feed)}</pre></body>"
    shown = f"<html><head><title>feed</title></head>{shown}</html>"
    assert read(shown).entries == read(feed).entries
    if not feed.startswith("{"):
        assert read(html.escape(feed)).entries == read(feed).entries


def test_a_page_that_explains_feeds_is_none() -> None:
    with pytest.raises(NotAFeed, match="an HTML page"):
        read(f"<html><body><h1>How feeds work</h1><pre>{html.escape(RSS)}</pre></body></html>")


@pytest.mark.parametrize(
    "document",
    [
        json.dumps({"status": 200, "contents": PROLOGUE + RSS}),
        json.dumps(PROLOGUE + RSS),
        f"{{]{RSS}",
    ],
)
def test_xml_within_json(document: str) -> None:
    assert read(document).entries[0].title == "One & two"


@pytest.mark.parametrize(
    "around",
    [
        "callback(%s);",
        "/**/ typeof cb === 'function' && cb(%s);",
        ")]}'\n%s",
        "while(1);%s",
        "// a comment\n%s",
        "var feed = %s;",
        "window['feed'](%s)",
        "\ufeff%s",
        "[%s]",
        '{"status": "ok", "feed": %s}',
    ],
)
def test_json_that_is_a_call_or_guarded_or_within_an_answer(around: str) -> None:
    found = read(around.replace("%s", JSON_FEED))
    assert ([one.guid for one in found.entries], found.note) == (["1"], "")


@pytest.mark.parametrize("page", ["body { color: red }", "a = {", "x {}", '"words"', "{]"])
def test_what_only_looks_like_json_is_no_feed(page: str) -> None:
    with pytest.raises(NotAFeed):
        read(page)
