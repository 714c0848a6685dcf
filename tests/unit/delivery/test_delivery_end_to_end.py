"""Dispatcher and webhook channel against a receiver of many moods: the ledger agrees with its log."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

from nightdesk.delivery.signature import verify
from nightdesk.delivery.webhook import WebhookChannel
from tests.support.alerting import make_alert, make_subscription, make_webhook
from tests.support.dispatching import Desk
from tests.support.receiver import answer, flood, garble, lie, loopback_receiver, reset
from tests.support.waiting import until

SECRET = b"hush"
MOODS = [answer(200), answer(204), answer(500), answer(429, Retry_After="9"), lie, reset, garble]


async def test_each_alert_reaches_a_flaky_receiver_and_the_ledger_agrees(sqlite_archive):
    desk = Desk(sqlite_archive)
    chance = random.Random(7)
    moods = [chance.choice([*MOODS, flood(503)]) for _ in range(300)]
    channel = WebhookChannel(secrets=lambda *_: SECRET.decode(), clock=desk.clock)
    async with loopback_receiver([*moods, answer(200)]) as receiver:
        subscription = make_subscription(receivers=(make_webhook(receiver.url),))
        desk.declare(subscription)
        planned = [desk.plan(make_alert(identity=f"a{n}"), subscription)[0] for n in range(40)]
        dispatcher = desk.dispatcher({"webhook": channel})
        await dispatcher.start()

        def done() -> bool:
            desk.clock.advance(timedelta(seconds=5))
            return desk.account() == {"delivered": 40}

        await until(done, 30)
        await dispatcher.stop()
        await channel.close()
        log = Counter(posted.headers["nightdesk-delivery"] for posted in receiver.posted)
        assert all(
            verify(
                SECRET,
                posted.body,
                posted.headers["nightdesk-signature"],
                desk.clock.now(),
                timedelta(days=9),
            )
            for posted in receiver.posted
        )
    ledger = {delivery.id: desk.attempts(delivery) for delivery in planned}
    assert log == {id_: len(attempts) for id_, attempts in ledger.items()}
    assert all(attempts[-1].outcome == "delivered" for attempts in ledger.values())
    assert any(len(attempts) > 2 for attempts in ledger.values())
