"""What only the embedded broker's transport does, or does in its own way."""

from __future__ import annotations

import asyncio

import pytest
from faust.types import TP

from agents.broker import Transport
from agents.broker.engine import open_engine, release
from agents.broker.errors import BrokerClosed, GroupBusy, UnknownTopic
from agents.broker.log import SKIP_OFFSETS, Log
from agents.broker.topics import TopicSpec, ensure_topics
from tests.support.broker_apps import (
    Item,
    collect,
    committed_all,
    make_app,
    publish,
    running,
    wait_for,
)


@pytest.fixture
def url(path) -> str:
    return f"sqlite:///{path}"


async def test_faust_finds_the_transport_by_its_scheme(url):
    assert isinstance(make_app(url, "app").transport, Transport)


async def test_a_topic_that_is_created_late_is_taken_up(url):
    app = make_app(url, "app")
    got = []

    @app.agent(app.topic("later"))
    async def read(stream):
        async for value in stream:
            got.append(value)

    async with running(app):
        assert app.consumer.assignment() == set()
        await ensure_topics(app, [TopicSpec("later", 2)])
        await app.topic("later").send(key=b"k", value=b"v")
        await wait_for(lambda: got == [b"v"], "the message")
        assert app.consumer.assignment() == {TP("later", 0), TP("later", 1)}


async def test_sending_to_a_topic_that_nobody_created_is_an_error(url):
    with pytest.raises(UnknownTopic, match="hint: create it"):
        await publish(url, "nope", [Item(b"k", b"v")])


async def test_a_producer_that_is_not_started_says_so(url):
    app = make_app(url, "app")
    with pytest.raises(BrokerClosed, match="hint:"):
        await app.producer.send("t", None, None, None, None, None)


async def test_two_apps_of_one_group_in_a_process_are_refused(url):
    async with running(make_app(url, "same")):
        second = make_app(url, "same")
        second.finalize()
        with pytest.raises(GroupBusy):
            await second.consumer.start()
        await second.consumer.stop()


async def test_rebalances_in_the_middle_lose_nothing_and_keep_the_order(url):
    app = make_app(url, "app")
    await ensure_topics(app, [TopicSpec("t", 3)])
    got: list[int] = []

    @app.agent(app.topic("t"))
    async def read(stream):
        async for value in stream:
            if int(value) % 50 == 0:
                await asyncio.sleep(0.001)
            got.append(int(value))

    async with running(app):
        for number in range(3000):
            await app.topic("t").send(key=b"k", value=b"%d" % number)
            if number % 600 == 300:
                await app.consumer.subscribe(["t"])
        await wait_for(lambda: set(got) == set(range(3000)), "all messages")
        await wait_for(lambda: committed_all(app, 3), "the last commit")
    assert list(dict.fromkeys(got)) == list(range(3000))


async def test_a_slow_agent_holds_the_flow_and_loses_nothing(url):
    app = make_app(url, "app")
    app.conf.stream_buffer_maxsize = 8
    await ensure_topics(app, [TopicSpec("t", 3)])
    got: list[int] = []

    @app.agent(app.topic("t"))
    async def read(stream):
        async for value in stream:
            await asyncio.sleep(0)
            got.append(int(value))

    items = [Item(b"%d" % (number % 7), b"%d" % number) for number in range(500)]
    await publish(url, "t", items)
    async with running(app):
        await wait_for(lambda: len(got) == 500, "all messages")
    for key in range(7):
        assert [n for n in got if n % 7 == key] == list(range(key, 500, 7))


async def test_offsets_that_compaction_and_power_cuts_left_out_are_passed_over(url, path):
    await ensure_topics(make_app(url, "admin"), [TopicSpec("t", 1)])
    await publish(url, "t", [Item(b"%d" % (n % 3), b"%d" % n) for n in range(9)])
    log = Log(path)
    log.db.execute("DELETE FROM messages WHERE value IN (x'32', x'34', x'38')")
    log.db.execute("UPDATE life SET boot_id = 'before the cut', closed = 0")
    log.db.close()
    await publish(url, "t", [Item(b"k", b"after")])

    app = make_app(url, "app")
    got: list[tuple[int, bytes]] = []

    @app.agent(app.topic("t"))
    async def read(stream):
        async for event in stream.events():
            got.append((event.message.offset, event.value))

    async with running(app):
        await wait_for(lambda: committed_all(app, 1), f"a commit of everything; got {got}")
        assert got == [
            *((n, b"%d" % n) for n in (0, 1, 3, 5, 6, 7)),
            (9 + SKIP_OFFSETS, b"after"),
        ]
        await app.topic("t").send(key=b"k", value=b"last")
        await wait_for(lambda: len(got) == 8 and committed_all(app, 1), "a commit after the gap")


async def test_a_committed_position_outside_of_what_is_kept_is_moved_into_it(url, path):
    await ensure_topics(make_app(url, "admin"), [TopicSpec("t", 2)])
    await publish(url, "t", [Item(b"k", b"%d" % n, partition=n % 2) for n in range(20)])
    log = Log(path)
    low, high = log.topics["t"].partitions
    log.commit("app", {low: 2, high: 99}, now_ms=0)
    log.db.execute("UPDATE partitions SET start_offset = 5 WHERE number = 0")
    log.close()
    got = await collect(url, "t", lambda got: len(got) == 5, "app")
    assert sorted((m.partition, m.offset) for m in got) == [(0, n) for n in range(5, 10)]


async def test_positions_and_ends_can_be_asked_for(url):
    await publish_some(url)
    app = make_app(url, "app")

    @app.agent(app.topic("t"))
    async def read(stream):
        async for _ in stream:
            pass

    async with running(app):
        await wait_for(lambda: committed_all(app, 1), "a commit")
        consumer, tp = app.consumer, TP("t", 0)
        assert await consumer.position(tp) == 3
        assert await consumer.earliest_offsets(tp) == {tp: 0}
        assert await consumer.highwaters(tp) == {tp: 3}
        assert consumer.topic_partitions("t") == 1
        assert consumer.topic_partitions("nope") is None
        assert consumer.key_partition("t", b"k") == 0
        assert app.producer.key_partition("t", b"k") == tp
        assert app.producer.supports_headers()


async def test_a_seek_reads_again_from_there(url):
    await publish_some(url)
    app = make_app(url, "app")
    got: list[int] = []

    @app.agent(app.topic("t"))
    async def read(stream):
        async for event in stream.events():
            got.append(event.message.offset)

    async with running(app):
        await wait_for(lambda: got == [0, 1, 2], "all")
        await app.consumer.seek(TP("t", 0), 1)
        await wait_for(lambda: got == [0, 1, 2, 1, 2], f"the last two again; got {got}")


async def test_a_group_is_known_to_retention_from_its_first_assignment(url, path):
    app = make_app(url, "app")
    await ensure_topics(app, [TopicSpec("t", 1)])

    @app.agent(app.topic("t"))
    async def read(stream):
        async for _ in stream:
            pass

    async with running(app):
        await wait_for(lambda: bool(app.consumer.assignment()), "the assignment")
        engine = open_engine(path)
        assert await engine.call(lambda log: log.positions("app")) == {("t", 0): 0}
        release(engine)


async def publish_some(url: str) -> None:
    await ensure_topics(make_app(url, "admin"), [TopicSpec("t", 1)])
    await publish(url, "t", [Item(b"k", b"%d" % n) for n in range(3)])
