"""What is read of a page: the article, whatever the layout and charset; and no page does any harm."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.feeds.pages.errors import PageRefused
from nightdesk.feeds.pages.extract import as_content, extract
from nightdesk.feeds.pages.fits import check_fit
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.text.html import to_text
from tests.support.outlets import (
    PARAGRAPHS,
    TITLE,
    article_page,
    layouts,
    page,
    report,
)


@pytest.mark.parametrize("name", layouts())
def test_the_article_is_found_in_every_layout(name: str) -> None:
    text = extract(layouts()[name].encode(), "text/html; charset=utf-8")
    missing = [told for told in PARAGRAPHS if told not in " ".join(text.split("\n\n"))]
    assert missing == []
    for other in ("Beekeepers", "never liked", "this ran", "Copyright"):
        assert other not in text


def test_paragraphs_are_parted_by_a_blank_line() -> None:
    text = extract(article_page().encode(), "text/html")
    assert text.split("\n\n")[-len(PARAGRAPHS) :] == list(PARAGRAPHS)


@pytest.mark.parametrize(
    ("charset", "content_type", "head"),
    [
        ("utf-8", "text/html", ""),
        ("cp1251", "text/html; charset=windows-1251", ""),
        ("cp1251", "text/html", "<meta charset='windows-1251'>"),
        (
            "koi8-r",
            "text/html",
            "<meta http-equiv='Content-Type' content='text/html; charset=koi8-r'>",
        ),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-16", "text/html", ""),
    ],
)
def test_charsets_that_are_declared_late_wrongly_or_not_at_all(
    charset: str, content_type: str, head: str
) -> None:
    told = "Мост снова открыт для движения, и торговцы восточного берега ждут покупателей. " * 4
    body = page(f"<article><p>{told}</p><p>{told}</p></article>", "Мост открыт", head)
    assert "торговцы восточного берега" in extract(body.encode(charset), content_type)


def test_what_looks_like_a_tag_in_the_text_is_none() -> None:
    told = "The engineers wrote <div> where they meant <p>, and R&D saw a<b; nobody noticed & all went well."
    text = extract(article_page(paragraphs=[told, *PARAGRAPHS]).encode(), "text/html")
    assert told in text
    kept = to_text(as_content(text))
    assert kept == as_content(text)
    assert "wrote < div> where they meant < p>, and R&D saw a< b; nobody noticed & all" in kept


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"", "text/html", "empty"),
        (b"%PDF-1.7 ...", "application/pdf", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "text/html", "PNG"),
        (b'{"a": 1}', "application/json", "JSON"),
        (b"<div>" * 100_000 + b"deep", "text/html", "deep"),
        (b"\x00\xff\xfe" * 1000, None, "neither"),
    ],
)
def test_what_is_no_readable_page_is_refused_in_words(
    body: bytes, content_type: str | None, words: str
) -> None:
    with pytest.raises(PageRefused, match=words) as refused:
        extract(body, content_type)
    assert refused.value.outcome is PageOutcome.NOT_READABLE


HOSTILE = {
    "an endless document type": b"<!doctype " + b"html / " * 300_000 + b"<p>x",
    "attributes": b"<html><body><p " + b"a='x' " * 300_000 + b">x</p>",
    "lists": b"<html><body>" + b"<ul><li>one item of a list</li></ul>" * 60_000,
    "nested lists": b"<html><body>" + (b"<ul>x" * 50 + b"</ul>x" * 50) * 6_000,
    "nested lists, fewer": b"<html><body>" + (b"<ul>x" * 50 + b"</ul>x" * 50) * 59,
    "breaks": b"<html><body><p>" + b"word<br>" * 250_000,
    "sections": b"<html><body>" + b"<section><div><p>Words, and more.</p></div></section>" * 40_000,
    "open comments": b"<html><body>" + b"<!-- <script> <p" * 120_000,
    "open scripts": b"<html><body>" + b"<script <style </script " * 80_000,
    "less-than signs": b"<html><body><p>" + b"<" * 2_000_000,
    "linked data": b"<html><script type='application/ld+json'>" + b"[" * 2_000_000,
    "meta": b"<meta " * 300_000 + b"<p>x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_cost_no_more_than_honest_ones(name: str) -> None:
    extract(article_page().encode(), "text/html")
    began = time.process_time()
    with contextlib.suppress(PageRefused):
        extract(HOSTILE[name], "text/html")
    assert time.process_time() - began < 8.0


SOUP = """
    <p> </p> <div> </div> <article> <b> </i> <ul> <li> </ul> <table> <td> <a~href=x> <br> <!-- -->
    <![CDATA[ ]]> <script> </script> <svg> <!doctype <html <html/> <body> &amp; &#0; &#xD800; &# < > " '
    \x00 word <script~type=application/ld+json> {"articleBody":"x"} <p~class=article> Long.words.here.
