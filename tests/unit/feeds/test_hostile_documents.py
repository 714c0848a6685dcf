"""Documents made to do harm, or that do: entities, references, and what costs a parser its time."""

from __future__ import annotations

import contextlib
import time

import pytest

from nightdesk.feeds.errors import NotAFeed
from tests.support.feedserver import rss
from tests.unit.feeds.support import only, read, rss_item


def test_external_entities_are_not_read() -> None:
    body = (
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">'
        b'<!ENTITY y SYSTEM "http://127.0.0.1:1/">]>'
        b'<rss version="2.0"><channel><item><title>a&x;b&y;c</title></item></channel></rss>'
    )
    title = only(body).title or ""
    assert len(title) < 20


def test_entity_bombs_do_not_expand() -> None:
    levels = b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 10))
    body = (
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a0 "ha">' + levels + b"]>"
        b'<rss version="2.0"><channel><item><title>&a9;</title></item></channel></rss>'
    )
    assert sum(len(entry.title or "") for entry in read(body).entries) < 1_000_000


def test_bounds_on_entries_and_fields() -> None:
    many = rss(*((f"Story {i}", f"http://x.example/{i}") for i in range(2_500)))
    found = read(many)
    assert (len(found.entries), found.left_out) == (2_000, 500)
    long = only(rss_item(f"<title>{'x' * 500_000}</title><guid>{'g' * 9_000}</guid>"))
    assert (len(long.title or ""), len(long.guid or "")) == (200_000, 4_000)


HELLO = "<title>Bridge reopened</title>"

OTHER = "</item><item><title>Tunnel closed</title>"


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("&#55296;&#56832;", "\U00010200"),
        ("&#xD83D;&#xDE00;", "\N{GRINNING FACE}"),
        ("&#xd83d;&#56832;", "\N{GRINNING FACE}"),
        ("&#55296;", "\ufffd"),
        ("&#xDFFF;&#xD800;", "\ufffd\ufffd"),
        ("&#55000;&#57999;", "\ud6d8\ue28f"),
        ("&#1114112;", "\ufffd"),
        ("&#99999999999;", "\ufffd"),
    ],
)
def test_a_reference_to_no_character_costs_that_character_alone(reference: str, meant: str) -> None:
    found = read(rss_item(f"<title>Bridge {reference} reopened</title>{OTHER}"))
    assert [entry.title for entry in found.entries] == [
        f"Bridge {meant} reopened",
        "Tunnel closed",
    ]


def test_references_to_halves_are_mended_in_utf_16_too() -> None:
    text = rss_item("<title>Straße &#55357;&#56832;</title>", "utf-16").decode()
    assert only(text.encode("utf-16"), None).title == "Straße \N{GRINNING FACE}"


def test_an_element_that_the_parser_fails_on_costs_no_other() -> None:
    odd = '<pos xmlns="http://www.opengis.net/gml">45.2 -71.9</pos>'
    found = read(rss_item(f"{HELLO}{odd}{OTHER}"))
    assert [entry.title for entry in found.entries] == ["Bridge reopened", "Tunnel closed"]
    assert "mended" in found.note


COSTLY = {
    "stray brackets": f"{HELLO}<description>{'<' * 3_000_000}</description>",
    "open tags": f"{HELLO}<description>{'<a' * 1_000_000}</description>",
    "stray ampersands": f"{HELLO}<description>{'&' * 3_000_000}</description>",
    "declarations": f"{HELLO}<description>{'<!' * 1_500_000}</description>",
    "empty elements": f"{HELLO}{'<a/>' * 800_000}",
    "many items": f"{HELLO}{'</item><item><guid>1</guid>' * 300_000}",
    "categories": HELLO + "".join(f"<category>{n}</category>" for n in range(100_000)),
    "a long author": f"{HELLO}<author>{'a' * 300_000}</author>",
    "long authors": HELLO + f"<author>{'a' * 490}</author>" * 5_000,
    "namespaces": HELLO + "".join(f"<x xmlns:a{n}='u{n}'/>" for n in range(50_000)),
}


@pytest.mark.parametrize("inside", COSTLY.values(), ids=COSTLY)
def test_what_costs_a_parser_minutes_is_read_in_seconds_or_left(inside: str) -> None:
    began = time.process_time()
    found = read(rss_item(inside))
    assert time.process_time() - began < 5
    assert bool(found.left_out) == bool(found.stopped)
    assert found.entries or found.left_out


@pytest.mark.parametrize(
    "prologue",
    [
        "\n" * 1_000_000,
        "\n<!ENTITY " * 100_000,
        "<?x " + 'encoding="a ' * 100_000,
        "<?x " + 'encoding="a ' * 2_000,
    ],
    ids=["blanks", "entities", "declaration", "declaration without an end"],
)
def test_what_stands_before_the_first_element_costs_little(prologue: str) -> None:
    body = f"{prologue}<rss><channel><item>{HELLO}</item></channel></rss>" + "'" * 1_000_000
    began = time.process_time()
    with contextlib.suppress(NotAFeed):
        read(body.encode())
    assert time.process_time() - began < 5


def test_entries_before_too_much_markup_stand_and_the_rest_is_counted() -> None:
    found = read(rss_item(f"{HELLO}{OTHER}<x>{'<a/>' * 200_000}</x>{OTHER}{OTHER}"))
    assert [entry.title for entry in found.entries] == ["Bridge reopened"]
    assert found.left_out == 3
    assert "markup" in found.stopped


def test_entries_quoted_in_comments_and_text_are_not_counted() -> None:
    quoted = "<!-- <item> --><description><![CDATA[<item><entry>]]></description>"
    found = read(rss_item(HELLO + f"</item><item>{HELLO}{quoted}" * 2_100))
    assert (len(found.entries), found.left_out) == (2_000, 101)
