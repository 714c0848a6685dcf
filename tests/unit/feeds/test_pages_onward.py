"""Redirectors that answer with a page: where its markup leads, and nothing that would have to be run."""

from __future__ import annotations

import time

import pytest

from nightdesk.feeds.pages.onward import goal_in

T_CO = "https://t.co/abc"
NEWS = "https://news.google.com/rss/articles/CBMiopaque"
GOAL = "https://outlet.example/a?b=1&c=2"
WRITTEN = "https://outlet.example/a?b=1&amp;c=2"


@pytest.mark.parametrize(
    "page",
    [
        f'<head><noscript><META http-equiv="refresh" content="0;URL={WRITTEN}"></noscript><title>x</title>',
        f"<meta content='1; url={WRITTEN}' http-equiv=Refresh>",
        f'<link rel="canonical" href="{WRITTEN}"><a href="https://other.example/">elsewhere</a>',
        f'<p>Opening <a rel="nofollow" href="{WRITTEN}">{WRITTEN}</a></p>'
        f'<a href="https://policies.google.com/privacy">Privacy</a><a href="/home">Home</a>',
        f'<meta http-equiv="refresh" content="0;url={WRITTEN}"><link rel=canonical href="https://x.example/1">',
    ],
)
def test_the_markup_says_where_it_leads(page: str) -> None:
    assert goal_in(page.encode(), NEWS) == GOAL


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<c-wiz data-n-a-sg='AZ5r3eT' data-n-a-ts='1722000000'><script>go()</script></c-wiz>",
        '<a href="https://one.example/1">one</a><a href="https://two.example/2">two</a>',
        f'<link rel="canonical" href="{NEWS}"><a href="https://consent.google.com/x">consent</a>',
        '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
        '<meta http-equiv="refresh" content="30"><a href="http://[">x</a>',
        '<a href="mailto:desk@outlet.example">write</a>',
    ],
)
def test_what_says_nothing_leads_nowhere(page: str) -> None:
    assert goal_in(page.encode(), NEWS) is None


def test_hostile_pages_cost_little() -> None:
    began = time.process_time()
    for page in (
        b"<a " * 2_000_000,
        b"<meta x=" + b"'" * 2_000_000,
        b"<a href='" + b"x='" * 900_000,
    ):
        assert goal_in(page, T_CO) is None
    assert time.process_time() - began < 2.0
