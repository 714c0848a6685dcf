"""`nightdesk topics` and `doctor` tell the same of a real Kafka as of the embedded broker."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from agents.cli import run
from tests.support.kafka import Kafka


async def _fill(servers: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic("reports", 2, 1), NewTopic("articles", 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
        for number in range(5):
            await producer.send_and_wait("reports", b"x", partition=number % 2)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers, group_id="nightdesk", enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign([TopicPartition("reports", 0)])
    await consumer.commit({TopicPartition("reports", 0): 1})
    await consumer.stop()


@pytest.mark.kafka
def test_topics_of_a_real_kafka(
    own_kafka: Kafka, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_fill(own_kafka.url.removeprefix("kafka://")))
    monkeypatch.setenv("NIGHTDESK_BROKER_URL", own_kafka.url)
    assert run(["topics", "--json"]) == 0
    reports, articles, *others = json.loads(capsys.readouterr().out)["topics"]
    assert reports["offsets"] == [
        {"partition": 0, "earliest": 0, "end": 3},
        {"partition": 1, "earliest": 0, "end": 2},
    ]
    assert reports["lag"] == {"nightdesk": 2}
    assert reports["bytes"] is None
    assert articles["exists"]
    assert articles["messages"] == 0
    assert not any(topic["exists"] for topic in others)
    run(["doctor", "--json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    said = {check["check"]: check["message"] for check in checks}
    assert said["broker"].startswith("Kafka answers at 127.0.0.1")
    assert said["topics"] == "2 topics, 2 messages unread"
