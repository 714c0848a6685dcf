"""Makes the topics before any agent starts, and notices when one began anew.

A topic that was deleted and created again counts its offsets from zero; the marks in the archive
would call its messages replays.  So the marks of such a topic are forgotten first.
"""

from __future__ import annotations

import structlog
from faust.types import AppT

from agents.broker.topics import TopicSpec, TopicState, ensure_topics
from agents.runtime import Runtime
from nightdesk.archive import marks
from nightdesk.pipeline.decoding import LARGEST_MESSAGE
from nightdesk.settings import Settings, retention
from schemas import TOPICS

log = structlog.get_logger(__name__)


def specs(settings: Settings) -> list[TopicSpec]:
    """Return what each topic of the contracts should be under `settings`.

    Both brokers bound the size of a partition.  What bounds the whole topic on the embedded broker is
    shared out among its partitions; on Kafka, as its operators expect, each partition may grow as large.
    """
    embedded = settings.broker_url.startswith("sqlite:")
    found = []
    for topic in TOPICS.values():
        age, size = retention(settings, topic)
        partitions = topic.partitions or settings.broker_partitions
        found.append(
            TopicSpec(
                topic.name,
                partitions,
                retention_ms=int(age.total_seconds() * 1000),
                retention_bytes=size // partitions if embedded and size is not None else size,
                replication=settings.kafka_replication,
                # A batch on Kafka is a little larger than the message in it.
                max_message_bytes=LARGEST_MESSAGE + 10_000,
            )
        )
    return found


async def prepare_topics(app: AppT, runtime: Runtime) -> dict[str, TopicState]:
    """Create the missing topics; forget the marks of those that began anew."""
    states = await ensure_topics(app, specs(runtime.settings))
    forgotten = await runtime.in_archive(lambda: _forget_marks(runtime, states))
    for topic in forgotten:
        log.warning("topic_began_anew", topic=topic, effect="its marks were forgotten")
    return states


def _forget_marks(runtime: Runtime, states: dict[str, TopicState]) -> list[str]:
    with runtime.archive.begin() as connection:
        return [
            topic
            for topic, state in states.items()
            if marks.forget_if_anew(connection, topic, state.log_id, created=state.created)
        ]
