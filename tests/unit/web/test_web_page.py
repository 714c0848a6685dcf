"""The page, and the rules that hold for every route."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from nightdesk.archive import accounts, alerts, deadletters, definitions, feeds, left_alone
from nightdesk.archive.left_alone import LeftAlone
from schemas import DeadLetter, DeadLetterReason
from tests.support.alerting import (
    NOON,
    make_alert,
    make_article,
    make_feed_alert,
    make_subscription,
)

ROUTES = ["/", "/metrics", "/healthz", "/readyz", "/subscriptions/none.atom", "/none"]


class Tags(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


async def test_an_empty_desk_has_a_page(site):
    answer = await site.get("/")
    assert answer.status_code == 200
    text = Tags(answer.text).text
    assert "None yet." in text
    assert "Nothing has been counted yet." in text
    assert "No dead letter waits." in text


async def test_it_shows_whom_nothing_reaches(site):
    declared = make_subscription()
    since, again = NOON - timedelta(minutes=20), NOON + timedelta(minutes=4)
    one = LeftAlone("desk", "webhook", since, again, "desk <b>answered</b> 500")
    with site.deps.archive.begin() as connection:
        definitions.put(connection, declared, author="test", now=NOON)
    assert "Left alone" not in (await site.get("/")).text
    with site.deps.archive.begin() as connection:
        left_alone.say(connection, "w1", [one], NOON)
    page = Tags((await site.get("/")).text)
    for said in ("desk/webhook", "desk <b>answered</b> 500", "11:40 UTC", "12:04 UTC"):
        assert said in page.text
    assert not [tag for tag, _ in page.tags if tag == "b"]
    with site.deps.archive.begin() as connection:
        left_alone.say(connection, "w1", [replace(one, next_try_at=since)], NOON)
    assert "with the next delivery" in (await site.get("/")).text


async def test_it_shows_account_alerts_feeds_and_dead_letters(site):
    letter = DeadLetter(
        id="dead-1",
        stage="normalise",
        topic="reports",
        partition=0,
        offset=1,
        reason=DeadLetterReason.NOT_JSON,
        detail="x",
        hint="y",
        died_at=NOON,
    )
    with site.deps.archive.begin() as connection:
        accounts.count(connection, "0", "poll", {"polled": 1234, "new": 1233})
        alerts.record(connection, [make_alert()])
        deadletters.bury(connection, [letter])
        for name, health in (("good", "ok"), ("bad", "dns")):
            feeds.save(
                connection,
                name,
                "{}",
                expected_version=0,
                url=f"https://{name}.example/?token=hush",
                next_poll_at=None,
                health=health,
                failures=3,
            )
    site.desk.plan(make_alert(identity="planned"), make_subscription())
    page = (await site.get("/")).text
    text = " ".join(Tags(page).text.split())
    assert "polled 1,234" in text
    assert "1,2341,233 broken" in text
    assert "Denials of joint patrols" in text
    assert "denies" in [word.strip() for word in text.split()]
    assert "DNS 1" in text
    assert "ok 1" in text
    assert "1 not_json at normalise" in text
    assert "pending 1" in text
    assert "hush" not in page
    assert ("a", "https://harbour.example/denial") in [
        (tag, attributes.get("href")) for tag, attributes in Tags(page).tags
    ]


async def test_hostile_text_stays_text(site):
    nasty = "</p><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}\x00\u202e"
    article = make_article(nasty, title=nasty, words=(nasty,), url='https://x/"onclick=alert(1)')
    alert = make_alert(title=nasty, storyline_title=nasty, reason=nasty, articles=(article,))
    with site.deps.archive.begin() as connection:
        alerts.record(connection, [alert])
    page = Tags((await site.get("/")).text)
    assert not {"script", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "{{ 7*7 }}" in page.text


async def test_no_foreign_asset_is_named(site):
    page = Tags((await site.get("/")).text)
    assert not any("src" in attributes for _, attributes in page.tags)
    assert "link" not in {tag for tag, _ in page.tags}


@pytest.mark.parametrize("path", ROUTES)
async def test_every_answer_forbids_scripts_and_frames(site, path):
    answer = await site.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/table", "/router"])
async def test_pages_that_nobody_asked_for_are_off(site, path):
    assert (await site.get(path)).status_code == 404


async def test_the_openapi_document_is_there(site):
    document = (await site.get("/openapi.json")).json()
    assert {"/healthz", "/readyz", "/metrics", "/subscriptions/{name}.atom", "/"} <= set(
        document["paths"]
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_no_route_writes(site, method):
    import httpx

    from nightdesk.web.app import create_app

    transport = httpx.ASGITransport(app=create_app(site.deps))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        for path in ROUTES[:-2]:
            assert (await client.request(method, path)).status_code == 405


@pytest.mark.parametrize(
    ("base", "status"),
    [
        ("http://127.0.0.1:8642", 200),
        ("http://localhost", 200),
        ("http://[::1]:8642", 200),
        ("http://rebound.example", 421),
        ("http://127.0.0.1.evil.example", 421),
    ],
)
async def test_only_our_own_names_are_answered(site, base, status):
    site.change(hosts=("localhost", "127.0.0.1", "::1"))
    for path in ("/", "/metrics", "/healthz"):
        assert (await site.get(path, base=base)).status_code == status


async def test_an_archive_that_is_away_is_said_so(site):
    with site.deps.archive.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alerts")
    answer = await site.get("/")
    assert answer.status_code == 503
    assert set(answer.json()) == {"error", "hint"}


async def test_it_tells_of_feeds_and_outages_among_the_alerts(site):
    nasty = "<b>Harbour</b>\u202e Post"
    with site.desk.archive.begin() as connection:
        told = make_feed_alert(name=nasty, title=f"{nasty} cannot be read")
        outage = make_feed_alert(id="net", scope="network", feeds=("a", "b"), title="Most fail")
        alerts.record(connection, [told, outage])
    answer = await site.get("/")
    page = Tags(answer.text)
    for said in ("Feed broken", "<b>Harbour</b> Post cannot be read", "4 failed polls in a row"):
        assert said in page.text
    for said in ("Our network", "2 feeds: a, b", "hint: tell the publisher", "503"):
        assert said in page.text
    assert "b" not in [name for name, _ in page.tags]
    assert "source" not in page.text.split("The account")[0]
