"""Feeds that are broken, lie, vanish or attack, polled by the real service over loopback HTTP.

Each is told by its health, a sentence and a hint, in the archive, on the page and in the metrics; the
sound ones beside them go on.
"""

from __future__ import annotations

import html
import json
import re
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from nightdesk.archive import articles, feeds
from nightdesk.feeds.state import FeedState
from schemas import Article
from tests.support.badworld import readyz, web
from tests.support.feedserver import FeedServer, Reply, gzip_bomb, rss
from tests.support.service import Service, until

MB = 1_000_000


class Told(NamedTuple):
    """What is to be told of a feed: the word of its health, and words of the sentence."""

    health: str
    words: str


def entry(text: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>A wire</title>'
        f"<item><guid>one</guid>{text}</item></channel></rss>"
    ).encode()


def dated(date: str) -> bytes:
    return entry(f"<title>Lamps of {date}</title><pubDate>{date}</pubDate>")


def lamps(name: str, count: int) -> bytes:
    return rss(*((f"Lamp {n} of {name}", f"http://{name}.example/{n}") for n in range(count)))


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><rss version='2.0'><channel><item><title>Lamps &a9;</title></item></channel></rss>"
)

BROKEN: dict[str, tuple[Reply, Told]] = {
    "fifty-megabytes": (Reply(b"<rss>" + b"x" * 50 * MB), Told("too_large", "more than")),
    "endless": (Reply(b"<!-- lamps -->" * 1000, length=None, endless=True), Told("too_large", "")),
    "bomb": (gzip_bomb(50), Told("too_large", "more than")),
    "page": (
        Reply(b"<!doctype html><html><body><h1>Lamps</h1></body></html>", content_type="text/html"),
        Told("not_a_feed", "Not a feed"),
    ),
    "noise": (Reply(bytes(range(256)) * 50), Told("not_a_feed", "Not a feed")),
    "no-body": (Reply(b""), Told("empty", "the body is empty")),
    "no-entries": (Reply(rss()), Told("empty", "holds no entries")),
    "forbidden": (Reply(status=403), Told("http_error", "HTTP 403")),
    "circle": (Reply(status=302, headers=(("Location", "/circle"),)), Told("http_error", "circle")),
    "to-a-file": (
        Reply(status=302, headers=(("Location", "file:///etc/passwd"),)),
        Told("refused", "Refused to fetch"),
    ),
    "slow": (Reply(b"<rss>" * 100, drip=0.2), Told("timeout", "did not finish within 1 s")),
    "cut": (Reply(rss(("A", "http://a.example/")), cut_after=40), Told("connection", "failed")),
    "no-http": (Reply(raw=b"\x00\x01\x02 lamps\r\n\r\n"), Told("connection", "")),
}

SOUND: dict[str, bytes] = {
    "seventies": dated("Thu, 01 Jan 1970 00:00:00 GMT"),
    "far-future": dated("Wed, 01 Jan 2999 00:00:00 GMT"),
    "no-date": dated("next full moon"),
    "charset": entry("<title>Zoë’s café keeps its lamps</title>").decode().encode("cp1252"),
    "bidi": entry("<title>Lamps \u202egnihtyna\u202c\u200b &#x1b;[2J \u0085 end</title>"),
    "nothing": entry("<title> </title><description>&lt;img src='x.png'&gt;</description>").replace(
        b"<item>", b"<item><title>Lamps beside nothing</title><guid>two</guid></item><item>"
    ),
    "laughs": LAUGHS,
}


LATER = {
    "vanishes": Told("http_error", "HTTP 404"),
    "goes": Told("gone", "gone (HTTP 410)"),
    "goes-on": Told("ok", ""),
}
"""Feeds that are sound at first, and what becomes of them."""


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


def feed(name: str, url: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "url": url,
        "source": f"The {name} wire",
        "interval": "1s",
        "timeout": "1s" if name == "slow" else "20s",
        "allow_private": True,
    } | changes


def states(service: Service) -> dict[str, FeedState]:
    with service.archive() as archive, archive.read() as connection:
        names = [row.feed for row in feeds.health(connection)]
        found = feeds.load(connection, names)
        return {name: FeedState.model_validate_json(text) for name, (_, text) in found.items()}


