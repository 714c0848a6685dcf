"""The dispatcher with several receivers and changes: who waits for whom, and in which order."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from nightdesk.delivery.dispatcher import Pace
from nightdesk.delivery.errors import ReceiverBusy
from schemas import AlertKind, AlertmanagerReceiver, FileReceiver
from tests.support.alerting import make_alert, make_subscription, make_webhook
from tests.support.dispatching import ScriptedChannel, failing, never
from tests.support.waiting import until


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


def test_a_lease_shorter_than_a_full_lane_takes_is_refused():
    with pytest.raises(ValueError, match="lease"):
        Pace(lease=timedelta(seconds=30))
