"""The consumer half of the transport: messages from the engine to Faust's conductor.

In come the topics that Faust subscribes to; out go batches of messages, from memory if they are
recent and from the file if not, and back come the positions to commit. With one worker a file
there is no coordinator to ask: this consumer assigns every partition to itself (`_rebalance`), in
the order of calls that Faust expects of Kafka's. It sleeps until the engine says that something was
written, and never polls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from faust.transport import consumer as base
from faust.types import TP, ConsumerMessage
from mode import Seconds, ServiceT, get_logger
from typing_extensions import override

from .coordinator import everything_of, where_to_read
from .drain import drain
from .engine import Engine
from .errors import BrokerClosed, StorageFailed
from .headers import decode_headers
from .model import Partition, Record, Topic
from .producer import CREATE_TIME, choose_partition

if TYPE_CHECKING:
    from .transport import Transport

logger = get_logger(__name__)

# One batch for Faust: messages over all partitions, and bytes of each partition. Faust delivers
# a whole batch before it asks again, so smaller ones share time more evenly.
FETCH_RECORDS = 500
FETCH_BYTES = 4 * 1024 * 1024


class Consumer(base.Consumer):
    """Receives messages; one per app, started and stopped by Faust."""

    logger = logger
    transport: Transport
    _engine: Engine | None = None

    def __post_init__(self) -> None:
        self._topics: frozenset[str] = frozenset()
        self._assigned: dict[TP, Partition] = {}
        self._next: dict[TP, int] = {}
        self._seen: Mapping[str, Topic] = {}
        self._something = asyncio.Event()
        self._rebalancing = asyncio.Lock()

    async def on_start(self) -> None:
        """Open the broker's file; raises `GroupBusy` for a second consumer of one group."""
        await super().on_start()
        engine = self.transport.open()
        try:
            engine.join(self.app.conf.id)
        except BaseException:
            self.transport.close(engine)
            raise
        self._engine = engine
        engine.listen(self, self._on_written)

    async def on_stop(self) -> None:
        """Commit what was done with, and let go of the file."""
        try:
            await super().on_stop()
        finally:
            engine, self._engine = self._engine, None
            if engine is not None:
                engine.unlisten(self)
                engine.leave(self.app.conf.id)
                self.transport.close(engine)

    # -- assignment -----------------------------------------------------------------------------

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Read these topics from now on, and no others.

        Returns before partitions are assigned: Faust waits for the end of this call in the middle
        of an assignment. Topics that do not exist yet are taken up when they are created.
        """
        self._topics = frozenset(topics)
        self.add_future(self._rebalance())

    async def _rebalance(self) -> None:
        """Do for one worker what Kafka's coordinator does: revoke, then assign everything."""
        async with self._rebalancing:
            if self.should_stop:
                return
            engine, app = self._ensure_engine(), self.app
            self._seen = engine.topics
            assigned = everything_of(engine, self._topics)
            if missing := sorted(name for name in self._topics if name not in engine.topics):
                logger.warning("Not created yet, so not read: %s", ", ".join(missing))
            app.on_rebalance_start()
            # Revoking forgets what was acked and not committed: commit first, or it is read twice.
            await self.commit()
            await self.on_partitions_revoked(set(self._assigned))
            positions = await self._committed(assigned)
            self._assigned, self._next = assigned, positions
            # Messages of another generation are dropped by Faust's streams (and read again).
            app.consumer_generation_id += 1
            app.assignor._active_tps = set(assigned)  # type: ignore[attr-defined]
            await self.on_partitions_assigned(set(assigned), app.consumer_generation_id)

    async def _committed(self, assigned: Mapping[TP, Partition]) -> dict[TP, int]:
        conf = self.app.conf
        from_end = conf.consumer_auto_offset_reset == "latest"
        return await where_to_read(self._ensure_engine(), conf.id, assigned, from_end)

    def _on_written(self) -> None:
        self._something.set()
        engine = self._engine
        if engine is None or engine.topics is self._seen:
            return
        self._seen = engine.topics
        if any(name in self._seen and self._is_news(self._seen[name]) for name in self._topics):
            self.add_future(self._rebalance())

    def _is_news(self, topic: Topic) -> bool:
        partition = self._assigned.get(TP(topic.name, 0))
        return partition is None or partition.topic is not topic

    def assignment(self) -> set[TP]:
        """All partitions of the topics that are subscribed to and exist."""
        return set(self._assigned)

    # -- fetching -------------------------------------------------------------------------------

    @override
    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> base.RecordMap:
        deadline = self.loop.time() + timeout
        while not self.should_stop and self.flow_active:
            self._something.clear()
            found = await self._fetch(active_partitions)
            if found:
                return found
            left = deadline - self.loop.time()
            if left <= 0:
                break
            waker = self.loop.call_later(left, self._something.set)
            try:
                await self._something.wait()
            finally:
                waker.cancel()
        return {}

    async def _fetch(self, active: set[TP] | None) -> dict[TP, list[Record]]:
        engine = self._ensure_engine()
        generation = self.app.consumer_generation_id
        begin = {
            tp: self._next[tp]
            for tp, partition in self._assigned.items()
            if (active is None or tp in active) and self._next[tp] < partition.end
        }
        if not begin:
            return {}
        share = max(1, (self.app.conf.broker_max_poll_records or FETCH_RECORDS) // len(begin))
        found: dict[TP, list[Record]] = {}
        then: dict[TP, int] = {}
        for tp, offset in begin.items():
            partition, end = self._assigned[tp], self._assigned[tp].end
            bounds = {"max_records": share, "max_bytes": FETCH_BYTES // len(begin)}
            records = engine.recent(partition, offset, **bounds)
            if not records:
                records = await engine.read(partition, offset, **bounds)
                if self.app.consumer_generation_id != generation or not self.flow_active:
                    return {}
            # With nothing left up to the end, compaction has taken it.
            then[tp] = records[-1].offset + 1 if records else end
            if records:
                found[tp] = records
        # Nothing waits between here and the delivery, so what is counted as read is delivered; of
        # partitions that were sought elsewhere in the meantime nothing is wanted.
        for tp, offset in begin.items():
            if self._next.get(tp) == offset:
                self._next[tp] = then[tp]
            else:
                found.pop(tp, None)
        return found

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        await drain(self, fetcher)

    def _to_message(self, tp: TP, record: Record) -> ConsumerMessage:
        offset, timestamp_ms, headers, key, value = record
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            offset,
            timestamp_ms / 1000.0,
            CREATE_TIME,
            decode_headers(headers),  # type: ignore[arg-type]
            key,
            value,
            None,
            -1 if key is None else len(key),
            -1 if value is None else len(value),
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    def stop_flow(self) -> None:
        """Block the consumer from processing; a fetch that waits comes back at once."""
        super().stop_flow()
        self._something.set()

    def on_buffer_drop(self, tp: TP) -> None:
        """Faust takes messages of `tp` again: a fetch that waits looks anew."""
        super().on_buffer_drop(tp)
        self._something.set()

    # -- positions ------------------------------------------------------------------------------

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        engine, group = self._ensure_engine(), self.app.conf.id
        positions = {self._assigned[tp]: at for tp, at in offsets.items() if tp in self._assigned}
        try:
            await engine.call(lambda log: log.commit(group, positions, now_ms=engine.now_ms()))
        except StorageFailed as error:
            # Not committed means read again after a restart, which at-least-once allows; dying
            # of a full disk would help nobody.
            logger.error("Positions were not committed: %s", error)
            return False
        return True

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go back to the committed positions, and return them."""
        positions = await self._committed(self._assigned)
        self._next.update(positions)
        return positions

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Go to these offsets."""
        for tp, offset in partitions.items():
            await self._seek(tp, offset)

    async def _seek(self, partition: TP, offset: int) -> None:
        self._next[partition] = offset
        self._something.set()

    async def position(self, tp: TP) -> int | None:
        """The offset that is fetched next, None if the partition is not assigned."""
        return self._next.get(tp)

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        """The first offset still kept, of each."""
        return {tp: self._ensure_engine().partition(*tp).start for tp in partitions}

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """The offset that the next message will get, of each."""
        return {tp: self.highwater(tp) for tp in partitions}

    def highwater(self, tp: TP) -> int:
        """The offset that the next message will get."""
        partition = self._assigned.get(tp)
        return (partition or self._ensure_engine().partition(*tp)).end

    # -- topics ---------------------------------------------------------------------------------

    @override
    async def create_topic(
        self,
        topic: str,
        partitions: int,
        replication: int,
        *,
        config: Mapping[str, Any] | None = None,
        timeout: Seconds = 30.0,
        retention: Seconds | None = None,
        compacting: bool | None = None,
        deleting: bool | None = None,
        ensure_created: bool = False,
    ) -> None:
        """Create a topic if it does not exist (see `Producer.create_topic`)."""
        producer = await self.app.maybe_start_producer()
        await producer.create_topic(
            topic,
            partitions,
            replication,
            config=config,
            timeout=timeout,
            retention=retention,
            compacting=compacting,
            deleting=deleting,
            ensure_created=ensure_created,
        )

    def topic_partitions(self, topic: str) -> int | None:
        """How many partitions a topic has, None if it does not exist."""
        known = self._ensure_engine().topics.get(topic)
        return len(known.partitions) if known is not None else None

    def key_partition(
        self, topic: str, key: bytes | None, partition: int | None = None
    ) -> int | None:
        """The partition of a key (or `partition` itself); None if the topic does not exist."""
        count = self.topic_partitions(topic)
        if count is None or partition is not None:
            return partition if count is not None else None
        return choose_partition(key, count)

    def _new_topicpartition(self, topic: str, partition: int) -> TP:
        return TP(topic, partition)

    def _ensure_engine(self) -> Engine:
        if self._engine is None:
            raise BrokerClosed("the consumer is not started", hint="use it while the app runs")
        return self._engine
