"""What a page of Google News has its script ask, and what the answer says: shapes of our own making."""

from __future__ import annotations

import json
import time

import pytest

from nightdesk.feeds.pages.google_news import (
    MOST_ANSWERED,
    ORIGIN,
    Patience,
    Question,
    form_of,
    goal_in_answer,
    is_article_at,
    question_in,
)
from tests.support.googlenews import ID, MADE_AT, OTHER, SIGNATURE, answer, marked, news_page
from tests.support.outlets import Time

LINK = f"{ORIGIN}/rss/articles/{ID}?oc=5"
GOAL = "https://outlet.example/news/a?b=1&c=2"
QUESTION = Question(ID, MADE_AT, SIGNATURE)
NAMELESS = f"<c-wiz data-n-a-sg='{SIGNATURE}' data-n-a-ts='{MADE_AT}'></c-wiz>"


@pytest.mark.parametrize(
    "page",
    [
        news_page(marked()),
        news_page(marked(OTHER, 5, "other"), marked(), marked(OTHER)),
        news_page(marked(f"{ID}=")),
        news_page(NAMELESS, marked(OTHER)),
        f"<div data-n-a-id='{ID}'\n data-n-a-sg = '{SIGNATURE}'\n data-n-a-ts='{MADE_AT}'>",
    ],
)
def test_the_page_holds_the_question_for_its_own_article(page: str) -> None:
    assert question_in(page.encode(), LINK, ORIGIN) == QUESTION


@pytest.mark.parametrize(
    "page",
    [
        "",
        "data-n-a-sg",
        news_page(marked(OTHER)),
        news_page(NAMELESS, NAMELESS),
        news_page(marked(made_at="soon")),
        news_page(marked(made_at="9" * 5_000)),
        news_page(marked(made_at="٣")),
        news_page(marked(signature="")),
        news_page(marked(signature="x" * 5_000)),
        news_page(marked(signature="a b")),
        news_page(f"<div data-n-a-id='{ID}' data-n-a-sg='{SIGNATURE}'>"),
        news_page(f"<div data-n-a-id='{ID}'> data-n-a-ts='1' data-n-a-sg='{SIGNATURE}'"),
    ],
)
def test_a_page_without_one_holds_none(page: str) -> None:
    assert question_in(page.encode(), LINK, ORIGIN) is None


@pytest.mark.parametrize(
    ("url", "is_article"),
    [
        (LINK, True),
        (f"{ORIGIN}/articles/{ID}", True),
        (f"{ORIGIN}/read/{ID}?hl=en-US&gl=US", True),
        (f"{ORIGIN}/rss/search?q=x", False),
        (f"{ORIGIN}/rss/articles/{ID}/more", False),
        (f"{ORIGIN}/rss/articles/{'x' * 5_000}", False),
        (f"http://news.google.com/rss/articles/{ID}", False),
        (f"{ORIGIN}:444/rss/articles/{ID}", False),
        (f"{ORIGIN}.example/rss/articles/{ID}", False),
        (f"https://me@news.google.com/rss/articles/{ID}", False),
        (f"https://outlet.example/rss/articles/{ID}", False),
        ("https://[", False),
    ],
)
def test_only_articles_at_the_very_origin_are_asked_about(url: str, is_article: bool) -> None:
    assert is_article_at(url, ORIGIN) is is_article
    assert (question_in(marked().encode(), url, ORIGIN) is not None) is is_article


def test_the_form_puts_the_question() -> None:
    (call,) = json.loads(form_of(QUESTION)["f.req"])[0]
    assert [call[0], call[2], call[3]] == ["Fbv4je", None, "generic"]
    word, context, *asked = json.loads(call[1])
    assert (word, asked) == ("garturlreq", [ID, MADE_AT, SIGNATURE])
    assert [len(context), len(context[0])] == [12, 17]


@pytest.mark.parametrize(
    "body",
    [
        answer(GOAL),
        answer(GOAL).replace(b"&", b"\\\\u0026"),
        answer(GOAL).removeprefix(b")]}'\n\n"),
        answer(GOAL) + b'\n\n25\n[["e",4]]',
        b")]}'\n" + json.dumps([["di", 1], *json.loads(answer(GOAL)[4:])]).encode(),
    ],
)
def test_the_answer_says_where_the_article_is(body: bytes) -> None:
    assert goal_in_answer(body) == GOAL


