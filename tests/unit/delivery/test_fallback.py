"""Receivers that fail for long: left alone, tried by one delivery, and another told in their place."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from nightdesk import accounting
from nightdesk.archive import accounts
from nightdesk.delivery.breaker import BreakerPolicy
from nightdesk.delivery.errors import ReceiverBusy, ReceiverRefused
from schemas import ChangeRef, Delivery
from tests.support.alerting import NOON, make_alert, make_subscription, make_webhook
from tests.support.dispatching import ScriptedChannel
from tests.support.waiting import until


class Moods:
    """Fails for the receivers named in `broken`, each by its error."""

    def __init__(self, **broken):
        self.broken = broken

    async def __call__(self, delivery):
        if error := self.broken.get(delivery.receiver):
            raise error


def balanced(desk, planned):
    """Check that what was planned is accounted for, and that nothing is open."""
    totals = {"deliver": {"deliveries": planned}, "deliveries": desk.account()}
    (balance,) = [b for b in accounting.check(totals) if "fell_back" in b.right_words]
    assert balance.holds, str(balance)


async def test_a_receiver_that_fails_is_left_alone_and_others_wait_without_using_tries(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    planned = [desk.plan(make_alert(identity=f"a{n}"), subscription)[0] for n in range(30)]
    moods = Moods(webhook=ReceiverBusy("desk answered 500", hint="look"))
    channel = ScriptedChannel(moods)
    dispatcher = desk.dispatcher({"webhook": channel}, breaker=BreakerPolicy(failures=5))
    with capture_logs() as logs:
        await dispatcher.start()
        await until(dispatcher.left_alone)
        assert dispatcher.left_alone() == {("desk", "webhook"): NOON}
        value = desk.registry.get_sample_value("nightdesk_delivery_breakers_open")
        assert value == 1.0
        # Those that were under way as it opened have ended; nothing else is tried.
        await until(lambda: len(dispatcher._lanes) == 0)
        tried = len(channel.tried)
        assert tried <= 5 + 8
        desk.clock.advance(timedelta(seconds=9))
        dispatcher.wake()
        await asyncio.sleep(0.05)
        assert len(channel.tried) == tried
        untried = [one for one in planned if desk.standing(one).attempts == 0]
        assert len(untried) == 30 - tried
        desk.clock.advance(timedelta(seconds=1))
        await until(lambda: len(channel.tried) == tried + 1)
        moods.broken.clear()
        desk.clock.advance(timedelta(minutes=10))
        await until(lambda: desk.account() == {"delivered": 30})
        await dispatcher.stop()
    assert dispatcher.left_alone() == {}
    assert desk.registry.get_sample_value("nightdesk_delivery_breakers_open") == 0.0
    events = [entry["event"] for entry in logs]
    assert events.count("receiver_left_alone") == 1
    assert events.count("receiver_is_back") == 1
    assert max(desk.standing(one).attempts for one in planned) <= 3


async def test_one_that_is_declared_anew_is_left_alone_no_longer_and_the_gauge_says_so(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    planned = [desk.plan(make_alert(identity=f"a{n}"), subscription)[0] for n in range(30)]
    moods = Moods(webhook=ReceiverBusy("desk answered 500", hint="look"))
    dispatcher = desk.dispatcher({"webhook": ScriptedChannel(moods)})
    await dispatcher.start()
    await until(dispatcher.left_alone)
    desk.declare(make_subscription(receivers=(make_webhook("https://new.example/hook"),)))
    moods.broken = {"webhook": ReceiverRefused("desk answered 400", hint="look")}
    desk.clock.advance(timedelta(minutes=10))
    await until(lambda: {desk.state(one) for one in planned} == {"failed"})
    await dispatcher.stop()
    assert desk.registry.get_sample_value("nightdesk_delivery_breakers_open") == 0.0


async def test_whom_a_worker_leaves_alone_can_be_looked_up_until_it_is_reached(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    for n in range(30):
        desk.plan(make_alert(identity=f"a{n}"), subscription)
    moods = Moods(webhook=ReceiverBusy("desk answered 500", hint="look"))
    channel = ScriptedChannel(moods)
    dispatcher = desk.dispatcher({"webhook": channel})
    await dispatcher.start()
    (one,) = await until(desk.left_alone)
    assert (one.subscription, one.receiver) == ("desk", "webhook")
    assert one.reason == "desk answered 500"
    assert (one.since, one.next_try_at) == (NOON, NOON + timedelta(seconds=10))
    await until(lambda: len(dispatcher._lanes) == 0)
    assert desk.left_alone()[0].waiting == 30
    desk.clock.advance(timedelta(seconds=10))
    later = desk.clock.now() + timedelta(seconds=20)
    await until(lambda: desk.left_alone()[0].next_try_at == later)
    moods.broken.clear()
    desk.clock.advance(timedelta(minutes=10))
    await until(lambda: desk.account() == {"delivered": 30})
    assert desk.left_alone() == []
    await dispatcher.stop()


async def test_a_worker_that_ends_leaves_nobody_alone(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    for n in range(9):
        desk.plan(make_alert(identity=f"a{n}"), subscription)
    channels = {"webhook": ScriptedChannel(Moods(webhook=ReceiverBusy("500")))}
    dispatcher = desk.dispatcher(channels)
    await dispatcher.start()
    await until(desk.left_alone)
    await dispatcher.stop()
    assert desk.left_alone() == []


def with_fallbacks(*names, **first):
    """Return a subscription whose receivers fall back one to the next; all but the first on standby."""
    receivers = [
        make_webhook(
            name=name,
            fallback=names[index + 1] if index + 1 < len(names) else None,
            on_standby=index > 0,
            **(first if not index else {}),
        )
        for index, name in enumerate(names)
    ]
    return make_subscription(receivers=tuple(receivers))


async def test_what_is_refused_for_good_is_told_to_the_fallback_at_once(desk):
    subscription = with_fallbacks("webhook", "pager")
    desk.declare(subscription)
    channel = ScriptedChannel(Moods(webhook=ReceiverRefused("desk answered 410", hint="gone")))
    dispatcher = desk.dispatcher({"webhook": channel})
    also = (ChangeRef(alert="alert-1", sequence=1),)
    (delivery,) = desk.plan(make_alert(), subscription, note="2 today", also=also)
    await dispatcher.start()
    await until(lambda: desk.account() == {"fell_back": 1, "fallbacks": 1, "delivered": 1})
    await until(lambda: len(desk.published) == 3)
    await dispatcher.stop()
    assert desk.state(delivery) == "fell_back"
    assert desk.standing(delivery).reason == "desk answered 410; pager is told instead"
    assert [attempt.outcome for attempt in desk.attempts(delivery)] == ["receiver_refused"]
    (told,) = channel.delivered
    assert (told.receiver, told.occasion.value) == ("pager", "fallback")
    assert told.note == "webhook could not be told (desk answered 410); 2 today"
    assert told.also == also
    assert told.id != delivery.id
    assert desk.letters() == []
    published = [Delivery.model_validate_json(message.value) for message in desk.published]
    assert {(one.receiver, one.state.value) for one in published} == {
        ("webhook", "fell_back"),
        ("pager", "pending"),
        ("pager", "delivered"),
    }
    balanced(desk, 1)


async def test_a_fallback_that_fails_too_ends_as_the_dead_letter(desk):
    subscription = with_fallbacks("webhook", "chat", "pager")
    desk.declare(subscription)
    refused = ReceiverRefused("410", hint="gone")
    channel = ScriptedChannel(Moods(webhook=refused, chat=refused, pager=refused))
    dispatcher = desk.dispatcher({"webhook": channel})
    desk.plan(make_alert(), subscription)
    await dispatcher.start()
    await until(lambda: desk.account() == {"fell_back": 2, "fallbacks": 2, "failed": 1})
    await dispatcher.stop()
    assert [one.receiver for one in channel.tried] == ["webhook", "chat", "pager"]
    (letter,) = desk.letters()
    assert letter.reason.value == "undeliverable"
    balanced(desk, 1)


async def test_one_that_has_failed_for_fallback_after_since_its_first_try_falls_back(desk):
    after = timedelta(minutes=3)
    subscription = with_fallbacks("webhook", "pager", fallback_after=after)
    desk.declare(subscription)
    channel = ScriptedChannel(Moods(webhook=ReceiverBusy("500", retry_after=timedelta(hours=1))))
    dispatcher = desk.dispatcher({"webhook": channel})
    (delivery,) = desk.plan(make_alert(), subscription)
    await dispatcher.start()
    await until(lambda: desk.state(delivery) == "retrying")
    desk.clock.advance(after - timedelta(seconds=1))
    dispatcher.wake()
    await asyncio.sleep(0.05)
    assert desk.state(delivery) == "retrying"
    desk.clock.advance(timedelta(seconds=1))
    await until(lambda: desk.state(delivery) == "fell_back")
    await until(lambda: channel.delivered)
    await dispatcher.stop()
    assert len(desk.attempts(delivery)) == 2
    balanced(desk, 1)


async def test_what_waits_behind_an_open_breaker_falls_back_untried(desk):
    after = timedelta(minutes=5)
    subscription = with_fallbacks("webhook", "pager", fallback_after=after)
    desk.declare(subscription)
    channel = ScriptedChannel(Moods(webhook=ReceiverBusy("500")))
    dispatcher = desk.dispatcher({"webhook": channel}, breaker=BreakerPolicy(failures=3))
    planned = [desk.plan(make_alert(identity=f"a{n}"), subscription)[0] for n in range(40)]
    await dispatcher.start()
    await until(dispatcher.left_alone)
    desk.clock.advance(after)
    await until(lambda: desk.account().get("delivered") == 40)
    await until(lambda: desk.account().get("fell_back") == 40)
    await dispatcher.stop()
    untried = [one for one in planned if not desk.attempts(one)]
    assert untried
    assert "failed for longer than its `fallback_after`" in desk.standing(untried[0]).reason
    assert {one.receiver for one in channel.delivered} == {"pager"}
    balanced(desk, 40)


async def test_a_fallback_that_is_told_anyway_is_not_told_twice(desk):
    receivers = (make_webhook(fallback="chat"), make_webhook(name="chat"))
    subscription = make_subscription(receivers=receivers)
    desk.declare(subscription)
    channel = ScriptedChannel(Moods(webhook=ReceiverRefused("410")))
    dispatcher = desk.dispatcher({"webhook": channel})
    desk.plan(make_alert(), subscription)
    await dispatcher.start()
    await until(lambda: desk.account() == {"fell_back": 1, "delivered": 1})
    await dispatcher.stop()
    assert [one.receiver for one in channel.delivered] == ["chat"]
    balanced(desk, 2)


async def test_both_sides_are_written_in_one_transaction(desk):
    """A ledger that fails as it settles has neither ended the one nor planned the other."""
    subscription = with_fallbacks("webhook", "pager")
    desk.declare(subscription)
    channel = ScriptedChannel(Moods(webhook=ReceiverRefused("410")))
    dispatcher = desk.dispatcher({"webhook": channel})
    (delivery,) = desk.plan(make_alert(), subscription)
    with desk.archive.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no_accounts BEFORE INSERT ON accounts BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    await dispatcher.start()
    await until(lambda: dispatcher.trouble)
    with desk.archive.read() as connection:
        assert accounts.totals(connection) == {}
        rows = connection.exec_driver_sql("SELECT state FROM deliveries").scalars().all()
    assert rows == ["pending"]
    with desk.archive.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER no_accounts")
    await until(lambda: desk.account() == {"fell_back": 1, "fallbacks": 1, "delivered": 1})
    await dispatcher.stop()
    assert desk.state(delivery) == "fell_back"
