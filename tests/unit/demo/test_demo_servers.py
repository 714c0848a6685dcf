"""The outlets' servers, over real HTTP: formats, waves, validators, 429, and a page in a feed's place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import feedparser
import httpx
import pytest

from demo.reports import load_outlets
from demo.servers import Newsstand, OutletServer
from nightdesk.clock import SettableClock

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest.fixture
def stand(clock: SettableClock) -> Iterator[Newsstand]:
    with Newsstand(load_outlets(), clock) as stand:
        yield stand


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def server_of(stand: Newsstand, outlet: str) -> OutletServer:
    return next(server for server in stand.servers if server.outlet.id == outlet)


def fetch(client: httpx.Client, url: str) -> httpx.Response:
    """Get a feed past its 429."""
    response = client.get(url)
    return client.get(url) if response.status_code == 429 else response


def entries_of(response: httpx.Response) -> list[dict[str, str]]:
    if response.headers["content-type"].startswith("application/feed+json"):
        return [
            {"link": item["url"], "title": item.get("title", ""), "text": item["content_html"]}
            for item in json.loads(response.content)["items"]
        ]
    parsed = feedparser.parse(
        response.content, response_headers={"content-type": response.headers["content-type"]}
    )
    assert not parsed.bozo, parsed.bozo_exception
    return [
        {
            "link": entry.get("link", ""),
            "title": entry.get("title", ""),
            "text": entry.content[0].value if "content" in entry else entry.get("summary", ""),
        }
        for entry in parsed.entries
    ]


def test_every_feed_is_valid_and_holds_what_its_outlet_wrote(
    stand: Newsstand, client: httpx.Client
) -> None:
    stand.release(4)
    for server in stand.servers:
        for feed in server.outlet.feeds:
            if feed.format == "page":
                continue
            entries = entries_of(fetch(client, server.url(feed)))
            wanted = {r.slug: r for r in server.outlet.reports if feed.id in r.feeds}
            found = {entry["link"].split("?")[0].rsplit("/", 1)[-1] for entry in entries}
            assert found - {""} == {slug for slug, report in wanted.items() if not report.bare}
            extra = sum(report.repeat for report in wanted.values())
            assert len(entries) == len(wanted) + extra
            for entry in entries:
                slug = entry["link"].split("?")[0].rsplit("/", 1)[-1]
                if slug:
                    assert entry["title"] == wanted[slug].title


def test_a_wave_shows_only_once_it_is_released(stand: Newsstand, client: httpx.Client) -> None:
    server = server_of(stand, "meridian-wire")
    url = server.url(server.outlet.feeds[0])
    titles = {entry["title"] for entry in entries_of(client.get(url))}
    assert titles == {r.title for r in server.outlet.reports if r.wave == 0}
    stand.release(1)
    titles = {entry["title"] for entry in entries_of(client.get(url))}
    assert titles == {r.title for r in server.outlet.reports if r.wave <= 1}


def test_validators_are_honoured_and_change_with_the_feed(
    stand: Newsstand, client: httpx.Client, clock: SettableClock
) -> None:
    for outlet in ("meridian-wire", "gullwing-digest"):
        server = server_of(stand, outlet)
        url = server.url(server.outlet.feeds[0])
        first = client.get(url)
        tag = {"If-None-Match": first.headers["etag"]}
        date = {"If-Modified-Since": first.headers["last-modified"]}
        assert client.get(url, headers=tag).status_code == 304
        assert client.get(url, headers=tag).content == b""
        assert client.get(url, headers=date).status_code == 304
        assert client.get(url, headers={"If-None-Match": '"else"', **date}).status_code == 200
        assert client.get(url, headers={"If-Modified-Since": "never"}).status_code == 200
        server.release(0)
        assert client.get(url, headers=tag).status_code == 304, "nothing new, nothing changed"
    clock.advance(timedelta(minutes=1))
    stand.release(2)
    assert client.get(url, headers=tag).status_code == 200
    assert client.get(url, headers=date).status_code == 200


def test_a_silent_edit_keeps_guid_and_dates(
    stand: Newsstand, client: httpx.Client, clock: SettableClock
) -> None:
    server = server_of(stand, "meridian-wire")
    url = server.url(server.outlet.feeds[0])

    def entry() -> feedparser.FeedParserDict:
        entries = feedparser.parse(client.get(url).content).entries
        return next(e for e in entries if e.id.endswith("white-house-denies-coordination"))

    stand.release(1)
    before = entry()
    clock.advance(timedelta(hours=1))
    stand.release(3)
    after = entry()
    assert (before.id, before.published, before.updated) == (
        after.id,
        after.published,
        after.updated,
    )
    assert "nine people" in before.content[0].value
    assert "fourteen people" in after.content[0].value


def test_the_overloaded_server_answers_429_once(stand: Newsstand, client: httpx.Client) -> None:
    server = server_of(stand, "cuaderno-del-puerto")
    url = server.url(server.outlet.feeds[0])
    first = client.get(url)
    assert (first.status_code, first.headers["retry-after"]) == (429, "2")
    second = client.get(url)
    assert second.status_code == 200
    assert b"iso-8859-1" in second.content[:60].lower()
    assert [answer.status for answer in stand.answers()] == [429, 200]


def test_one_feed_is_no_feed(stand: Newsstand, client: httpx.Client) -> None:
    server = server_of(stand, "kestrel-evening")
    response = client.get(server.url(server.outlet.feeds[0]))
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert feedparser.parse(response.content).entries == []


def test_links_lead_to_pages_and_unknown_ones_do_not(
    stand: Newsstand, client: httpx.Client
) -> None:
    server = server_of(stand, "barq-al-wadi")
    page = client.get(f"{server.home}/desalination-plant?utm_source=x")
    assert page.status_code == 200
    assert "محطة" in page.text
    assert client.get(f"{server.home}/cup-final-arabic").status_code == 404, "not released yet"
    assert client.get(f"{server.home}/etc/passwd").status_code == 404


def test_gzip_only_where_asked_for(stand: Newsstand, client: httpx.Client) -> None:
    server = server_of(stand, "tessellate")
    url = server.url(server.outlet.feeds[0])
    packed = client.get(url, headers={"Accept-Encoding": "gzip"})
    plain = client.get(url, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content


def test_ports_are_free_again_after_the_demo(clock: SettableClock) -> None:
    with Newsstand(load_outlets(), clock) as stand:
        home = stand.servers[0].home
    with pytest.raises(httpx.ConnectError):
        httpx.get(home, trust_env=False)
