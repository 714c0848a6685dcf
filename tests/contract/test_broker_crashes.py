"""What both brokers must do when things die: nothing lost, order kept, though some come twice."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from agents.broker.topics import TopicSpec, ensure_topics
from tests.support.broker_apps import (
    LIMIT_S,
    Item,
    collect,
    committed_all,
    forwarding_app,
    make_app,
    publish,
    running,
    unique,
    wait_for,
)

MESSAGES = 1500
ROUNDS = 3
KEYS = 17


@asynccontextmanager
async def worker(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker in a process of its own, killed without a warning at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.broker_apps", *arguments),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def read_lines(process: asyncio.subprocess.Process, count: int) -> None:
    """Wait until the worker has said of `count` messages that it is done with them."""
    async with asyncio.timeout(LIMIT_S):
        for _ in range(count):
            assert await process.stdout.readline(), "the worker ended by itself"


async def test_kill_9_loses_nothing_and_keeps_the_order_of_each_key(broker_url):
    source, target, group = unique("source"), unique("target"), unique("group")
    await ensure_topics(make_app(broker_url, "admin"), [TopicSpec(source, 4), TopicSpec(target, 2)])
    await publish(
        broker_url, source, [Item(b"k%d" % (n % KEYS), b"%d" % n) for n in range(MESSAGES)]
    )
    # Where the kills fall is drawn at random; the seed is printed when the test fails.
    seed = random.randrange(10_000)
    print("seed", seed)
    draw = random.Random(seed)
    for _ in range(ROUNDS):
        async with worker(broker_url, group, source, target) as process:
            await read_lines(process, draw.randint(1, MESSAGES // ROUNDS // 2))
    app = forwarding_app(broker_url, group, source, target, lambda message: None)
    async with running(app):
        await wait_for(lambda: committed_all(app, 4), "the end of the source")

    expected = set(range(MESSAGES))
    got = await collect(broker_url, target, lambda got: {int(m.value) for m in got} == expected)
    first_seen: dict[bytes, list[int]] = defaultdict(list)
    for message in got:
        if int(message.value) not in first_seen[message.key]:
            first_seen[message.key].append(int(message.value))
    for key, numbers in first_seen.items():
        assert numbers == sorted(numbers), f"{key!r} came out of order"


@pytest.mark.kafka
async def test_a_kafka_that_is_killed_comes_back_with_what_it_acknowledged(own_kafka):
    topic = unique("reports")
    await ensure_topics(make_app(own_kafka.url, "admin"), [TopicSpec(topic, 2)])
    await publish(own_kafka.url, topic, [Item(b"k", b"%d" % n) for n in range(50)])
    own_kafka.kill9()
    own_kafka.restart()
    got = await collect(own_kafka.url, topic, lambda got: len(got) >= 50)
    assert [int(m.value) for m in got] == list(range(50))
