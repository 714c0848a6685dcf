"""Alerts by the API: lists, one whole, and what people do about them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.archive import alert_list, alerts, definitions, deliveries, handling
from nightdesk.archive.deliveries import Attempt
from schemas import AlertKind, AlertState, Delivery, DeliveryState, Storyline
from schemas.severity import Severity
from tests.support.alerting import (
    NOON,
    make_alert,
    make_article,
    make_delivery,
    make_feed_alert,
)
from tests.support.apiclient import Caller, problem


def record(api: Caller, *found) -> None:
    with api.archive.begin() as connection:
        alerts.record(connection, found)


def many(api: Caller) -> None:
    """Four alerts, a minute apart; the second has grown since."""
    storyline = Storyline.model_validate_json(
        '{"id": "patrol-denial", "title": "x", "tags": ["sea"], "cues": {"supporting": ["denies"]}}'
    )
    with api.archive.begin() as connection:
        definitions.put(connection, storyline, author="test", now=NOON)
    record(
        api,
        make_alert(identity="alert-aaaa1", severity=Severity.CRITICAL),
        make_alert(identity="alert-bbbb2", raised_at=NOON + timedelta(minutes=1)),
        make_alert(
            identity="alert-bbbb2",
            sequence=2,
            kind=AlertKind.GROWN,
            state=AlertState.DEVELOPING,
            sources=("Harbour Post", "Delta Wire"),
            raised_at=NOON + timedelta(minutes=9),
        ),
        make_alert(
            identity="alert-cccc3",
            storyline="other",
            title="Pear harvest is late",
            raised_at=NOON + timedelta(minutes=2),
        ),
        make_feed_alert(identity="x", raised_at=NOON + timedelta(minutes=3)),
    )


async def listed(api: Caller, **params) -> list[str]:
    answer = await api.get("/alerts", scope="read", params=params)
    assert answer.status_code == 200, answer.text
    return [item["alert"]["id"] for item in answer.json()["items"]]


async def test_each_alert_stands_once_as_it_stands_now(api: Caller) -> None:
    many(api)
    assert await listed(api) == ["alert-bbbb2", "alert-of-a-feed", "alert-cccc3", "alert-aaaa1"]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"storyline": "other"}, ["alert-cccc3"]),
        ({"tag": "sea"}, ["alert-bbbb2", "alert-aaaa1"]),
        ({"tag": "land"}, []),
        ({"kind": "grown"}, ["alert-bbbb2"]),
        ({"kind": "feed_broken"}, ["alert-of-a-feed"]),
        ({"severity": "critical"}, ["alert-aaaa1"]),
        ({"state": "developing"}, ["alert-bbbb2"]),
        ({"since": "2024-05-17T12:03:00Z"}, ["alert-bbbb2", "alert-of-a-feed"]),
        ({"until": "2024-05-17T14:02:00+02:00"}, ["alert-aaaa1"]),
        ({"text": "PEAR late"}, ["alert-cccc3"]),
        ({"text": "delta wire"}, ["alert-bbbb2"]),
        ({"text": "pear submarines"}, []),
        ({"acknowledged": "true"}, ["alert-aaaa1"]),
        ({"acknowledged": "false", "storyline": "patrol-denial"}, ["alert-bbbb2"]),
        ({"assignee": "Mara"}, ["alert-cccc3"]),
        ({"assignee": "-", "kind": "grown"}, ["alert-bbbb2"]),
    ],
)
async def test_filters_narrow_the_list(api: Caller, params, found) -> None:
    many(api)
    await api.call("POST", "/alerts/alert-aaaa1/ack", json={})
    await api.call("POST", "/alerts/alert-cccc3/assign", json={"to": "Mara"})
    assert await listed(api, **params) == found


async def test_pages_follow_one_another_though_alerts_share_a_moment(api: Caller) -> None:
    record(api, *(make_alert(identity=f"alert-{n:04d}") for n in range(7)))
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/alerts", params=params)).json()
        seen += [item["alert"]["id"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [f"alert-{n:04d}" for n in reversed(range(7))]


async def test_one_page_looks_at_so_many_and_no_more(api: Caller) -> None:
    most = alert_list.MOST_LOOKED_AT
    record(api, *(make_alert(identity=f"alert-{n:05d}") for n in range(most + 5)))
    page = (await api.get("/alerts", params={"text": "nowhere"})).json()
    assert page["items"] == []
    assert page["next"] is not None
    page = (await api.get("/alerts", params={"text": "nowhere", "cursor": page["next"]})).json()
    assert page == {"items": [], "next": None}


async def test_one_alert_whole(api: Caller) -> None:
    many(api)
    alert = make_alert(identity="alert-bbbb2", sequence=2)
    told: Delivery = make_delivery(alert)
    done = told.model_copy(update={"state": DeliveryState.DELIVERED, "attempts": 1})
    with api.archive.begin() as connection:
        deliveries.plan(connection, [told], due_at=NOON)
        deliveries.finish(connection, done, attempt=Attempt(NOON, 0.25, "delivered", "204"))
    await api.call("POST", "/alerts/alert-bbbb2/comment", json={"comment": "seen it"})
    answer = await api.get("/alerts/alert-bbbb2", scope="read")
    assert answer.headers["etag"] == '"1"'
    whole = answer.json()
    assert [change["sequence"] for change in whole["changes"]] == [1, 2]
    assert whole["alert"] == whole["changes"][-1]
    [delivery] = whole["deliveries"]
    assert delivery["delivery"]["state"] == "delivered"
    assert delivery["attempts"][0]["outcome"] == "delivered"
    assert [(a["by"], a["what"], a["comment"]) for a in whole["actions"]] == [
        ("admin", "comment", "seen it")
    ]
    problem(await api.get("/alerts/alert-none"), 404)


async def test_people_do_things_by_the_tokens_name(api: Caller) -> None:
    record(api, make_alert(identity="alert-aaaa1"))
    steps = [
        ("ack", {"comment": "on it"}),
        ("assign", {"to": "Mara"}),
        ("snooze", {"lasts": "2h", "more_sources": 2}),
        ("unsnooze", {}),
        ("unack", {}),
        ("comment", {"comment": "the ministry denies it"}),
    ]
    for number, (path, body) in enumerate(steps, start=1):
        answer = await api.call("POST", f"/alerts/alert-aaaa1/{path}", json=body, scope="write")
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"] == f'"{number}"'
        assert answer.json()["action"]["by"] == "write"
        if path == "snooze":
            assert answer.json()["handling"]["snoozed"]["until"] == "2024-05-17T14:00:00Z"
    with api.archive.read() as connection:
        assert len(handling.actions(connection, "alert-aaaa1")) == 6
    assert [action for _, action, kind, _ in api.audited() if kind == "alert"] == [
        *("acknowledge", "assign", "snooze", "unsnooze", "unacknowledge", "comment")
    ]


async def test_an_ack_needs_no_body(api: Caller) -> None:
    record(api, make_alert(identity="alert-aaaa1"))
    assert (await api.call("POST", "/alerts/alert-aaaa1/ack")).status_code == 200


async def test_who_read_another_version_changes_nothing(api: Caller) -> None:
    record(api, make_alert(identity="alert-aaaa1"))
    path = "/alerts/alert-aaaa1/ack"
    assert (await api.call("POST", path, headers={"if-match": '"0"'})).status_code == 200
    problem(await api.call("POST", path, headers={"if-match": '"0"'}), 412)
    with api.archive.read() as connection:
        assert handling.of_alert(connection, "alert-aaaa1").version == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("unack", {}, 422),
        ("unsnooze", {}, 422),
        ("snooze", {}, 422),
        ("snooze", {"until": "2024-05-17T11:00:00Z"}, 422),
        ("snooze", {"lasts": "100d"}, 422),
        ("snooze", {"lasts": "soon"}, 422),
        ("snooze", {"more_sources": "2"}, 422),
        ("snooze", {"until": "2024-05-18T12:00:00"}, 422),
        ("snooze", {"until": "0001-01-01T00:00:00+14:00"}, 422),
        ("snooze", {"until_new_fact": 1}, 422),
        ("comment", {}, 422),
        ("comment", {"comment": ""}, 422),
        ("comment", {"comment": "  "}, 422),
        ("comment", {"comment": "x" * 2_001}, 422),
        ("comment", {"comment": "\x1b[31m"}, 422),
        ("assign", {}, 422),
        ("assign", {"to": None}, 422),
        ("assign", {"to": "a\nb"}, 422),
        ("ack", {"by": "the chief"}, 422),
        ("ack", [], 422),
        ("burn", {}, 404),
    ],
)
async def test_what_makes_no_sense_is_refused_and_audited(api: Caller, path, body, status) -> None:
    record(api, make_alert(identity="alert-aaaa1"))
    problem(await api.call("POST", f"/alerts/alert-aaaa1/{path}", json=body), status)
    with api.archive.read() as connection:
        assert handling.of_alert(connection, "alert-aaaa1").version == 0
    assert len(api.refusals()) == 1


async def test_a_reader_does_nothing_about_alerts(api: Caller) -> None:
    record(api, make_alert(identity="alert-aaaa1"))
    problem(await api.call("POST", "/alerts/alert-aaaa1/ack", scope="read"), 403)
    assert api.audited() == [("read", "refused", "alert", "alert-aaaa1")]


def test_an_alert_with_odd_words_is_listed_all_the_same(api: Caller) -> None:
    record(api, make_alert(title="\x00\u202e", articles=(make_article("\ufffd"),)))
