"""One spelling for one page."""

from __future__ import annotations

import base64

import pytest

from nightdesk.text.redirectors import is_redirector
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


def google_news(goal: bytes, path: str = "/rss/articles/") -> str:
    """Return a link of Google News that holds `goal` in the way of old ones."""
    length = (
        bytes([len(goal)]) if len(goal) < 128 else bytes([len(goal) & 127 | 128, len(goal) >> 7])
    )
    packed = b"\x08\x13\x22" + length + goal + b"\xd2\x01\x00"
    return (
        f"https://news.google.com{path}{base64.urlsafe_b64encode(packed).decode().rstrip('=')}?oc=5"
    )


@pytest.mark.parametrize("tail", ["", "/a-long-name" * 20])
@pytest.mark.parametrize(
    "path", ["/rss/articles/", "/articles/", "/read/", "/__i/rss/rd/articles/"]
)
def test_old_links_of_google_news_hold_the_article(tail: str, path: str) -> None:
    goal = f"https://outlet.example/1{tail}"
    assert canonical_url(google_news(goal.encode(), path)) == goal


ARS = (
    "CBMiZWh0dHBzOi8vYXJzdGVjaG5pY2EuY29tL2dhZGdldHMvMjAxOS8wMi91c2ItMy0yLWlzLWdvaW5nLXRvLW1ha2UtdGhlLWN1"
    "cnJlbnQtdXNiLWJyYW5kaW5nLWV2ZW4td29yc2Uv0gGzAWh0dHBzOi8vYXJzdGVjaG5pY2EtY29tLmNkbi5hbXBwcm9qZWN0Lm9y"
    "Zy92L3MvYXJzdGVjaG5pY2EuY29tL2dhZGdldHMvMjAxOS8wMi91c2ItMy0yLWlzLWdvaW5nLXRvLW1ha2UtdGhlLWN1cnJlbnQt"
    "dXNiLWJyYW5kaW5nLWV2ZW4td29yc2UvP2FtcD0xJmFtcF9qc192PTAuMSN3ZWJ2aWV3PTEmY2FwPXN3aXBl"
)
NDTV = (
    "CBMiWmh0dHBzOi8vd3d3Lm5kdHYuY29tL3dvcmxkLW5ld3MvZWxvbi1tdXNrLXJlY2xhaW1zLXRoZS10aXRsZS1vZi13b3JsZHMt"
    "cmljaGVzdC1tYW4tMzgyMDMyONIBYGh0dHBzOi8vd3d3Lm5kdHYuY29tL3dvcmxkLW5ld3MvZWxvbi1tdXNrLXJlY2xhaW1zLXRo"
    "ZS10aXRsZS1vZi13b3JsZHMtcmljaGVzdC1tYW4tMzgyMDMyOC9hbXAvMQ"
)
SINCE_2024 = (
    "CBMia0FVX3lxTFBuN3NabzZYNk1mVWdIOXBsWl9xZmwycVBVVzBnVTNKaDRQV3hjWklFVnM2UUp6dG9ETXNYQkVzd25fVGFoMTdN"
    "ZGZPdnNZMDVPRTJTdFlEMmZPNEJzZ29Gd1lpamdKWVBDbjJv"
)


@pytest.mark.parametrize(
    ("link", "goal"),
    [
        (
            f"https://news.google.com/articles/{ARS}?hl=en-US&gl=US",
            "https://arstechnica.com/gadgets/2019/02/"
            "usb-3-2-is-going-to-make-the-current-usb-branding-even-worse",
        ),
        (
            f"https://news.google.com/rss/articles/{NDTV}?oc=5",
            "https://www.ndtv.com/world-news/"
            "elon-musk-reclaims-the-title-of-worlds-richest-man-3820328",
        ),
        (
            "https://consent.google.com/ml?continue=https://news.google.com/rss/articles/"
            f"{NDTV}?oc%3D5&gl=FR&hl=en-US&pc=n&src=1",
            "https://www.ndtv.com/world-news/"
            "elon-musk-reclaims-the-title-of-worlds-richest-man-3820328",
        ),
        (
            f"https://news.google.com/rss/articles/{SINCE_2024}?oc=5",
            f"https://news.google.com/rss/articles/{SINCE_2024}?oc=5",
        ),
    ],
)
def test_links_of_google_news_as_they_were_met(link: str, goal: str) -> None:
    assert canonical_url(link) == goal


@pytest.mark.parametrize(
    "goal", [b"AU_yqLMopaqueTokenOfTheNewerKind", b"javascript:alert(1)", b"http://\xff\xfe", b""]
)
def test_other_links_of_google_news_stay(goal: bytes) -> None:
    link = google_news(goal)
    assert canonical_url(link) == link


def test_a_cut_id_of_google_news_stays() -> None:
    link = google_news(b"https://outlet.example/news/2026/03/01/one")
    held = link.index("?") - 8
    for end in range(len("https://news.google.com/rss/articles/") + 1, held):
        assert canonical_url(link[:end]) == link[:end]


def test_redirectors_in_the_open() -> None:
    goal = "https%3A%2F%2Foutlet.example%2F1%3Futm_source%3Dx"
    for link in (
        f"https://l.facebook.com/l.php?u={goal}&h=AT0",
        f"https://t.umblr.com/redirect?z={goal}",
        f"https://eur02.safelinks.protection.outlook.com/?url={goal}&data=5",
        f"https://www.youtube.com/redirect?q={goal}",
    ):
        assert canonical_url(link) == "https://outlet.example/1"


def test_shorteners_are_known_and_outlets_are_none() -> None:
    assert is_redirector("https://t.co/abc")
    assert is_redirector("http://www.bit.ly/abc")
    assert is_redirector("http://feedproxy.google.com/~r/x/~3/y/")
    assert not is_redirector("https://outlet.example/t.co/")
    assert not is_redirector("http://[broken")
