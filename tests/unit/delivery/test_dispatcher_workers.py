"""Dispatchers that stop, die, and work beside each other: nothing is lost, and nothing made twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from nightdesk.archive import outbox
from nightdesk.delivery import outcome as conclude
from nightdesk.delivery.dispatcher import Pace
from nightdesk.delivery.ledger import ArchiveLedger
from tests.support.alerting import make_alert, make_subscription
from tests.support.dispatching import ScriptedChannel
from tests.support.waiting import until


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
