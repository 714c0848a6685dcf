"""What is asked of a topic, and what it is: the nouns of `ensure_topics`, for both brokers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """What a topic should be. Retention in milliseconds and in bytes of each partition, None for
    no bound; `compacting` keeps the latest message of each key; `replication` and
    `max_message_bytes` (None for the broker's own bound) are for Kafka: ours takes any size."""

    name: str
    partitions: int
    retention_ms: int | None = None
    retention_bytes: int | None = None
    compacting: bool = False
    replication: int = 1
    max_message_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class TopicState:
    """What a topic is: whether this call created it, its partitions, and (embedded broker only) an
    id that changes when the topic is deleted and created again, which starts offsets anew."""

    created: bool
    partitions: int
    log_id: str | None = None