def declare(server: FeedServer) -> tuple[list[dict[str, Any]], dict[str, Told]]:
    """Return all feeds of the bundle, and what is to be told of each that is broken from the start."""
    for name, (reply, _) in BROKEN.items():
        server.routes[f"/{name}"] = reply
    for name, body in (*SOUND.items(), *((name, lamps(name, 1)) for name in LATER)):
        server.routes[f"/{name}"] = Reply(body)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    declared = [feed(name, server.url(f"/{name}")) for name in (*BROKEN, *SOUND, *LATER)]
    expected = {name: told for name, (_, told) in BROKEN.items()}
    for name, url, private, told in (
        ("no-such-name", "http://wire.invalid/feed", False, Told("dns", "does not resolve")),
        ("nobody", f"http://127.0.0.1:{nobody}/", True, Told("connection", "nothing answers")),
        ("private", server.url("/private"), False, Told("refused", "a loopback address")),
        ("metadata", "http://169.254.169.254/", False, Told("refused", "link-local")),
    ):
        declared.append(feed(name, url, allow_private=private))
        expected[name] = told
    return declared, expected


def is_told(service: Service, expected: dict[str, Told]) -> bool:
    found = states(service)
    return all(
        name in found and found[name].health.value == told.health for name, told in expected.items()
    )


def are_fetched(service: Service, names: Iterable[str]) -> bool:
    found = states(service)
    return all(name in found and found[name].first_fetched_at is not None for name in names)


def articles_by_feed(service: Service) -> dict[str, Article]:
    """The last article of each feed."""
    with service.archive() as archive, archive.read() as connection:
        found = articles.recent(connection, limit=1000)
    return {article.feed: article for article in found}


def feeds_in(metrics: str) -> Counter[str]:
    """How many feeds are in each state of health, as /metrics tells."""
    family = next(one for one in parse(metrics) if one.name == "nightdesk_feeds")
    counts = {sample.labels["health"]: int(sample.value) for sample in family.samples}
    return Counter({health: count for health, count in counts.items() if count})


def test_bad_feeds_are_told_and_good_ones_go_on(service: Service, server: FeedServer) -> None:
    declared, expected = declare(server)
    bundle = service.folder.parent / "bundle.json"
    bundle.write_text(json.dumps({"schema_version": 1, "feeds": declared}))
    service.start("--bundle", str(bundle))
    address = service.web_address()
    # A sound feed that was polled twice is unchanged: wait for its first fetch, not for its health.
    until(
        lambda: is_told(service, expected) and are_fetched(service, (*SOUND, *LATER)),
        "every feed to be polled",
        seconds=60,
    )
    server.routes["/vanishes"] = Reply(status=404)
    server.routes["/goes"] = Reply(status=410)
    server.routes["/goes-on"] = Reply(lamps("goes-on", 3))
    expected |= {name: told for name, told in LATER.items() if told.health != "ok"}
    until(lambda: is_told(service, expected), "feeds to vanish", seconds=30)
    totals = service.settled(
        lambda totals: totals.get("poll", {}).get("new") == len(SOUND) + len(LATER) + 2
    )
    assert totals["poll"]["rejected"] == 1, "the entry without anything to read"
    assert totals["normalise"]["new"] == len(SOUND) + len(LATER) + 2

    page = re.sub(r"\s+", " ", html.unescape(web(address, "/")[1]))
    found = states(service)
    for name, told in expected.items():
        state = found[name]
        assert told.words in state.health_reason, state
        assert state.health_hint, state
        if told.health != "empty":
            assert f'<td>{name}</td><td class="bad">{state.words}</td>' in page
            assert state.health_reason[:100] in page
    assert found["vanishes"].last_success_at is not None
    until(
        lambda: (
            feeds_in(web(address, "/metrics")[1])
            == Counter(state.health.value for state in states(service).values())
        ),
        "the metrics to tell the same",
    )
    written = articles_by_feed(service)
    assert written["seventies"].published_at is None
    assert "before 1990" in (written["seventies"].date_note or "")
    assert written["far-future"].published_at is None
    assert "in the future" in (written["far-future"].date_note or "")
    assert "no date" in (written["no-date"].date_note or "")
    assert written["charset"].title == "Zoë’s café keeps its lamps"
    assert written["bidi"].title.isprintable()
    assert written["nothing"].title == "Lamps beside nothing"
    assert len(written["laughs"].title) < 100
    assert readyz(address) == (200, "")
    assert "Traceback" not in service.log.read_text(), service.said()
