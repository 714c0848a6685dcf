"""OPML: other readers' lists become feeds to declare, and back."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.feeds.opml import OpmlError, read_opml, write_opml
from schemas import Feed

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
LIST = b"""<?xml version="1.0" encoding="ISO-8859-1"?><opml version="1.1"><head><title>x</title></head><body>
<outline text="World News"><outline text="Middle East">
  <outline type="rss" text="The Velmora Post" xmlUrl="http://post.example/rss?a=1&amp;b=2"/>
</outline><outline title="Caf\xe9 Quill" XMLURL="feed://quill.example/atom" category="/Sport/Sailing,Boats"/>
</outline>
<outline text="The Velmora Post" xmlUrl="https://post.example/other"/>
<outline text="again" xmlUrl="https://post.example/other"/>
<outline text="bad" xmlUrl="gopher://old.example/1"/><outline text="no address"/>
<outline xmlUrl="https://www.nameless.example/"/>
</body></opml>"""


def test_folders_become_tags() -> None:
    found = read_opml(LIST, taken={"nameless-example"})
    assert [(one.id, one.url, one.tags) for one in found.feeds] == [
        ("the-velmora-post", "http://post.example/rss?a=1&b=2", ("world-news", "middle-east")),
        ("cafe-quill", "http://quill.example/atom", ("world-news", "sport", "sailing", "boats")),
        ("the-velmora-post-2", "https://post.example/other", ()),
        ("www-nameless-example", "https://www.nameless.example/", ()),
    ]
    assert found.feeds[1].source == "Café Quill"
    assert found.feeds[3].source == "nameless.example"
    assert [url for url, _ in found.left_out] == [
        "https://post.example/other",
        "gopher://old.example/1",
    ]


def test_a_long_list_of_one_name_is_read_soon() -> None:
    rows = b"".join(b'<outline text="RSS" xmlUrl="http://h%d.example/"/>' % n for n in range(8_000))
    began = time.perf_counter()
    found = read_opml(b"<opml><body>%b</body></opml>" % rows, taken={"rss", "rss-3"})
    assert [one.id for one in found.feeds[:3]] == ["rss-2", "rss-4", "rss-5"]
    assert len({one.id for one in found.feeds}) == 8_000
    assert time.perf_counter() - began < 3, "8 s where each looks at all numbers before"


def test_there_and_back() -> None:
    feeds = read_opml(LIST).feeds
    document = write_opml(feeds, title="Ours & theirs", created=NOW)
    assert b"<title>Ours &amp; theirs</title>" in document
    again = read_opml(document).feeds
    assert sorted(one.url for one in again) == sorted(one.url for one in feeds)
    by_url = {one.url: one for one in again}
    assert all(set(by_url[one.url].tags) == set(one.tags) for one in feeds)


@pytest.mark.parametrize("body", [b"", b"<rss/>", b"plain words", b"\x00\xff" * 500])
def test_what_is_no_opml_is_named(body: bytes) -> None:
    with pytest.raises(OpmlError) as caught:
        read_opml(body)
    assert caught.value.hint


def test_no_entity_is_expanded() -> None:
    body = (
        b"<!DOCTYPE opml [<!ENTITY x SYSTEM 'file:///etc/passwd'><!ENTITY b 'boom'>]>"
        b"<opml><body><outline text='&b;' xmlUrl='http://a.example/&x;'/></body></opml>"
    )
    assert all("root:" not in one.url for one in read_opml(body).feeds)


@given(st.binary(max_size=300))
def test_anything_at_all_is_read_or_named(tail: bytes) -> None:
    found = read_opml(b"<opml><body>" + tail)
    assert all(isinstance(one, Feed) for one in found.feeds)
