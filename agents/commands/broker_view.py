"""What stands on the broker's topics, seen from outside: for `nightdesk topics` and `doctor`.

Comes in: the settings.  Goes out: offsets, sizes and the lag of each consumer group, by topic.  The
embedded broker's file is read beside the worker that writes it, without its lock; Kafka is asked.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nightdesk.settings import Settings

PATIENCE = 5.0
"""Seconds after which a Kafka that does not answer counts as unreachable."""


@dataclass(frozen=True)
class TopicView:
    """One topic: (earliest, end) offset of each partition; `lags` maps a group to messages unread.

    `bytes` is None where the broker does not tell.
    """

    name: str
    offsets: tuple[tuple[int, int], ...]
    bytes: int | None = None
    lags: dict[str, int] = field(default_factory=dict)

    @property
    def messages(self) -> int:
        """How many messages the topic keeps (compaction and transactions left aside)."""
        return sum(end - earliest for earliest, end in self.offsets)


@dataclass(frozen=True)
class BrokerView:
    """All topics by name; `exists` is False where an embedded broker was never started."""

    address: str
    topics: dict[str, TopicView]
    exists: bool = True


def look(settings: Settings) -> BrokerView:
    """Return what stands on the broker.  Raises BrokerError where it cannot be read or reached."""
    from nightdesk.settings import sqlite_path

    path = sqlite_path(settings.broker_url)
    if path is not None:
        return _look_at_file(path)
    return asyncio.run(_look_at_kafka(settings.broker_url))


def holder(path: Path) -> int | None:
    """Return the process that works on the embedded broker's file, as far as can be told."""
    try:
        written = path.with_name(path.name + ".lock").read_text(encoding="ascii").strip()
        os.kill(int(written), 0)
    except (OSError, ValueError, OverflowError):
        return None
    return int(written)


def _look_at_file(path: Path) -> BrokerView:
    from agents.broker.errors import explained
    from agents.broker.log import Log

    if not path.exists():
        return BrokerView(str(path), {}, exists=False)
    log = Log(path, readonly=True)
    try:
        with explained(path):
            positions = {group: log.positions(group) for group in log.groups()}
        topics = {}
        for name, topic in sorted(log.topics.items()):
            lags = {
                group: sum(
                    max(0, part.end - max(at[name, part.number], part.start))
                    for part in topic.partitions
                    if (name, part.number) in at
                )
                for group, at in positions.items()
                if any((name, part.number) in at for part in topic.partitions)
            }
            offsets = tuple((part.start, part.end) for part in topic.partitions)
            size = sum(part.bytes for part in topic.partitions)
            topics[name] = TopicView(name, offsets, size, lags)
        return BrokerView(str(path), topics)
    finally:
        log.close()


async def _look_at_kafka(url: str) -> BrokerView:
    from aiokafka import AIOKafkaConsumer
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    from agents.broker.errors import BrokerUnreachable

    # The client logs each attempt; the one message below says it once.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    servers = [part.split("://")[-1] for part in url.split(";")]
    patience = {"request_timeout_ms": int(PATIENCE * 1000)}
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, **patience)
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False, **patience)
    try:
        async with asyncio.timeout(2 * PATIENCE):
            await admin.start()
            await consumer.start()
            return BrokerView(", ".join(servers), await _ask(admin, consumer))
    except (TimeoutError, OSError, KafkaError) as error:
        raise BrokerUnreachable(
            f"no Kafka at {', '.join(servers)}: {_reason(error)}",
            hint="start it, or unset NIGHTDESK_BROKER_URL for the embedded broker",
        ) from error
    finally:
        await consumer.stop()
        await admin.close()


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {2 * PATIENCE:g} s"
    return str(error).split(": ", 1)[-1].split(" from [")[0] or type(error).__name__


async def _ask(admin: Any, consumer: Any) -> dict[str, TopicView]:
    from aiokafka import TopicPartition

    described = await admin.describe_topics()
    parts = [
        TopicPartition(topic["topic"], part["partition"])
        for topic in described
        if not topic["error_code"] and not topic["is_internal"]
        for part in topic["partitions"]
    ]
    earliest = await consumer.beginning_offsets(parts)
    ends = await consumer.end_offsets(parts)
    lags: dict[str, dict[str, int]] = {}
    for group, *_ in await admin.list_consumer_groups():
        for part, position in (await admin.list_consumer_group_offsets(group)).items():
            if part in ends and position.offset >= 0:
                unread = max(0, ends[part] - max(position.offset, earliest[part]))
                of_topic = lags.setdefault(part.topic, {})
                of_topic[group] = of_topic.get(group, 0) + unread
    return {
        name: TopicView(
            name,
            tuple((earliest[p], ends[p]) for p in sorted(parts) if p.topic == name),
            lags=lags.get(name, {}),
        )
        for name in sorted({part.topic for part in parts})
    }
