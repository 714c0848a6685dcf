"""What the dispatcher asks of an archive, on every kind of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.archive import alerts, deliveries, dispatch
from nightdesk.archive.deliveries import Attempt
from schemas import AlertKind, DeliveryState
from tests.support.alerting import NOON, make_alert, make_delivery

LEASE = timedelta(minutes=1)


def plan(archive, *planned, due_at=NOON):
    with archive.begin() as connection:
        deliveries.plan(connection, planned, due_at)


def claim(archive, *, worker="w1", now=NOON, limit=100, busy=()):
    with archive.begin() as connection:
        found, unreadable = dispatch.claim(
            connection, worker=worker, now=now, lease=LEASE, limit=limit, busy=busy
        )
    assert unreadable == []
    return [delivery.id for delivery in found]


def one(name, **changes):
    return make_delivery(make_alert(identity=name), **changes)


def test_claims_are_in_order_bounded_and_nobodys_else(archive):
    late, early = one("late"), one("early")
    plan(archive, late, due_at=NOON + timedelta(seconds=2))
    plan(archive, early, due_at=NOON + timedelta(seconds=1))
    assert claim(archive) == []
    now = NOON + timedelta(seconds=2)
    assert claim(archive, now=now, limit=1) == [early.id]
    assert claim(archive, now=now, worker="w2") == [late.id]
    assert claim(archive, now=now) == []
    assert claim(archive, now=now + LEASE) == [early.id, late.id]


def test_a_clock_that_jumps_a_year_ahead_and_back_keeps_nobody_waiting_for_a_year(archive):
    ahead = NOON + timedelta(days=365)
    waiting, leased = one("waiting"), one("leased")
    plan(archive, leased, due_at=NOON)
    assert claim(archive, now=ahead) == [leased.id]
    plan(archive, waiting, due_at=ahead)
    plan(archive, one("tomorrow"), due_at=NOON + timedelta(hours=23))
    assert claim(archive) == [leased.id, waiting.id]
    assert claim(archive) == []


def test_busy_receivers_are_passed_over(archive):
    plan(
        archive,
        one("a", subscription="desk", receiver="slow"),
        one("b", subscription="desk", receiver="quick"),
        one("c", subscription="night", receiver="slow"),
    )
    busy = [("desk", "slow"), ("other", "quick")]
    assert sorted(claim(archive, busy=busy)) == ["delivery-of-b-1", "delivery-of-c-1"]
    assert claim(archive) == ["delivery-of-a-1"]


def test_released_leases_are_due_at_once_but_only_ones_own(archive):
    plan(archive, one("a"), one("b"))
    mine = claim(archive, limit=1)
    theirs = claim(archive, worker="w2")
    with archive.begin() as connection:
        dispatch.release(connection, [*mine, *theirs], worker="w1")
        dispatch.release(connection, [], worker="w1")
    assert claim(archive) == mine


def test_a_workers_leases_or_all_can_be_given_back(archive):
    plan(archive, one("a"), one("b"))
    claim(archive, limit=1, worker="w1")
    claim(archive, limit=1, worker="w2")
    with archive.begin() as connection:
        assert dispatch.release_all(connection, worker="w1") == 1
        assert dispatch.release_all(connection, worker="w1") == 0
    assert claim(archive, worker="w3") == ["delivery-of-a-1"]
    with archive.begin() as connection:
        assert dispatch.release_all(connection, worker=None) == 2
    assert len(claim(archive)) == 2


def test_alerts_come_as_they_stood(archive):
    first = make_alert()
    second = make_alert(sequence=2, kind=AlertKind.GROWN, title="Later")
    with archive.begin() as connection:
        alerts.record(connection, [first, second])
    with archive.read() as connection:
        found = dispatch.alerts_at(connection, [(first.id, 1), (first.id, 2), ("none", 1)])
        assert found == {(first.id, 1): first, (first.id, 2): second}
        assert dispatch.alerts_at(connection, []) == {}


def test_the_first_try_is_known(archive):
    delivery = one("a")
    plan(archive, delivery)
    claim(archive)
    for number in (1, 2):
        tried = delivery.model_copy(
            update={"state": DeliveryState.RETRYING, "attempts": number, "reason": "no"}
        )
        with archive.begin() as connection:
            at = NOON + timedelta(minutes=number)
            attempt = Attempt(at, 0.5, "receiver_busy", "no")
            deliveries.finish(connection, tried, due_at=at, attempt=attempt)
    with archive.read() as connection:
        found = dispatch.first_tried(connection, [delivery.id, "none"])
    assert found == {delivery.id: NOON + timedelta(minutes=1)}


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.DELIVERED])
def test_only_what_failed_is_opened_again(archive, state):
    delivery = one("a")
    plan(archive, delivery)
    claim(archive)
    ended = delivery.model_copy(update={"state": state, "attempts": 7, "reason": "no"})
    later = NOON + timedelta(days=1)
    with archive.begin() as connection:
        deliveries.finish(connection, ended)
    with archive.begin() as connection:
        opened = dispatch.reopen(connection, delivery.id, later, reason="asked for by Ines")
        assert dispatch.reopen(connection, "none", later, reason="x") is None
    if state is DeliveryState.DELIVERED:
        assert opened is None
        assert claim(archive, now=later) == []
        return
    assert (opened.state, opened.attempts, opened.id) == (DeliveryState.PENDING, 0, delivery.id)
    assert claim(archive, now=later) == [delivery.id]


def test_an_unreadable_row_does_not_hold_up_the_others(archive):
    damaged, sound = one("damaged"), one("sound")
    plan(archive, damaged, sound)
    with archive.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE deliveries SET document = '{{}}' WHERE id = '{damaged.id}'"
        )
    with archive.begin() as connection:
        found, unreadable = dispatch.claim(connection, worker="w1", now=NOON, lease=LEASE, limit=9)
    assert [delivery.id for delivery in found] == [sound.id]
    assert unreadable == [damaged.id]
