"""Receivers that are left alone, by the API."""

from __future__ import annotations

from datetime import timedelta

from nightdesk.archive import definitions, left_alone
from nightdesk.archive.left_alone import LeftAlone
from tests.support.alerting import NOON, make_subscription
from tests.support.apiclient import Caller, problem


async def test_whom_nothing_reaches_is_listed_with_why_and_until_when(api: Caller) -> None:
    path = "/receivers/left-alone"
    assert (await api.get(path, scope="read")).json() == {"items": [], "next": None}
    problem(await api.get(path, scope=None), 401)
    again = NOON + timedelta(minutes=5)
    one = LeftAlone("desk", "webhook", NOON, again, "desk answered 500")
    with api.archive.begin() as connection:
        definitions.put(connection, make_subscription(), author="test", now=NOON)
        left_alone.say(connection, "w1", [one], NOON)
    [item] = (await api.get(path, scope="read")).json()["items"]
    assert item == {
        "subscription": "desk",
        "receiver": "webhook",
        "since": "2024-05-17T12:00:00Z",
        "next_try_at": "2024-05-17T12:05:00Z",
        "reason": "desk answered 500",
        "waiting": 0,
    }
