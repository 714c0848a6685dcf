"""The dispatcher: retries, isolation, leases, and a ledger that agrees with what receivers saw."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta

import pytest

from nightdesk.archive import alerts, outbox
from nightdesk.delivery import outcome as conclude
from nightdesk.delivery.dispatcher import Pace
from nightdesk.delivery.errors import ReceiverBusy, ReceiverRefused
from nightdesk.delivery.ledger import ArchiveLedger
from nightdesk.delivery.retry import RetryPolicy
from schemas import (
    AlertKind,
    AlertmanagerReceiver,
    AtomReceiver,
    ChangeRef,
    ConsoleReceiver,
    Delivery,
    FileReceiver,
)
from tests.support.alerting import NOON, make_alert, make_subscription, make_webhook
from tests.support.dispatching import Desk, ScriptedChannel
from tests.support.waiting import until


@pytest.fixture
def desk(sqlite_archive):
    return Desk(sqlite_archive)


async def never(delivery):
    await asyncio.Event().wait()


def failing(*errors):
    """Fail with each of `errors` in turn, then deliver."""
    left = list(errors)

    async def behave(delivery):
        if left:
            raise left.pop(0)

    return behave


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


@pytest.mark.parametrize(
    ("receiver", "edited"),
    [
        (AlertmanagerReceiver(url="http://127.0.0.1:9", allow_private=True), True),
        (FileReceiver(path="/tmp/pages", form="pages"), True),
        (FileReceiver(path="/tmp/lines", form="lines"), False),
        (make_webhook(), False),
    ],
)
async def test_an_older_change_does_not_take_the_place_of_a_later_one(desk, receiver, edited):
    subscription = make_subscription(receivers=(receiver,))
    desk.declare(subscription)
    channel = ScriptedChannel(failing(ReceiverBusy("desk answered 500")))
    dispatcher = desk.dispatcher({receiver.channel: channel})
    (first,) = desk.plan(make_alert(sequence=1), subscription)
    await dispatcher.start()
    await until(lambda: desk.state(first) == "retrying")
    (second,) = desk.plan(make_alert(sequence=2, kind=AlertKind.GROWN), subscription)
    await until(lambda: desk.state(second) == "delivered")
    desk.clock.advance(timedelta(seconds=10))
    await until(lambda: desk.state(first) == ("suppressed" if edited else "delivered"))
    await dispatcher.stop()
    if edited:
        assert desk.standing(first).reason.startswith("change 2 was delivered before")
        assert [one.id for one in channel.delivered] == [second.id]


async def test_a_crowd_of_slow_receivers_leaves_something_to_the_others(desk):
    slow = [make_subscription(f"slow-{n}", receivers=(make_webhook(),)) for n in range(60)]
    quick = make_subscription("quick", receivers=(make_webhook(),))
    desk.declare(quick, *slow)
    released = asyncio.Event()

    async def behave(delivery):
        if delivery.subscription != "quick":
            await released.wait()

    for number in range(16):
        for subscription in slow:
            desk.plan(make_alert(identity=f"{subscription.id}-{number}"), subscription)
    desk.clock.advance(timedelta(seconds=1))
    planned = [desk.plan(make_alert(identity=f"quick-{n}"), quick)[0] for n in range(30)]
    dispatcher = desk.dispatcher({"webhook": ScriptedChannel(behave)})
    await dispatcher.start()
    await until(lambda: {desk.state(one) for one in planned} == {"delivered"})
    released.set()
    await dispatcher.stop()


async def test_a_slow_receiver_delays_only_itself_however_much_waits_for_it(desk):
    slow = make_subscription("slow", receivers=(make_webhook(name="slow"),))
    quick = make_subscription("quick", receivers=(make_webhook(name="quick"),))
    desk.declare(slow, quick)
    for number in range(200):
        desk.plan(make_alert(identity=f"slow-{number}"), slow)
    desk.clock.advance(timedelta(seconds=1))
    for number in range(60):
        desk.plan(make_alert(identity=f"quick-{number}"), quick)

    async def behave(delivery):
        if delivery.receiver == "slow":
            await never(delivery)

    channel = ScriptedChannel(behave)
    dispatcher = desk.dispatcher({"webhook": channel})
    await dispatcher.start()
    await until(lambda: desk.account() == {"delivered": 60})
    await dispatcher.stop()
    assert {delivery.receiver for delivery in channel.delivered} == {"quick"}
    assert sum(delivery.receiver == "slow" for delivery in channel.tried) <= Pace().at_once


async def test_changes_of_one_alert_go_out_in_order(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    for sequence in range(1, 7):
        kind = AlertKind.NEW_DEVELOPMENT if sequence == 1 else AlertKind.GROWN
        desk.plan(make_alert(sequence=sequence, kind=kind), subscription)

    async def behave(delivery):
        for _ in range(20 - 3 * delivery.sequence):
            await asyncio.sleep(0)

    channel = ScriptedChannel(behave)
    dispatcher = desk.dispatcher({"webhook": channel})
    await dispatcher.start()
    await until(lambda: len(channel.delivered) == 6)
    await dispatcher.stop()
    assert [delivery.sequence for delivery in channel.delivered] == [1, 2, 3, 4, 5, 6]


async def in_late_thread(work):
    """Do `work` in a thread that is slow to begin, as on a loaded machine."""
    await asyncio.sleep(0.02)
    return await asyncio.to_thread(work)


@pytest.mark.parametrize("in_thread", [asyncio.to_thread, in_late_thread])
async def test_stopping_is_quick_and_gives_back_what_was_under_way(desk, in_thread):
    subscription = make_subscription()
    desk.declare(subscription)
    planned = [desk.plan(make_alert(identity=f"a{n}"), subscription)[0] for n in range(20)]

    async def stubborn(delivery):
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if release.is_set():
                    raise

    release = asyncio.Event()
    try:
        first = ScriptedChannel(stubborn)
        dispatcher = desk.dispatcher({"webhook": first}, in_thread=in_thread)
        await dispatcher.start()
        await until(lambda: len(first.tried) == Pace().at_once)
        async with asyncio.timeout(5):
            await dispatcher.stop()
        second = ScriptedChannel()
        successor = desk.dispatcher({"webhook": second}, worker="w2")
        await successor.start()
        await until(lambda: desk.account() == {"delivered": 20})
        await successor.stop()
        assert {one.id for one in second.delivered} == {one.id for one in planned}
    finally:
        # A stubborn task that is left behind would hold up the end of the test's loop for ever.
        release.set()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()


async def test_what_ended_just_before_the_stop_is_still_recorded(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    (delivery,) = desk.plan(make_alert(), subscription)
    channel = ScriptedChannel()
    dispatcher = desk.dispatcher({"webhook": channel})
    await dispatcher.start()
    await until(lambda: channel.delivered)
    await dispatcher.stop()
    assert desk.state(delivery) == "delivered"
    with desk.archive.read() as connection:
        assert outbox.count_pending(connection) == 1


async def test_a_killed_workers_deliveries_are_made_again_once_its_lease_has_run_out(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    (delivery,) = desk.plan(make_alert(), subscription)
    pace = Pace()
    dead = ArchiveLedger(desk.archive, "dead")
    (claimed,) = dead.claim(now=desk.clock.now(), lease=pace.lease, limit=9, busy=())
    channel = ScriptedChannel()
    dispatcher = desk.dispatcher({"webhook": channel}, worker="alive")
    await dispatcher.start()
    desk.clock.advance(pace.lease - timedelta(milliseconds=1))
    dispatcher.wake()
    assert (
        ArchiveLedger(desk.archive, "other").claim(
            now=desk.clock.now(), lease=pace.lease, limit=9, busy=()
        )
        == []
    )
    assert channel.tried == []
    desk.clock.advance(timedelta(milliseconds=1))
    await until(lambda: desk.state(delivery) == "delivered")
    await dispatcher.stop()
    assert [one.id for one in channel.delivered] == [claimed.delivery.id]


def test_a_delivery_that_ends_twice_at_once_counts_once(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    desk.plan(make_alert(), subscription)
    ledger, now = ArchiveLedger(desk.archive, "w1"), desk.clock.now()
    (claimed,) = ledger.claim(now=now, lease=Pace().lease, limit=9, busy=())
    done = conclude.delivered(claimed, started_at=now, seconds=0.1, now=now)
    settled, messages = ledger.settle([done, done], now)
    assert (len(settled), len(messages)) == (1, 1)
    assert desk.account() == {"delivered": 1}


@pytest.mark.parametrize(
    ("successor", "alone", "waits"),
    [("dead", False, False), ("new", True, False), ("new", False, True)],
)
async def test_a_successor_need_not_wait_for_the_leases_of_the_dead(desk, successor, alone, waits):
    subscription = make_subscription()
    desk.declare(subscription)
    (delivery,) = desk.plan(make_alert(), subscription)
    now = desk.clock.now()
    ArchiveLedger(desk.archive, "dead").claim(now=now, lease=Pace().lease, limit=9, busy=())
    ledger = ArchiveLedger(desk.archive, successor, alone=alone)
    dispatcher = desk.dispatcher({"webhook": ScriptedChannel()}, ledger=ledger)
    await dispatcher.start()
    if waits:
        second = desk.plan(make_alert(identity="second"), subscription)[0]
        await until(lambda: desk.state(second) == "delivered")
        assert desk.state(delivery) == "pending"
    else:
        await until(lambda: desk.state(delivery) == "delivered")
    await dispatcher.stop()


async def test_two_workers_part_the_work_and_nothing_is_made_twice(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    planned = [desk.plan(make_alert(identity=f"a{n}"), subscription)[0] for n in range(60)]
    channels = [ScriptedChannel(), ScriptedChannel()]
    workers = [
        desk.dispatcher({"webhook": channel}, worker=f"w{number}")
        for number, channel in enumerate(channels)
    ]
    for worker in workers:
        await worker.start()
    await until(lambda: desk.account() == {"delivered": 60})
    for worker in workers:
        await worker.stop()
    told = [one.id for channel in channels for one in channel.delivered]
    assert sorted(told) == sorted(one.id for one in planned)


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


async def test_a_try_without_end_is_ended(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    (delivery,) = desk.plan(make_alert(), subscription)
    pace = Pace(look_every=timedelta(milliseconds=10), longest_try=timedelta(milliseconds=50))
    dispatcher = desk.dispatcher({"webhook": ScriptedChannel(never)}, pace=pace)
    await dispatcher.start()
    await until(lambda: desk.state(delivery) == "retrying")
    await dispatcher.stop()
    assert desk.attempts(delivery)[0].outcome == "receiver_timed_out"


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


def test_a_lease_shorter_than_a_full_lane_takes_is_refused():
    with pytest.raises(ValueError, match="lease"):
        Pace(lease=timedelta(seconds=30))


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
