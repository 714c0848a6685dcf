"""Topics of an Apache Kafka, made before the agents start. The same promise as in the embedded broker.

In come the Faust app (addresses, credentials) and the specifications; out come the states, or an
error that says what is wrong, within a bounded time: a client library left alone would try for minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    InvalidPartitionsError,
    InvalidTopicError,
    KafkaError,
    TopicAlreadyExistsError,
    for_code,
)
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth, server_list
from faust.types import AppT

from .errors import BrokerUnreachable, InvalidTopic, TopicMismatch
from .specs import TopicSpec, TopicState

DEFAULT_PORT = 9092
# Between two looks whether the cluster has taken up new topics (seconds).
_LOOK_AGAIN = 0.05


async def ensure_kafka_topics(
    app: AppT, specs: Iterable[TopicSpec], *, timeout_s: float
) -> dict[str, TopicState]:
    """Create what is missing; see `agents.broker.topics.ensure_topics` for results and errors."""
    servers = server_list(app.conf.broker, DEFAULT_PORT)
    admin = AIOKafkaAdminClient(
        bootstrap_servers=servers,
        client_id=app.conf.broker_client_id,
        request_timeout_ms=int(timeout_s * 1000),
        **credentials_to_aiokafka_auth(app.conf.broker_credentials, app.conf.ssl_context),
    )
    try:
        async with asyncio.timeout(timeout_s):
            await admin.start()
            return await _ensure(admin, list(specs), timeout_s)
    except (TimeoutError, OSError, KafkaError) as error:
        if isinstance(error, KafkaError) and not error.retriable and admin._started:
            raise
        raise BrokerUnreachable(
            f"no Kafka at {', '.join(servers)} within {timeout_s:g} s: {error or 'no answer'}",
            hint="start it, or unset NIGHTDESK_BROKER_URL for the embedded broker",
        ) from error
    finally:
        await admin.close()


async def _ensure(
    admin: AIOKafkaAdminClient, specs: list[TopicSpec], timeout_s: float
) -> dict[str, TopicState]:
    before = await _partitions(admin)
    missing = [spec for spec in specs if spec.name not in before]
    created = await _create(admin, missing, timeout_s) if missing else set()
    after = before
    # A topic shows in the metadata, with a leader for each partition, a moment after its creation.
    while any(spec.name not in after for spec in specs):
        await asyncio.sleep(_LOOK_AGAIN)
        after = await _partitions(admin)
    for spec in specs:
        if after[spec.name] < spec.partitions:
            raise TopicMismatch(
                f"topic {spec.name!r} has {after[spec.name]} partitions, {spec.partitions} are asked for",
                hint="ask for no more than it has; or stop all workers, drain it, delete it, and "
                "start again: adding partitions would move keys, and with them their order",
            )
    return {spec.name: TopicState(spec.name in created, after[spec.name]) for spec in specs}


async def _partitions(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """Number of partitions of each topic that is ready; asks for all, since asking for one by
    name creates it on a broker with auto.create.topics.enable."""
    topics: list[dict[str, Any]] = await admin.describe_topics()
    return {
        topic["topic"]: len(topic["partitions"])
        for topic in topics
        if not topic["error_code"] and all(part["leader"] >= 0 for part in topic["partitions"])
    }


async def _create(admin: AIOKafkaAdminClient, specs: list[TopicSpec], timeout_s: float) -> set[str]:
    wanted = [
        NewTopic(spec.name, spec.partitions, spec.replication, topic_configs=_configs(spec))
        for spec in specs
    ]
    response = await admin.create_topics(wanted, timeout_ms=int(timeout_s * 1000))
    created = set()
    for name, code, *message in response.topic_errors:
        error = for_code(code)
        if error in (InvalidTopicError, InvalidPartitionsError):
            raise InvalidTopic(
                f"Kafka refuses topic {name!r}: {message[0] if message else error.__name__}",
                hint="use letters, digits, '.', '_' and '-' (at most 249), and one partition or more",
            )
        if code and error is not TopicAlreadyExistsError:
            raise error(f"{name}: {message[0] if message else ''}")
        # Another worker that starts at the same time may have been first.
        if not code:
            created.add(name)
    return created


def _configs(spec: TopicSpec) -> dict[str, str]:
    bounded = spec.retention_ms is not None or spec.retention_bytes is not None
    policy = ["compact"] * spec.compacting + ["delete"] * (bounded or not spec.compacting)
    configs = {
        "cleanup.policy": ",".join(policy),
        # Unset would be the broker's own default (seven days); here None means for ever.
        "retention.ms": str(-1 if spec.retention_ms is None else spec.retention_ms),
        "retention.bytes": str(-1 if spec.retention_bytes is None else spec.retention_bytes),
    }
    if spec.max_message_bytes is not None:
        configs["max.message.bytes"] = str(spec.max_message_bytes)
    return configs
