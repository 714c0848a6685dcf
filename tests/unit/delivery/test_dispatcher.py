"""The dispatcher: what is told, tried again or given up, and a ledger that agrees with what receivers saw."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from nightdesk.archive import alerts
from nightdesk.delivery.dispatcher import Pace
from nightdesk.delivery.errors import ReceiverBusy, ReceiverRefused
from nightdesk.delivery.ledger import ArchiveLedger
from nightdesk.delivery.retry import RetryPolicy
from schemas import AtomReceiver, ChangeRef, ConsoleReceiver, Delivery
from tests.support.alerting import NOON, make_alert, make_subscription, make_webhook
from tests.support.dispatching import ScriptedChannel, failing
from tests.support.waiting import until


def sample(desk, name, **labels):
    return desk.registry.get_sample_value(name, labels) or 0.0


async def test_every_receiver_is_told_and_everything_is_recorded(desk):
    subscription = make_subscription(receivers=(ConsoleReceiver(), AtomReceiver(), make_webhook()))
    desk.declare(subscription)
    channels = {name: ScriptedChannel() for name in ("console", "atom", "webhook")}
    dispatcher = desk.dispatcher(channels)
    await dispatcher.start()
    planned = desk.plan(make_alert(), subscription)
    desk.clock.advance(timedelta(seconds=3))
    dispatcher.wake()
    await until(lambda: len(desk.published) == 3)
    await dispatcher.stop()
    assert {desk.state(delivery) for delivery in planned} == {"delivered"}
    assert [len(channel.delivered) for channel in channels.values()] == [1, 1, 1]
    assert desk.account() == {"delivered": 3}
    told = [Delivery.model_validate_json(message.value) for message in desk.published]
    assert {message.topic for message in desk.published} == {"deliveries"}
    assert {delivery.id for delivery in told} == {delivery.id for delivery in planned}
    assert {delivery.attempts for delivery in told} == {1}
    (attempt,) = desk.attempts(planned[0])
    assert (attempt.outcome, attempt.started_at) == ("delivered", NOON + timedelta(seconds=3))
    assert sample(desk, "nightdesk_stage_latency_seconds_sum", step="alerted_to_delivered") == 9.0
    assert desk.letters() == []


async def test_a_try_is_recorded_with_the_seconds_that_the_ticks_say(desk):
    subscription = make_subscription()
    desk.declare(subscription)

    async def slow(_):
        desk.ticks += 2.5

    dispatcher = desk.dispatcher({"webhook": ScriptedChannel(slow)})
    (delivery,) = desk.plan(make_alert(), subscription)
    await dispatcher.start()
    await until(lambda: desk.published)
    await dispatcher.stop()
    assert [attempt.seconds for attempt in desk.attempts(delivery)] == [2.5]


async def test_failures_that_may_pass_are_tried_again_no_sooner_than_asked(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    busy = ReceiverBusy("desk answered 429", retry_after=timedelta(minutes=7))
    channel = ScriptedChannel(failing(ReceiverBusy("desk answered 500"), busy))
    dispatcher = desk.dispatcher({"webhook": channel})
    (delivery,) = desk.plan(make_alert(), subscription)
    await dispatcher.start()
    await until(lambda: desk.state(delivery) == "retrying")
    assert desk.standing(delivery).reason == "desk answered 500"
    desk.clock.advance(timedelta(seconds=1))
    await until(lambda: desk.standing(delivery).attempts == 2)
    desk.clock.advance(timedelta(minutes=6))
    dispatcher.wake()
    desk.clock.advance(timedelta(minutes=1))
    await until(lambda: desk.published)
    await dispatcher.stop()
    assert desk.state(delivery) == "delivered"
    assert [one.outcome for one in desk.attempts(delivery)] == [
        "receiver_busy",
        "receiver_busy",
        "delivered",
    ]
    third = desk.attempts(delivery)[2]
    assert third.started_at == NOON + timedelta(minutes=7, seconds=1)
    assert len({one.id for one in channel.tried}) == 1
    assert desk.standing(delivery).reason == "on attempt 3"
    assert desk.account() == {"delivered": 1}
    assert len(desk.published) == 1


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (ReceiverRefused("desk answered 400", hint="look"), 1),
        (ReceiverBusy("desk answered 500"), 3),
    ],
)
async def test_what_cannot_be_delivered_becomes_a_dead_letter(desk, error, attempts):
    desk.policy = RetryPolicy(max_attempts=3)
    subscription = make_subscription()
    desk.declare(subscription)
    channel = ScriptedChannel(failing(*[error] * attempts))
    dispatcher = desk.dispatcher({"webhook": channel})
    (delivery,) = desk.plan(make_alert(), subscription)
    await dispatcher.start()
    for number in range(1, attempts):
        await until(lambda number=number: desk.standing(delivery).attempts == number)
        desk.clock.advance(timedelta(hours=1))
    await until(lambda: len(desk.published) == 2)
    await dispatcher.stop()
    assert desk.state(delivery) == "failed"
    (letter,) = desk.letters()
    assert (letter.stage, letter.reason.value) == ("deliveries", "undeliverable")
    assert letter.detail == error.message
    kept = Delivery.model_validate_json(base64.b64decode(letter.value))
    assert kept == desk.standing(delivery)
    assert [message.topic for message in desk.published] == ["deliveries", "dead-letters"]
    assert desk.account() == {"failed": 1}
    assert (
        sample(desk, "nightdesk_dead_letters_total", stage="deliveries", reason="undeliverable")
        == 1.0
    )


async def test_a_delivery_too_old_is_given_up(desk):
    desk.policy = RetryPolicy(min_attempts=2)
    subscription = make_subscription()
    desk.declare(subscription)
    channel = ScriptedChannel(failing(*[ReceiverBusy("desk answered 500")] * 9))
    dispatcher = desk.dispatcher({"webhook": channel})
    (delivery,) = desk.plan(make_alert(), subscription)
    await dispatcher.start()
    await until(lambda: desk.state(delivery) == "retrying")
    desk.clock.advance(timedelta(hours=25))
    await until(lambda: desk.state(delivery) == "failed")
    await dispatcher.stop()
    assert desk.standing(delivery).attempts == 2


async def test_a_desk_that_was_off_for_days_still_tries_before_it_gives_up(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    channel = ScriptedChannel(failing(*[ReceiverBusy("desk answered 500")] * 3))
    dispatcher = desk.dispatcher({"webhook": channel})
    (delivery,) = desk.plan(make_alert(), subscription)
    await dispatcher.start()
    for tries in (1, 2, 3):
        await until(lambda tries=tries: desk.standing(delivery).attempts == tries)
        desk.clock.advance(timedelta(days=3))
    await until(lambda: desk.state(delivery) == "delivered")
    await dispatcher.stop()


@pytest.mark.parametrize("running", [True, False])
async def test_a_clock_that_is_set_back_puts_nothing_off(desk, running):
    subscription = make_subscription()
    desk.declare(subscription)
    channel = ScriptedChannel(failing(ReceiverBusy("desk answered 500")))
    dispatcher = desk.dispatcher({"webhook": channel})
    now = desk.clock.now()
    desk.clock.advance(timedelta(days=365))
    (delivery,) = desk.plan(make_alert(), subscription)
    await dispatcher.start()
    await until(lambda: desk.state(delivery) == "retrying")
    # Another worker has one of the future's own, which nobody is to wait for either.
    (other,) = desk.plan(make_alert(identity="other"), subscription)
    if not running:
        await dispatcher.stop()
        dead = ArchiveLedger(desk.archive, "dead")
        dead.claim(now=desk.clock.now(), lease=Pace().lease, limit=9, busy=())
    desk.clock.set(now)
    if not running:
        dispatcher = desk.dispatcher({"webhook": channel})
        await dispatcher.start()
    await until(lambda: desk.state(delivery) == desk.state(other) == "delivered")
    await dispatcher.stop()


async def test_what_the_definitions_no_longer_ask_for_is_held_back(desk):
    subscription = make_subscription()
    other = make_subscription("other", receivers=(make_webhook(name="old"),))
    gone = make_subscription("gone")
    desk.declare(
        subscription.model_copy(update={"enabled": False}),
        other.model_copy(update={"receivers": (make_webhook(name="new"),)}),
    )
    planned = desk.plan(make_alert(), subscription, other, gone)
    channel = ScriptedChannel()
    dispatcher = desk.dispatcher({"webhook": channel})
    await dispatcher.start()
    await until(lambda: desk.account() == {"suppressed": 3})
    await dispatcher.stop()
    assert channel.tried == []
    reasons = [desk.standing(delivery).reason for delivery in planned]
    assert "disabled" in reasons[0]
    assert "old was taken off" in reasons[1]
    assert "gone was retired" in reasons[2]


async def test_a_fault_of_a_channel_and_an_unknown_channel_stop_nobody(desk):
    faulty = make_subscription("faulty", receivers=(ConsoleReceiver(),))
    unknown = make_subscription("unknown", receivers=(AtomReceiver(),))
    well = make_subscription("well")
    desk.declare(faulty, unknown, well)
    first, second, third = desk.plan(make_alert(), faulty, unknown, well)
    channels = {"console": ScriptedChannel(failing(KeyError("x"))), "webhook": ScriptedChannel()}
    dispatcher = desk.dispatcher(channels)
    await dispatcher.start()
    await until(lambda: desk.state(third) == "delivered")
    await until(lambda: desk.state(first) == "retrying")
    await until(lambda: desk.state(second) == "failed")
    desk.clock.advance(timedelta(minutes=1))
    await until(lambda: desk.state(first) == "delivered")
    await dispatcher.stop()


async def test_an_alert_that_the_archive_lost_cannot_be_told(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    (delivery,) = desk.plan(make_alert(), subscription)
    with desk.archive.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alerts")
    dispatcher = desk.dispatcher({"webhook": ScriptedChannel()})
    await dispatcher.start()
    await until(lambda: desk.state(delivery) == "failed")
    await dispatcher.stop()
    assert "does not hold change 1" in desk.letters()[0].detail


async def test_a_delivery_tells_the_alerts_that_it_names_besides(desk):
    subscription = make_subscription(title="The desk")
    desk.declare(subscription)
    with desk.archive.begin() as connection:
        alerts.record(connection, [make_alert(identity=name) for name in "bc"])
    also = tuple(ChangeRef(alert=name, sequence=1) for name in ("c", "gone", "b"))
    (delivery,) = desk.plan(make_alert(), subscription, also=also)
    told = []

    class Listening(ScriptedChannel):
        async def deliver(self, notice, receiver):
            told.append(notice)

    dispatcher = desk.dispatcher({"webhook": Listening()})
    await dispatcher.start()
    await until(lambda: desk.state(delivery) == "delivered")
    await dispatcher.stop()
    (notice,) = told
    assert [alert.id for alert in notice.alerts] == ["alert-1", "c", "b"]
    assert (notice.missing, notice.title) == (1, "The desk")
