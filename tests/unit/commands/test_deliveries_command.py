"""`nightdesk deliveries`: what was told to whom, and sending it again so that accounts still balance."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import insert

from nightdesk import accounting
from nightdesk.archive import Archive, accounts, deadletters
from nightdesk.archive.tables import delivery_decisions
from nightdesk.clock import SystemClock
from nightdesk.delivery.errors import ReceiverBusy, ReceiverRefused
from nightdesk.delivery.retry import RetryPolicy
from schemas import Delivery
from tests.support.alerting import NOON, make_alert, make_subscription, make_webhook
from tests.support.dispatching import Desk, ScriptedChannel
from tests.support.waiting import until
from tests.unit.commands.conftest import Run

SUBSCRIPTION = make_subscription(receivers=(make_webhook(name="good"), make_webhook(name="bad")))


def run_until(desk: Desk, done, **errors) -> None:
    """Dispatch until `done`; the receivers named in `errors` fail so."""

    async def behave(delivery: Delivery) -> None:
        if error := errors.get(delivery.receiver):
            raise error

    async def work() -> None:
        dispatcher = desk.dispatcher({"webhook": ScriptedChannel(behave)})
        await dispatcher.start()
        await until(done)
        await dispatcher.stop()

    asyncio.run(work())


@pytest.fixture
def told(archive: Archive) -> Desk:
    """A desk that told two alerts to a good receiver, and failed at a bad one."""
    desk = Desk(archive)
    desk.declare(SUBSCRIPTION)
    for number in (1, 2):
        desk.plan(make_alert(identity=f"alert-{number}"), SUBSCRIPTION)
    refused = ReceiverRefused("desk answered 410\x1b[2J", hint="gone")
    run_until(desk, lambda: desk.account() == {"delivered": 2, "failed": 2}, bad=refused)
    return desk


def listed(nightdesk: Run, *arguments: str) -> list[dict]:
    found: list[dict] = json.loads(nightdesk("deliveries", "list", "--json", *arguments).out)
    return found


def test_list_filters(nightdesk: Run, told: Desk) -> None:
    assert len(listed(nightdesk)) == 4
    failed = listed(nightdesk, "--state", "failed")
    assert {(one["receiver"], one["reason"]) for one in failed} == {
        ("bad", "desk answered 410 [2J")
    }
    assert len(listed(nightdesk, "--state", "failed", "--state", "delivered")) == 4
    assert len(listed(nightdesk, "--receiver", "good", "--alert", "alert-1")) == 1
    assert listed(nightdesk, "--subscription", "other") == []
    assert len(listed(nightdesk, "--limit", "3")) == 3
    assert len(listed(nightdesk, "--since", "2024-05-17T12:00")) == 4
    assert listed(nightdesk, "--since", "2024-05-17T12:01") == []
    out = nightdesk("deliveries", "list", "--limit", "1").out
    assert "4 in all" in out
    assert "like that" in nightdesk("deliveries", "list", "--alert", "none").out
    wrong = nightdesk("deliveries", "list", "--state", "lost")
    assert wrong.code == 2
    assert "fell_back" in wrong.err


def test_show_tells_each_attempt(nightdesk: Run, told: Desk) -> None:
    (failed, _) = listed(nightdesk, "--state", "failed")
    out = nightdesk("deliveries", "show", failed["id"].removeprefix("delivery-")[:8]).out
    assert "state:        failed" in out
    assert "receiver_refused" in out
    assert "0.000 s" in out
    assert "\x1b" not in out
    data = json.loads(nightdesk("deliveries", "show", failed["id"], "--json").out)
    assert [one["outcome"] for one in data["tries"]] == ["receiver_refused"]
    assert data["due_at"] is None
    nothing = nightdesk("deliveries", "show", "nothing")
    assert (nothing.code, "no delivery" in nothing.err) == (1, True)
    assert nightdesk("deliveries", "show", "deli").code == 1


def test_show_tells_what_was_decided(nightdesk: Run, told: Desk) -> None:
    (one, *_) = listed(nightdesk)
    with told.archive.begin() as connection:
        decision = {"delivery": one["id"], "n": 1, "decided_at": NOON, "state": "held"}
        connection.execute(insert(delivery_decisions), decision | {"reason": "quiet hours"})
    assert "held: quiet hours" in nightdesk("deliveries", "show", one["id"]).out


def test_retry_opens_again_under_the_same_id_and_keeps_the_record(
    nightdesk: Run, told: Desk
) -> None:
    failed = listed(nightdesk, "--state", "failed")
    (good, _) = listed(nightdesk, "--receiver", "good")
    said = nightdesk("deliveries", "retry", "--all-failed", "--receiver", "bad")
    assert said.out == "2 deliveries on the way again.\n"
    assert nightdesk("deliveries", "retry", good["id"]).out == "1 delivery on the way again.\n"
    # A day later: the first tries of before do not count against the new ones.
    told.clock.set(SystemClock().now() + timedelta(days=1))
    told.policy = RetryPolicy(first=timedelta(0))
    busy = {"bad": ReceiverBusy("desk answered 500")}
    run_until(
        told, lambda: told.account().get("delivered") == 3 and _tries(told, failed[0]) > 2, **busy
    )
    run_until(told, lambda: told.account() == {"delivered": 5, "failed": 2, "retried": 3})
    one = Delivery.model_validate(failed[0], strict=False)
    assert told.standing(one).id == failed[0]["id"]
    outcomes = [attempt.outcome for attempt in told.attempts(one)]
    assert outcomes[:2] == ["receiver_refused", "receiver_busy"]
    assert outcomes[-1] == "delivered"
    totals = {"deliver": {"deliveries": 4}, "deliveries": told.account()}
    assert [
        str(b) for b in accounting.check(totals) if "fell_back" in b.right_words and not b.holds
    ] == []
    with told.archive.read() as connection:
        assert deadletters.counts(connection) == {}
        assert accounts.totals(connection)["deliveries"]["retried"] == 3


def _tries(desk: Desk, delivery: dict) -> int:
    return len(desk.attempts(Delivery.model_validate(delivery, strict=False)))


def test_retry_of_what_has_not_ended_says_so(nightdesk: Run, told: Desk) -> None:
    (failed, _) = listed(nightdesk, "--state", "failed")
    nightdesk("deliveries", "retry", failed["id"])
    again = nightdesk("deliveries", "retry", failed["id"])
    assert again.code == 1
    assert "has not ended" in again.err
    assert nightdesk("deliveries", "retry").code == 2
    assert nightdesk("deliveries", "retry", "x", "--all-failed").code == 2
    assert nightdesk("deliveries", "retry", failed["id"], "--receiver", "bad").code == 2
