"""Which hubs a feed names, in headers, XML and JSON; and signatures, headers of any shape included."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.feeds.parse import parse
from nightdesk.feeds.websub.discovery import Hubs, find_hubs
from nightdesk.feeds.websub.links import read_links
from nightdesk.feeds.websub.signature import METHODS, is_signed, sign
from tests.support.feedserver import rss

URL = "https://outlet.example/feed"
HUB, TOPIC = "https://hub.example/", "https://outlet.example/feed.xml"
LINKS = (
    f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{HUB}"/>'
    f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{TOPIC}"/>'
)
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A</title>
<link rel="hub" href="{HUB}"/><link rel="self" href="/feed.xml"/>
<entry><id>1</id><title>One</title><link rel="hub" href="https://elsewhere.example/"/></entry></feed>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "feed_url": TOPIC,
    "hubs": [{"type": "rssCloud", "url": "https://x.example/"}, {"type": "WebSub", "url": HUB}, 7],
    "items": [{"id": "1", "content_text": "One"}],
}


@pytest.mark.parametrize(
    "body",
    [rss(("A", "https://outlet.example/1"), extra=LINKS), ATOM.encode(), json.dumps(JSON).encode()],
    ids=["rss", "atom", "json"],
)
def test_a_document_names_its_hub_and_itself(body: bytes) -> None:
    parsed = parse(body, content_type=None, url=URL)
    found = find_hubs({}, parsed.hubs, parsed.self_url, url=URL)
    assert found == Hubs((HUB,), TOPIC)


def test_headers_come_before_the_document() -> None:
    link = f'<https://first.example/>; rel="hub", <https://o.example/self>; rel=self, <{HUB}>; rel="x hub"'
    found = find_hubs({"link": link}, ["https://third.example/"], TOPIC, url=URL)
    assert found == Hubs(("https://first.example/", HUB), "https://o.example/self")


def test_a_feed_that_does_not_name_itself_is_known_by_its_address() -> None:
    assert find_hubs({}, [HUB], None, url=URL) == Hubs((HUB,), URL)


def test_what_is_no_web_address_is_no_hub() -> None:
    odd = [
        "javascript:alert(1)",
        "ftp://x.example/",
        "http://[::1",
        "http://a b.example/",
        "http:///",
    ]
    assert not find_hubs({"link": "<mailto:a@b.example>; rel=hub"}, odd, None, url=URL)
    assert not find_hubs({}, odd, TOPIC, url=URL)
    assert len(find_hubs({}, [f"https://h{n}.example/" for n in range(9)], None, url=URL).hubs) == 3


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("<a>;rel=hub", [("a", {"hub"})]),
        ('<a>; title="x, <b>; rel=self"; REL="Hub"', [("a", {"hub"})]),
        (
            '<a>; rel=next; rel=hub, junk, <b> ; rel="self up"',
            [("a", {"next"}), ("b", {"self", "up"})],
        ),
        ('<a>; rel=hub; anchor="#part"', [("a", set())]),
        ("", []),
        ("a; rel=hub", []),
    ],
)
def test_link_headers(header: str, found: list[tuple[str, set[str]]]) -> None:
    assert [(target, set(relations)) for target, relations in read_links(header)] == found


@pytest.mark.parametrize("piece", [",", "<", "<a>", ";a=b", '\\"', " ", " ;", "a,", '<a>;x="'])
def test_a_hostile_header_costs_little(piece: str) -> None:
    began = time.process_time()
    for start in ("", "<a>", '<a>;x="', "<a>;"):
        list(read_links(start + piece * 100_000))
    assert time.process_time() - began < 0.2


LINK_PIECES = st.lists(st.sampled_from([*list('<>;,="\\ relhubs/'), "<a>", "rel=", "hub"]))


@given(st.one_of(st.text(), LINK_PIECES.map("".join)))
def test_any_header_of_links_is_read_to_its_end(header: str) -> None:
    assert len(list(read_links(header))) <= 50


WORDS = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8)
TARGETS = st.text(
    st.characters(exclude_characters="<>", categories=["L", "N", "P"]), min_size=1, max_size=20
)


@given(st.lists(st.tuples(TARGETS, st.sets(WORDS, min_size=1, max_size=3)), max_size=8))
def test_what_is_written_as_links_is_read_back(links: list[tuple[str, set[str]]]) -> None:
    header = ", ".join(
        f'<{target}>; title="a, b"; rel="{" ".join(rels)}"' for target, rels in links
    )
    assert [(target, set(rels)) for target, rels in read_links(header)] == links


@pytest.mark.parametrize("method", METHODS)
def test_each_method_of_the_specification_signs(method: str) -> None:
    digest = hmac.new(b"secret", b"body", getattr(hashlib, method)).hexdigest()
    assert sign(b"secret", b"body", method) == f"{method}={digest}"
    assert is_signed(b"secret", b"body", f" {method.upper()}={digest.upper()} ")
    assert not is_signed(b"secret", b"body.", f"{method}={digest}")
    assert not is_signed(b"Secret", b"body", f"{method}={digest}")
    assert not is_signed(b"secret", b"body", f"{method}={digest[:-1]}")


def test_what_is_no_signature_signs_nothing() -> None:
    digest = hmac.new(b"secret", b"body", hashlib.md5).hexdigest()
    for header in (None, "", "sha1", "sha256=", f"md5={digest}", digest, "sha1=é", "sha1=0;sha1=1"):
        assert not is_signed(b"secret", b"body", header)
    assert not is_signed(b"", b"body", sign(b"", b"body"))
    with pytest.raises(ValueError, match="sha256"):
        sign(b"secret", b"body", "md5")


@given(st.binary(min_size=1), st.binary(), st.text())
def test_only_the_signature_signs(secret: bytes, body: bytes, header: str) -> None:
    assert is_signed(secret, body, sign(secret, body))
    assert is_signed(secret, body, header) in {False, header.strip() == sign(secret, body)}
