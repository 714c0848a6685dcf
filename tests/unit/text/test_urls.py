"""One spelling for one page."""

from __future__ import annotations

import pytest

from nightdesk.text.urls import canonical_url, leads_to_one_page, url_key

PAGE = "http://outlet.example/news/1"


@pytest.mark.parametrize(
    "url",
    [
        PAGE,
        "HTTP://Outlet.EXAMPLE:80/news/1",
        "http://outlet.example/news/1/",
        "http://outlet.example/news/1#comments",
        "http://outlet.example//news/./x/../1",
        "http://outlet.example/news/1?utm_source=rss&utm_medium=feed&fbclid=x&gclid=y",
        "http://reader:secret@outlet.example/news/1",
        "http://outlet.example./news/1",
        "  http://outlet.example/news/1\n",
        "http://outlet.example/news/1/amp/",
        "http://outlet.example/news/1?amp=1",
        "http://outlet.example/news/1;jsessionid=AB12",
    ],
)
def test_spellings_of_one_page(url: str) -> None:
    assert canonical_url(url) == PAGE


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://a.example/?b=2&a=1", "https://a.example/?a=1&b=2"),
        (
            "https://a.example/?id=5&ref=7&source=9&cid=3",
            "https://a.example/?cid=3&id=5&ref=7&source=9",
        ),
        ("https://a.example", "https://a.example/"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        (
            "https://www.google.com/url?rct=j&url=https://a.example/x%3Futm_id%3D1&ct=ga",
            "https://a.example/x",
        ),
        ("https://a-example.cdn.ampproject.org/c/s/a.example/x/amp", "https://a.example/x"),
        ("https://www.google.com/amp/s/amp.a.example/x.amp.html", "https://a.example/x.html"),
        (
            "https://web.archive.org/web/2016/http://a.example/b",
            "https://web.archive.org/web/2016/http://a.example/b",
        ),
        ("http://[2606::1]:80/x", "http://[2606::1]/x"),
    ],
)
def test_canonical(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    [None, "", "  ", "news/1", "//a.example/x", "javascript:alert(1)", "mailto:a@b.example", "http://", "http:///x",
     "http://[bad/", "http://a:99999/", "ftp://a.example/x", "http://\x00/", "http://" + "a" * 5_000],
)  # fmt: skip
def test_no_canonical(url: str | None) -> None:
    assert canonical_url(url) is None


def test_keys_are_one_for_http_and_https_and_www() -> None:
    variants = ["http://www.a.example/x", "https://a.example/x", "https://www.a.example/x/"]
    assert {url_key(canonical_url(url) or "") for url in variants} == {"a.example/x"}


def test_a_bare_host_leads_to_no_article() -> None:
    assert not leads_to_one_page("https://a.example/")
    assert leads_to_one_page("https://a.example/?p=1")
