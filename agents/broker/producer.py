"""The producer half of the transport: messages from agents into the engine's queue.

In come key, value, headers and a topic; out comes a future of where the message landed, resolved
after its transaction. A key lands in the partition where Kafka's clients would put it (murmur2), so
that moving to Kafka changes no order; without a key any partition is chosen.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, cast

from aiokafka.partitioner import murmur2
from faust.transport import producer as base
from faust.types.core import HeadersArg
from faust.types.tuples import TP, RecordMetadata
from mode import Seconds, want_seconds
from typing_extensions import override

from .engine import Engine
from .errors import BrokerClosed
from .headers import encode_headers
from .log import Log
from .model import Draft

if TYPE_CHECKING:
    from .transport import Transport

# Kafka's TimestampType.CREATE_TIME: the timestamp is the sender's.
CREATE_TIME = 0


@lru_cache(maxsize=2048)
def _hash(key: bytes) -> int:
    # The sign bit is dropped as in Kafka's BuiltInPartitioner.partitionForKey.
    return cast(int, murmur2(key)) & 0x7FFFFFFF


def choose_partition(key: bytes | None, partitions: int) -> int:
    """The partition of `key` among `partitions`: Kafka's default for a key, any one without."""
    return random.randrange(partitions) if key is None else _hash(key) % partitions


class Producer(base.Producer):
    """Sends messages; one per app, started and stopped by Faust."""

    transport: Transport
    _engine: Engine | None = None

    async def on_start(self) -> None:
        """Open the broker's file (or share the one that is open)."""
        await super().on_start()
        self._engine = self.transport.open()

    async def on_stop(self) -> None:
        """Wait until everything sent is on disk, and let go of the file."""
        await super().on_stop()
        await self.flush()
        engine, self._engine = self._engine, None
        if engine is not None:
            self.transport.close(engine)

    @override
    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: HeadersArg | None,
        *,
        transactional_id: str | None = None,
    ) -> Awaitable[RecordMetadata]:
        """Queue a message and return the future of its `RecordMetadata`.

        `timestamp` is in seconds since 1970, now if None. Raises `UnknownTopic`,
        `UnknownPartition` or `BrokerClosed` at once; the future raises `StorageFull`,
        `StorageFailed` or `CorruptFile`, and the message was then not kept: send it again.
        """
        engine = self._ensure_engine()
        if partition is None:
            partition = choose_partition(key, len(engine.topic(topic).partitions))
        target = engine.partition(topic, partition)
        timestamp_ms = int(timestamp * 1000) if timestamp else engine.now_ms()
        self.app.on_produce_message.send(
            key=key, value=value, partition=partition, timestamp=timestamp, headers=headers
        )
        return await engine.append(
            Draft(target, timestamp_ms, encode_headers(headers), key, value),
            partial(_metadata, TP(topic, partition), timestamp_ms),
        )

    @override
    async def send_and_wait(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: HeadersArg | None,
        *,
        transactional_id: str | None = None,
    ) -> RecordMetadata:
        """Send a message and wait until it is on disk; raises what `send` and its future raise."""
        return await (await self.send(topic, key, value, partition, timestamp, headers))

    async def flush(self) -> None:
        """Wait until all that was sent is on disk, or has failed with an error in its future."""
        await self.buffer.flush()
        if self._engine is not None:
            await self._engine.flush()

    @override
    async def create_topic(
        self,
        topic: str,
        partitions: int,
        replication: int,
        *,
        config: Mapping[str, Any] | None = None,
        timeout: Seconds = 20.0,
        retention: Seconds | None = None,
        compacting: bool | None = None,
        deleting: bool | None = None,
        ensure_created: bool = False,
    ) -> None:
        """Create a topic if it does not exist; Faust declares its internal topics by this.

        `retention` is in seconds; of `config`, Kafka's `retention.bytes` is understood.
        """
        engine = self._ensure_engine()
        if topic in engine.topics:
            return
        retention_bytes = int((config or {}).get("retention.bytes", -1))

        def create(log: Log) -> None:
            log.ensure_topic(
                topic,
                partitions,
                retention_ms=int(want_seconds(retention) * 1000) if retention else None,
                retention_bytes=retention_bytes if retention_bytes >= 0 else None,
                compacting=bool(compacting),
                now_ms=engine.now_ms(),
            )

        await engine.call(create)

    def key_partition(self, topic: str, key: bytes) -> TP:
        """The topic partition that `key` belongs to; raises `UnknownTopic`."""
        partitions = self._ensure_engine().topic(topic).partitions
        return TP(topic, choose_partition(key, len(partitions)))

    def supports_headers(self) -> bool:
        """Messages may carry headers."""
        return True

    def _ensure_engine(self) -> Engine:
        if self._engine is None:
            raise BrokerClosed(
                "the producer is not started", hint="send while the app runs, or start app.producer"
            )
        return self._engine


def _metadata(tp: TP, timestamp_ms: int, offset: int) -> RecordMetadata:
    return RecordMetadata(tp.topic, tp.partition, tp, offset, timestamp_ms, CREATE_TIME)
