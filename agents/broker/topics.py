"""Create the topics before the agents start: one call for the embedded broker and for Kafka.

In come a Faust app, whose `broker` setting says which of the two, and what each topic should be;
out comes what each topic is. Faust does not create plain topics by itself. Never changed: the
number of partitions of a topic that exists, since its keys would move. Retention of a topic that
exists follows the specification in the embedded broker, and is left to its operators in Kafka.
"""

from __future__ import annotations

from collections.abc import Iterable

from faust.types import AppT
from yarl import URL

from .engine import open_engine, release
from .log import Log
from .specs import TopicSpec, TopicState
from .transport import SCHEME, locate

__all__ = ["TopicSpec", "TopicState", "ensure_topics"]


async def ensure_topics(
    app: AppT, specs: Iterable[TopicSpec], *, timeout_s: float = 10.0
) -> dict[str, TopicState]:
    """Create the topics that are missing, and return the state of each by name.

    Raises `TopicMismatch` if one has fewer partitions than specified, `InvalidTopic` for a name or
    number that cannot be, `BrokerUnreachable` if no Kafka answers within `timeout_s` seconds, and
    `CannotOpen` and its kind if the embedded broker's file cannot be opened.
    """
    specs = list(specs)
    url = app.conf.broker[0]
    if url.scheme == SCHEME:
        return await _ensure_embedded(url, specs)
    # A desk on the embedded broker does without the client of the other.
    from .kafka import ensure_kafka_topics

    return await ensure_kafka_topics(app, specs, timeout_s=timeout_s)


async def _ensure_embedded(url: URL, specs: list[TopicSpec]) -> dict[str, TopicState]:
    where = locate(url)
    engine = open_engine(where.path, synchronous=where.synchronous)

    def ensure(log: Log) -> dict[str, TopicState]:
        states = {}
        for spec in specs:
            created = log.ensure_topic(
                spec.name,
                spec.partitions,
                retention_ms=spec.retention_ms,
                retention_bytes=spec.retention_bytes,
                compacting=spec.compacting,
                now_ms=engine.now_ms(),
            )
            topic = log.topics[spec.name]
            states[spec.name] = TopicState(created, len(topic.partitions), topic.log_id)
        return states

    try:
        return await engine.call(ensure)
    finally:
        release(engine)
