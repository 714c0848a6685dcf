"""How large a topic may grow: the whole of it on the embedded broker, each partition on Kafka."""

from __future__ import annotations

import pytest

from agents.broker.cleaning import clean
from agents.broker.log import Log
from agents.broker.model import Draft
from agents.topics import specs
from nightdesk.settings import load_settings
from schemas import TOPICS

MOST = 1_000_000


@pytest.mark.parametrize("partitions", [1, 4, 7])
def test_a_topic_of_the_embedded_broker_keeps_to_its_bound(log: Log, partitions: int) -> None:
    settings = load_settings(topic_retention_bytes=MOST, broker_partitions=partitions)
    for spec in specs(settings):
        log.ensure_topic(spec.name, spec.partitions, now_ms=0, retention_bytes=spec.retention_bytes)
        topic = log.topics[spec.name]
        for partition in topic.partitions:
            log.append([Draft(partition, 0, None, None, bytes(10_000))] * 110, now_ms=0)
    while clean(log, now_ms=0):
        pass
    for topic in log.topics.values():
        size = sum(partition.bytes for partition in topic.partitions)
        # No more than asked for, and no less by more than a message of each partition.
        assert MOST - 10_000 * len(topic.partitions) <= size <= MOST, topic.name


def test_without_a_setting_each_topic_of_the_embedded_broker_has_its_own_bound() -> None:
    for spec in specs(load_settings(broker_partitions=4)):
        bound = TOPICS[spec.name].retention_bytes
        assert bound is not None
        assert spec.retention_bytes == bound // spec.partitions, spec.name


def test_on_kafka_each_partition_may_grow_as_large() -> None:
    settings = load_settings(
        broker_url="kafka://127.0.0.1:9092", topic_retention_bytes=MOST, broker_partitions=4
    )
    assert {spec.retention_bytes for spec in specs(settings)} == {MOST}
