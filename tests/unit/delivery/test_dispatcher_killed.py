"""kill -9 of a dispatching process, again and again: its successor tells everybody, under the same ids."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from nightdesk.archive import open_archive
from nightdesk.archive.outbox import count_pending
from nightdesk.clock import SystemClock
from tests.support.alerting import make_alert, make_subscription, make_webhook
from tests.support.dispatching import Desk
from tests.support.flaky import FlakyReceiver
from tests.support.waiting import until

_ROUNDS, _ALERTS = 50, 200
_NURSERY = """
import asyncio, os, sys
from datetime import timedelta
from nightdesk.archive import open_archive
from nightdesk.clock import SystemClock
from nightdesk.delivery.breaker import BreakerPolicy
from nightdesk.delivery.retry import RetryPolicy
from nightdesk.delivery.webhook import WebhookChannel
from tests.support.dispatching import Desk

async def work():
    desk = Desk(open_archive(sys.argv[1]))
    desk.clock = SystemClock()
    desk.policy = RetryPolicy(first=timedelta(milliseconds=20), longest=timedelta(milliseconds=100),
                              max_attempts=10_000)
    breaker = BreakerPolicy(first=timedelta(milliseconds=20), longest=timedelta(milliseconds=100))
    channel = WebhookChannel(secrets=lambda *_: "x", clock=desk.clock)
    await desk.dispatcher({"webhook": channel}, worker="w1", breaker=breaker).start()
    await asyncio.Event().wait()

# One process imports all that it takes, and each worker is a fork of it.
print("ready", flush=True)
for line in sys.stdin:
    pid = os.fork()
    if not pid:
        os.dup2(2, 1)
        asyncio.run(work())
    print(pid, flush=True)
    os.waitpid(pid, 0)
    print("gone", flush=True)
"""


@asynccontextmanager
async def nursery(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _NURSERY,
        url,
        cwd=Path(__file__).parents[3],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    try:
        yield process
    finally:
        # Its whole group, for a worker that a failed test left would hold its output open.
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def test_kill_9_in_50_rounds_loses_nothing_at_a_flaky_receiver(tmp_path):
    url = f"sqlite:///{tmp_path / 'archive.db'}"
    archive = open_archive(url)
    archive.migrate()
    desk = Desk(archive)
    desk.clock = SystemClock()
    chance = random.Random(11)
    planned = []
    with FlakyReceiver(5, well=0.7) as receiver:
        timeout = timedelta(seconds=1)
        subscription = make_subscription(receivers=(make_webhook(receiver.url, timeout=timeout),))
        desk.declare(subscription)
        async with nursery(url) as process:
            for number in range(_ROUNDS):
                for _ in range(_ALERTS // _ROUNDS):
                    alert = make_alert(identity=f"a{len(planned)}")
                    planned += desk.plan(alert, subscription)
                process.stdin.write(b"\n")
                pid = int(await process.stdout.readline())
                if number < _ROUNDS - 1:
                    # Anywhere: before the first post, between a post and its record, in the midst of many.
                    goal = receiver.posts + chance.randrange(8)
                    told = {"delivered": len(planned)}
                    await until(
                        lambda goal=goal, told=told: (
                            receiver.posts >= goal or desk.account() == told
                        )
                    )
                    await asyncio.sleep(chance.random() * 0.03)
                else:
                    await until(lambda: desk.account() == {"delivered": _ALERTS}, 60)
                os.kill(pid, signal.SIGKILL)
                assert await process.stdout.readline() == b"gone\n"
        # What the last one committed and had no time to publish stands in the outbox.
        with archive.read() as connection:
            assert count_pending(connection) <= _ALERTS
    ids = {delivery.id for delivery in planned}
    assert len(ids) == _ALERTS
    assert set(receiver.taken) == ids
    assert set(receiver.taken.values()) == {delivery.alert for delivery in planned}
    assert {desk.state(delivery) for delivery in planned} == {"delivered"}
    assert desk.letters() == []
    recorded = Counter()
    for delivery in planned:
        outcomes = Counter(attempt.outcome for attempt in desk.attempts(delivery))
        said = receiver.said[delivery.id]
        # The ledger tells of nothing that the receiver does not know of.
        assert outcomes["delivered"] == 1
        assert said["well"] >= 1
        assert outcomes["receiver_busy"] <= said["error"]
        assert outcomes["receiver_timed_out"] <= said["hang"] + said.total()
        recorded += outcomes
    # What a kill cost is what was on the wire, or told and not yet recorded: 16 of a lane at most.
    unrecorded = receiver.posts - recorded.total()
    assert 0 <= unrecorded <= _ROUNDS * 16
