"""What `ensure_topics` promises on both brokers."""

from __future__ import annotations

import asyncio
import socket

import pytest

from agents.broker.errors import BrokerUnreachable, InvalidTopic, TopicMismatch
from agents.broker.topics import TopicSpec, ensure_topics
from tests.support.broker_apps import make_app, unique
from tests.support.programs import free_ports


@pytest.fixture
def app(broker_url):
    return make_app(broker_url, unique("admin"))


async def test_topics_are_created_once_and_their_state_is_told(app):
    plain, rich = unique("plain"), unique("rich")
    specs = [
        TopicSpec(plain, 3),
        TopicSpec(rich, 2, retention_ms=86_400_000, retention_bytes=10**9, compacting=True),
    ]
    first = await ensure_topics(app, specs)
    assert {name: (s.created, s.partitions) for name, s in first.items()} == {
        plain: (True, 3),
        rich: (True, 2),
    }
    second = await ensure_topics(app, [*specs, TopicSpec(unique("new"), 1)])
    assert [s.created for s in second.values()] == [False, False, True]
    assert second[plain].log_id == first[plain].log_id


async def test_more_partitions_than_asked_for_are_fine_and_fewer_are_an_error(app):
    name = unique("topic")
    await ensure_topics(app, [TopicSpec(name, 3)])
    states = await ensure_topics(app, [TopicSpec(name, 2)])
    assert states[name].partitions == 3
    with pytest.raises(TopicMismatch, match=r"has 3 partitions, 4 are asked for\n  hint:"):
        await ensure_topics(app, [TopicSpec(name, 4)])


@pytest.mark.parametrize("spec", [TopicSpec("no spaces", 1), TopicSpec("no-partitions", 0)])
async def test_impossible_topics_are_refused(app, spec):
    with pytest.raises(InvalidTopic, match="hint:"):
        await ensure_topics(app, [spec])


async def test_two_workers_may_create_the_same_topics_at_once(app):
    specs = [TopicSpec(unique("t"), 2) for _ in range(3)]
    states = await asyncio.gather(*(ensure_topics(app, specs) for _ in range(3)))
    for spec in specs:
        assert sum(each[spec.name].created for each in states) == 1


async def test_no_kafka_at_the_address_is_said_in_time():
    [port] = free_ports(1)
    app = make_app(f"kafka://127.0.0.1:{port}", "admin")
    started = asyncio.get_running_loop().time()
    with pytest.raises(BrokerUnreachable, match=f"no Kafka at 127.0.0.1:{port}") as caught:
        await ensure_topics(app, [TopicSpec("t", 1)], timeout_s=2)
    assert asyncio.get_running_loop().time() - started < 4
    assert "unset NIGHTDESK_BROKER_URL" in caught.value.hint


async def test_a_kafka_that_does_not_answer_is_said_in_time():
    # The kernel accepts the connection, and nobody ever reads from it.
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        app = make_app(f"kafka://127.0.0.1:{port}", "admin")
        with pytest.raises(BrokerUnreachable, match="within 1 s"):
            await ensure_topics(app, [TopicSpec("t", 1)], timeout_s=1)
