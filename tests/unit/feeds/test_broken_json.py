"""JSON Feeds that break off, lie about their charset, or hold what JSON does not allow."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest

from nightdesk.feeds.errors import NotAFeed
from nightdesk.feeds.parse import parse
from nightdesk.feeds.parsed import ParsedEntry, ParsedFeed

VERSION = "https://jsonfeed.org/version/1.1"


def read(body: bytes) -> ParsedFeed:
    return parse(body, content_type=None, url="http://outlet.example/feed")


def item(number: int, **more: Any) -> dict[str, Any]:
    text = {"content_text": f"Story number {number}"}
    return {"id": str(number), "title": f"Title {number}"} | text | more


def document(*items: Any, **more: Any) -> str:
    return json.dumps({"version": VERSION, "title": "T", "items": items} | more, ensure_ascii=False)


WHOLE = document(item(1), item(2), item(3))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (WHOLE[:-40], ["1", "2"]),
        (WHOLE[:-2] + ",]}", ["1", "2", "3"]),
        (WHOLE + "<!-- cached -->", ["1", "2", "3"]),
        (WHOLE.replace("number", "num\tber"), ["1", "2", "3"]),
        (WHOLE.replace('"id": "2"', '"id": ' + "9" * 10_000), ["1", "9" * 4_000, "3"]),
        (WHOLE.replace('"id": "2"', '"x": ' + "[" * 100_000), ["1", "3"]),
        (WHOLE.replace('"id": "2"', '"id": NaN'), ["1", "nan", "3"]),
    ],
    ids=["cut", "comma", "trailed", "control", "huge number", "deep", "no number"],
)
def test_what_stands_around_the_fault_is_read(text: str, ids: list[str]) -> None:
    found = read(text.encode())
    assert [one.guid for one in found.entries] == ids
    assert found.title == "T"


def test_it_is_said_that_a_document_broke_off() -> None:
    assert "mended: JSONDecodeError" in read(WHOLE[:-40].encode()).note
    assert read(WHOLE.encode()).note == ""


@pytest.mark.parametrize("text", [WHOLE[:50], "{", '{"items": [', '{"items": 5}', '{"a": }'])
def test_where_nothing_stands_before_it_is_no_feed(text: str) -> None:
    with pytest.raises(NotAFeed, match="JSON, but not a JSON Feed"):
        read(text.encode())


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-32-be", "cp1252", "utf-8-sig"])
def test_charsets_that_json_may_not_be_in(charset: str) -> None:
    text = document(item(1, title="La trêve était très fragile"))
    (entry,) = read(text.encode(charset)).entries
    assert entry.title == "La trêve était très fragile"


@pytest.mark.parametrize(
    "version", ["jsonfeed.org/version/1.1", "HTTPS://JSONFEED.ORG/VERSION/1", 1.1, None, []]
)
def test_a_version_that_is_written_wrongly_or_left_out(version: object) -> None:
    assert len(read(document(item(1), version=version).encode()).entries) == 1


def test_what_is_no_item_is_counted() -> None:
    found = read(document(item(1), None, "words", 5).encode())
    assert found.entries[1:] == (ParsedEntry(),) * 3


def test_types_that_are_wrong() -> None:
    told = item(1, authors="A. Writer", date_published=1_795_687_200, title=["x"], url=9)
    (entry,) = read(document(told).encode()).entries
    assert (entry.author, entry.title, entry.url) == ("A. Writer", None, None)
    assert entry.published_at == datetime(2026, 11, 26, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ("{", "{ // a comment\n"),
        ("[", "[ /* another, with ] */ "),
        (",", ",,"),
        ("}]}", ",}, ],}"),
        ("number", r"num\'ber \x"),
    ],
    ids=["line", "comment", "commas", "last", "escapes"],
)
def test_what_is_no_json_but_meant_as_such(given: str, instead: str) -> None:
    found = read(WHOLE.replace(given, instead).encode())
    assert [one.guid for one in found.entries] == ["1", "2", "3"]
    assert (found.entries[0].content or "").startswith("Story num")


def test_what_looks_like_a_comment_or_a_comma_in_a_string_stays() -> None:
    text = "see http://a.example/ /* not a comment */, ] and [1,,2]"
    found = read(document(item(1, content_text=text)).replace("}]}", "},]}").encode())
    assert found.entries[0].content == text


def test_items_behind_a_broken_one_are_read() -> None:
    broken = WHOLE.replace(
        '"title": "Title 2"', '"title": "Ti"tle 2", "authors": [{"name": "A"}, {}]'
    )
    assert [one.guid for one in read(broken.encode()).entries] == ["1", "3"]


def test_a_million_tiny_items_are_not_held_at_once() -> None:
    many = ",".join(['{"id":1}'] * 300_000)
    body = f'{{"version":"{VERSION}","title":"T","items":[{many}],"language":"fr"}}'.encode()
    tracemalloc.start()
    try:
        found = read(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(found.entries), found.left_out, found.language) == (2_000, 298_000, "fr")
    assert peak < 10 * len(body)
