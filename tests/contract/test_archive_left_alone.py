"""Receivers that are left alone, as workers tell the archive and others look it up, on every kind of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nightdesk.archive import Archive, definitions, deliveries, left_alone
from nightdesk.archive.left_alone import LeftAlone
from tests.support.alerting import NOON, make_alert, make_delivery, make_subscription, make_webhook

LATER = NOON + timedelta(minutes=5)
ONE = LeftAlone("desk", "webhook", NOON, LATER, "desk answered 500")


@pytest.fixture
def declared(archive: Archive) -> Archive:
    desk = make_subscription(receivers=(make_webhook(), make_webhook(name="pager")))
    with archive.begin() as connection:
        definitions.put(connection, desk, author="test", now=NOON)
    return archive


def say(archive: Archive, worker: str, *left: LeftAlone, minutes: float = 0) -> None:
    with archive.begin() as connection:
        left_alone.say(connection, worker, left, NOON + timedelta(minutes=minutes))


def found(archive: Archive) -> list[LeftAlone]:
    with archive.read() as connection:
        return left_alone.find(connection)


def test_what_a_worker_says_replaces_what_it_said_before(declared: Archive) -> None:
    say(declared, "w1", ONE, replace(ONE, receiver="pager"))
    assert [one.receiver for one in found(declared)] == ["pager", "webhook"]
    moved = replace(ONE, next_try_at=LATER + timedelta(minutes=1))
    say(declared, "w1", moved)
    assert found(declared) == [moved]
    say(declared, "w1")
    assert found(declared) == []


def test_of_several_workers_the_first_counts_and_the_last_says_why(declared: Archive) -> None:
    say(declared, "w1", replace(ONE, reason="no connection"))
    other = replace(ONE, since=LATER, next_try_at=NOON + timedelta(minutes=1))
    say(declared, "w2", other, minutes=2)
    assert found(declared) == [
        replace(ONE, next_try_at=NOON + timedelta(minutes=1), reason="desk answered 500")
    ]
    with declared.begin() as connection:
        left_alone.take_back(connection, "w1")
    assert found(declared) == [other]
    say(declared, "w1", ONE)
    with declared.begin() as connection:
        left_alone.take_back(connection, None)
    assert found(declared) == []


def test_whoever_is_reached_is_left_alone_by_nobody(declared: Archive) -> None:
    say(declared, "dead", ONE, replace(ONE, receiver="pager"))
    with declared.begin() as connection:
        left_alone.reached(connection, {("desk", "webhook"), ("other", "pager")})
        left_alone.reached(connection, set())
    assert [one.receiver for one in found(declared)] == ["pager"]


def test_what_is_declared_no_more_is_not_told_of(declared: Archive) -> None:
    say(declared, "w1", ONE, replace(ONE, receiver="gone"), replace(ONE, subscription="none"))
    assert found(declared) == [ONE]
    with declared.begin() as connection:
        definitions.retire(connection, "subscription", "desk", author="test", now=NOON)
    assert found(declared) == []


def test_what_waits_is_counted(declared: Archive) -> None:
    say(declared, "w1", ONE)
    planned = [
        make_delivery(make_alert(identity="a")),
        make_delivery(make_alert(identity="b")),
        make_delivery(make_alert(identity="c"), receiver="pager"),
    ]
    with declared.begin() as connection:
        deliveries.plan(connection, planned, NOON)
    assert [one.waiting for one in found(declared)] == [2]
