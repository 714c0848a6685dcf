"""What both brokers must do with messages: carry every kind of them, in order, to every group."""

from __future__ import annotations

import asyncio
from itertools import groupby

import pytest

from agents.broker.topics import TopicSpec, ensure_topics
from tests.support.broker_apps import (
    Item,
    collect,
    make_app,
    publish,
    running,
    unique,
    wait_for,
)


@pytest.fixture
async def topic(broker_url: str) -> str:
    name = unique("reports")
    await ensure_topics(make_app(broker_url, unique("admin")), [TopicSpec(name, 4)])
    return name


async def test_messages_of_a_key_come_in_the_order_they_were_sent(broker_url, topic):
    items = [Item(b"feed-%d" % (n % 13), b"%d" % n) for n in range(1000)]
    sent = await publish(broker_url, topic, items)
    got = await collect(broker_url, topic, lambda got: len(got) >= 1000)
    by_key = groupby(sorted(got, key=lambda m: (m.key, int(m.value))), key=lambda m: m.key)
    for key, messages in by_key:
        in_order = [m.value for m in messages]
        assert [m.value for m in got if m.key == key] == in_order
        assert len({m.partition for m in got if m.key == key}) == 1
    assert {(m.partition, m.offset, m.value) for m in got} == {
        (meta.partition, meta.offset, item.value) for meta, item in zip(sent, items, strict=True)
    }


async def test_a_key_lands_in_the_partition_where_kafkas_java_client_puts_it(broker_url, topic):
    # Kafka's own test vectors of murmur2 (UtilsTest.testMurmur2), taken modulo 4 partitions.
    hashes = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
    sent = await publish(broker_url, topic, [Item(key, b"") for key in hashes])
    assert [meta.partition for meta in sent] == [(h & 0x7FFFFFFF) % 4 for h in hashes.values()]


async def test_every_shape_of_message_arrives_as_it_was_sent(broker_url, topic):
    items = [
        Item(b"large", bytes(range(256)) * 4 * 6 * 1024),
        Item(b"empty", b""),
        Item(b"tombstone", None),
        Item(None, b"no key"),
        Item(b"", b"empty key"),
        Item(b"headers", b"x", [("a", b"\x00\xff"), ("b", b""), ("a", b"again")]),
        Item(b"old", b"x", timestamp=1_000_000_000.25),
        Item(b"pinned", b"x", partition=3),
    ]
    await publish(broker_url, topic, items)
    got = await collect(broker_url, topic, lambda got: len(got) >= len(items))
    for item in items:
        [message] = [m for m in got if m.key == item.key and m.value == item.value]
        assert list(message.headers or []) == list(item.headers or [])
        if item.timestamp:
            assert message.timestamp == item.timestamp
        if item.partition is not None:
            assert message.partition == item.partition


async def test_a_group_resumes_where_it_stopped_and_another_begins_at_the_start(broker_url, topic):
    group = unique("normalise")
    first = [Item(b"k%d" % (n % 5), b"first %d" % n) for n in range(200)]
    await publish(broker_url, topic, first)
    got = await collect(broker_url, topic, lambda got: len(got) >= 200, group)
    assert sorted(m.value for m in got) == sorted(item.value for item in first)
    second = [Item(b"k%d" % (n % 5), b"second %d" % n) for n in range(50)]
    await publish(broker_url, topic, second)
    got = await collect(broker_url, topic, lambda got: len(got) >= 50, group)
    assert sorted(m.value for m in got) == sorted(item.value for item in second)
    everything = await collect(broker_url, topic, lambda got: len(got) >= 250)
    assert len(everything) == 250


async def test_an_agent_that_is_added_late_gets_its_messages(broker_url, topic):
    late = unique("late")
    app = make_app(broker_url, unique("app"))
    await ensure_topics(app, [TopicSpec(late, 2)])
    got: list[bytes] = []

    @app.agent(app.topic(topic))
    async def early(stream):
        async for value in stream:
            got.append(value)

    async with running(app):
        await app.topic(topic).send(key=b"k", value=b"early")
        await wait_for(lambda: b"early" in got, "the early message")

        async def read_late(stream):
            async for value in stream:
                got.append(value)

        await app.agent(app.topic(late))(read_late).start()
        await app.topic(late).send(key=b"k", value=b"late")
        await app.topic(topic).send(key=b"k", value=b"early again")
        await wait_for(lambda: {b"late", b"early again"} <= set(got), f"both; got {got}")


async def test_an_app_stops_in_well_under_a_second(broker_url, topic):
    app = make_app(broker_url, unique("app"))
    got: list[bytes] = []

    @app.agent(app.topic(topic))
    async def read(stream):
        async for value in stream:
            got.append(value)

    app.finalize()
    await app.start()
    await app.topic(topic).send(key=b"k", value=b"v")
    await wait_for(lambda: bool(got), "the message")
    before = asyncio.get_running_loop().time()
    await app.stop()
    assert asyncio.get_running_loop().time() - before < 0.9