FRAME = ["wrb.fr", "Fbv4je"]


@pytest.mark.parametrize(
    "told",
    [
        None,
        1,
        {},
        {"wrb.fr": 1},
        [],
        [None, 1, "x", [], {}],
        [FRAME],
        [[*FRAME, None]],
        [[*FRAME, ["garturlres", GOAL]]],
        [[*FRAME, "["]],
        [[*FRAME, "\ud800"]],
        [[*FRAME, "[" * 40_000]],
        [[*FRAME, "[]"]],
        [[*FRAME, '["garturlres"]']],
        [[*FRAME, '{"garturlres": 1}']],
        [[*FRAME, "1" * 9_000]],
    ],
)
def test_an_answer_of_another_shape_says_nothing(told: object) -> None:
    assert goal_in_answer(b")]}'\n\n" + json.dumps(told).encode()) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b")]}'",
        b"<html>Before you continue</html>",
        b"\xff\xfe\x00",
        b"[" * MOST_ANSWERED,
        b'{"a":' * 15_000,
        b"1" * 9_000,
        answer(GOAL)[:60],
        answer(GOAL) + b" " * MOST_ANSWERED,
        answer(GOAL, call="Other"),
        answer(GOAL, word="er"),
    ],
)
def test_what_is_no_answer_says_nothing(body: bytes) -> None:
    assert goal_in_answer(body) is None


@pytest.mark.parametrize(
    "goal",
    [
        None,
        7,
        True,
        [GOAL],
        {"url": GOAL},
        "",
        "outlet.example/news",
        "//outlet.example/news",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://outlet.example/a",
        "https://outlet.example/",
        "https://outlet.example/" + "x" * 3_000,
        "https://outlet.example/a\r\nHost: x",
        "https://outlet.example/a b",
        "https://outlet.example\\@news.google.com/a",
        "https://me:secret@outlet.example/a",
        "https://[",
        "https://outlet.example:99999/a",
        "http://localhost/a",
        "http://127.0.0.1/a",
        "http://2130706433/a",
        "http://10.0.0.1:8080/a",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/a",
        "http://[::ffff:10.0.0.1]/a",
        LINK,
        "https://NEWS.google.com./read/x",
        "https://news。google。com/read/x",
        "https://consent.google.com/m?continue=https://news.google.com/read/x",
        f"https://www.google.de/url?q={LINK}",
        "https://www.google.de/url?q=http://10.0.0.1/a",
        "https://google.com/sorry/index",
    ],
)
def test_an_address_that_is_not_another_hosts_page_is_not_taken(goal: object) -> None:
    assert goal_in_answer(answer(goal)) is None


def test_hostile_documents_cost_little() -> None:
    began = time.process_time()
    for page in (
        b"<data-n-a-sg " * 230_000,
        b'<div data-n-a-sg="' * 160_000,
        (b"<div " + b" data-n-a-id='" * 500 + b" data-n-a-sg>") * 400,
        b"data-n-a-sg>" * 250_000,
        b"<" * 3_000_000,
    ):
        assert question_in(page, LINK, ORIGIN) is None
    for body in (b"[" * 100_000, b'["a",' * 20_000, b'[["wrb.fr","Fbv4je","' + b"\\n" * 49_000):
        assert goal_in_answer(body) is None
    assert time.process_time() - began < 2.0


def test_patience_ends_after_three_failures_in_a_row_and_comes_back_after_an_hour() -> None:
    ticks = Time()
    patience = Patience(ticks)
    for resolved in (False, False, True, False, False):
        patience.told(resolved=resolved)
        assert not patience.is_over
    patience.told(resolved=False)
    assert patience.is_over
    ticks.now += 3_599
    assert patience.is_over
    ticks.now += 2
    assert not patience.is_over
    patience.told(resolved=False)
    assert patience.is_over, "one more failure is enough"
    ticks.now += 3_601
    patience.told(resolved=True)
    patience.told(resolved=False)
    assert not patience.is_over
