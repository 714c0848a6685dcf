"""kill -9 of a dispatching process: its successor tells everybody, under the same ids."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

from nightdesk.archive import open_archive
from nightdesk.delivery.webhook import WebhookChannel
from tests.support.alerting import make_alert, make_subscription, make_webhook
from tests.support.dispatching import Desk
from tests.support.receiver import answer, loopback_receiver
from tests.support.waiting import until

_ALERTS = 80
_WORKER = """
import asyncio, sys
from nightdesk.archive import open_archive
from nightdesk.delivery.webhook import WebhookChannel
from tests.support.dispatching import Desk

async def main():
    desk = Desk(open_archive(sys.argv[1]))
    channel = WebhookChannel(secrets=lambda *_: "x", clock=desk.clock)
    await desk.dispatcher({"webhook": channel}, worker="w1").start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_kill_9_loses_nothing_and_repeats_little(tmp_path):
    url = f"sqlite:///{tmp_path / 'archive.db'}"
    archive = open_archive(url)
    archive.migrate()
    desk = Desk(archive)

    async def unhurried(writer):
        await asyncio.sleep(0.02)
        await answer(200)(writer)

    async with loopback_receiver([unhurried]) as receiver:
        subscription = make_subscription(receivers=(make_webhook(receiver.url),))
        desk.declare(subscription)
        planned = [desk.plan(make_alert(identity=f"a{n}"), subscription)[0] for n in range(_ALERTS)]
        for number in (10, 30):
            worker = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _WORKER, url, cwd=Path(__file__).parents[3]
            )
            await until(lambda number=number: len(receiver.posted) >= number, 30)
            worker.kill()
            await worker.wait()
        channel = WebhookChannel(secrets=lambda *_: "x", clock=desk.clock)
        successor = desk.dispatcher({"webhook": channel}, worker="w1")
        await successor.start()
        await until(lambda: desk.account() == {"delivered": _ALERTS}, 30)
        await successor.stop()
        await channel.close()
    seen = Counter(posted.headers["nightdesk-delivery"] for posted in receiver.posted)
    assert set(seen) == {delivery.id for delivery in planned}
    assert {desk.state(delivery) for delivery in planned} == {"delivered"}
    # What was on the wire, or told but not yet in the archive, when the two were killed.
    assert seen.total() - _ALERTS <= 2 * 3 * 16
    archive.close()