"""
TAGS = st.sampled_from([tag.replace("~", " ") for tag in SOUP.split()])


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(st.one_of(TAGS, st.text(max_size=20)), max_size=60).map(
            lambda parts: b"<html><body>" + " ".join(parts).encode("utf-8", "surrogatepass")
        ),
    ),
    st.sampled_from(
        [None, "text/html", "text/html; charset=utf-7", "text/html; charset=\ud800", "x"]
    ),
)
def test_reading_gives_text_or_says_why_not(body: bytes, content_type: str | None) -> None:
    try:
        text = extract(body, content_type)
    except PageRefused:
        return
    text.encode()
    assert "\x00" not in text


def outcome_of(body: str, **changes: object) -> PageOutcome | None:
    try:
        check_fit(
            extract(body.encode(), "text/html"),
            report("http://o.example/1", **changes),
            body.encode(),
        )
    except PageRefused as refused:
        return refused.outcome
    return None


def test_the_article_of_its_entry_fits() -> None:
    assert outcome_of(article_page()) is None
    assert outcome_of(article_page(), title="Update", description="") is None


def test_an_honest_page_with_a_captcha_in_its_form_fits() -> None:
    assert outcome_of(article_page() + "<form class='g-recaptcha'></form>") is None


def test_another_article_does_not_fit() -> None:
    told = [
        "Beekeepers from the heath won a prize for their honey, and celebrated it with a feast."
    ] * 5
    assert outcome_of(article_page("Honey prize", told)) is PageOutcome.OFF_TOPIC


def test_a_page_with_nothing_but_the_teaser_gains_nothing() -> None:
    whole = "<p>" + "</p><p>".join(PARAGRAPHS) + "</p>"
    assert outcome_of(article_page(), content=whole) is PageOutcome.NO_GAIN


@pytest.mark.parametrize(
    "told",
    [
        "Before you continue: we and our partners use cookies to keep the site reliable and measure it.",
        "Please enable JavaScript and cookies to go on. Your browser is being looked at; stay for a moment.",
        "Please sign in to continue. It takes less than a minute, and costs nothing in the first month.",
    ],
)
def test_consent_and_login_pages_are_walls(told: str) -> None:
    wall = page(f"<main><h1>One moment</h1><p>{told}</p><p>{told}</p></main>", "One moment")
    assert outcome_of(wall) is PageOutcome.WALL


def test_a_teaser_before_a_paywall_is_a_wall() -> None:
    told = [PARAGRAPHS[0], PARAGRAPHS[1], "Subscribe to read the whole story of the bridge."]
    assert outcome_of(article_page(TITLE, told)) is PageOutcome.WALL


def test_a_challenge_is_named() -> None:
    told = (
        "The outlet checks that your connection is safe before it lets you go on to the page." * 3
    )
    body = page(f"<p>{told}</p><script src='/cdn-cgi/challenge-platform/x.js'></script>", "Moment")
    with pytest.raises(PageRefused, match="Cloudflare"):
        check_fit(told, report("http://o.example/1"), body.encode())
