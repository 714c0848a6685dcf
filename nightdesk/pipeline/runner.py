"""Runs one stage over micro-batches: every effect once, though the stream may deliver twice.

Comes in: messages of one topic, in order per partition.  In one transaction go out: the stage's own
writes, its mark per partition, its account, its dead letters, and its outbox.  A message at or
below its mark was processed before: it changes nothing, and what it once sent is either sent or
still in the outbox, from which it is sent again.

A message that cannot be decoded, or that makes the stage raise, becomes a dead letter alone; the
others of its batch are processed as if it had not been there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

import structlog
from sqlalchemy import Connection

from nightdesk.archive import accounts, deadletters, marks, outbox
from nightdesk.archive.engine import Archive
from nightdesk.archive.errors import ArchiveRefusesValue, MarkMoved
from nightdesk.archive.outbox import Outgoing
from nightdesk.clock import Clock
from nightdesk.errors import ArchiveError, PoisonMessage
from nightdesk.pipeline.decoding import dead_letter, decode
from nightdesk.pipeline.stage import Incoming, Latency, M, Received, Stage, Work
from schemas import DeadLetterReason

log = structlog.get_logger(__name__)

MAX_MESSAGE_BYTES = 1_000_000
"""The largest message sent: Apache Kafka's default `max.message.bytes` is 1,048,588."""

_ATTEMPTS = 5

TopicPartition = tuple[str, int]


class PositionGap(Exception):
    """Messages are missing between a mark and the batch: `missing` maps a partition to the offset that
    should have come and the one that came.  Nothing was changed."""

    def __init__(self, stage: str, missing: dict[TopicPartition, tuple[int, int]]) -> None:
        super().__init__(f"{stage}: offsets are missing: {missing}")
        self.missing = missing


@dataclass(frozen=True)
class Done:
    """A committed batch: what to send now, and what to measure.

    `to_send` pairs outbox ids with messages.  `replayed` counts messages at or below their mark,
    `dropped` lines of boilerplate by the kind of rule.
    """

    to_send: list[tuple[int, Outgoing]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    buried: list[DeadLetterReason] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    replayed: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


class BatchRunner(Generic[M]):
    """Drives `stage` over `archive`; not for use by two threads at once."""

    def __init__(self, stage: Stage[M], archive: Archive, clock: Clock) -> None:
        self.stage = stage
        self._archive = archive
        self._clock = clock
        self._last_marks: dict[TopicPartition, int] = {}
        self._accepted: dict[TopicPartition, int] = {}

    def accept_gap(self, partition: TopicPartition, offset: int) -> None:
        """Let `partition` go on at `offset`: what is missing before it is gone from the broker."""
        self._accepted[partition] = offset

    def run(self, batch: Sequence[Incoming], *, sent: Sequence[int] = ()) -> Done:
        """Process `batch` and commit; also discard the outbox rows `sent`.

        Raises, with nothing changed: ArchiveError where the database refuses (run it again), MarkMoved
        where another worker keeps winning the partition, PositionGap where messages were skipped
        (the broker's committed position is ahead of ours: go back, or `accept_gap`).
        """
        for attempt in range(_ATTEMPTS):
            try:
                return self._transact(batch, sent)
            except MarkMoved:
                self._reset()
                if attempt == _ATTEMPTS - 1:
                    raise
            except Exception as error:
                self._reset()
                if isinstance(error, ArchiveError | PositionGap) and not isinstance(
                    error, ArchiveRefusesValue
                ):
                    raise
                if len(batch) == 1:
                    return self._bury_alone(batch[0], error, sent)
                return self._one_by_one(batch, sent)
        raise AssertionError("unreachable")

    def _transact(self, batch: Sequence[Incoming], sent: Sequence[int]) -> Done:
        now = self._clock.now()
        with self._archive.begin() as connection:
            outbox.discard(connection, sent)
            known = self._read_marks(connection, batch)
            fresh = [m for m in batch if m.offset > known[m.topic, m.partition]]
            if not fresh:
                return Done(replayed=len(batch))
            self._check_gaps(fresh, known)
            work, received = Work(), []
            for message in fresh:
                try:
                    body = decode(message, self.stage.contract)
                except PoisonMessage as poison:
                    work.buried.append((message, poison))
                else:
                    received.append(Received(message, body))
            if received:
                self._merge(work, self.stage.process(connection, received, now))
            done = self._settle(connection, work, fresh, known, now, len(batch) - len(fresh))
        self._remember_marks(known, fresh)
        return done

    def _settle(
        self,
        connection: Connection,
        work: Work,
        fresh: Sequence[Incoming],
        known: dict[TopicPartition, int],
        now: datetime,
        replayed: int,
    ) -> Done:
        """Write what every stage writes, and check that each message met exactly one fate."""
        name = self.stage.name
        letters = [dead_letter(name, message, poison, now) for message, poison in work.buried]
        if letters:
            deadletters.bury(connection, letters)
            for letter in letters:
                work.send("dead-letters", letter.stage, letter.for_topic(MAX_MESSAGE_BYTES))
        counts = Counter(work.counts)
        if letters:
            counts["dead_letter"] += len(letters)
        if counts.total() != len(fresh):
            raise AssertionError(f"{name}: {len(fresh)} messages, but outcomes {dict(counts)}")
        counts["received"] = len(fresh)
        counts.update(work.extra)
        shard = str(min(message.partition for message in fresh))
        accounts.count(connection, shard, name, counts)
        for (topic, partition), offset in _last_offsets(fresh).items():
            expected = known[topic, partition]
            marks.advance_mark(connection, name, topic, partition, expected=expected, offset=offset)
        ids = outbox.enqueue(connection, name, work.outputs, now)
        return Done(
            to_send=list(zip(ids, work.outputs, strict=True)),
            counts=counts,
            buried=[poison.reason for _, poison in work.buried],
            latencies=work.latencies,
            replayed=replayed,
            dropped=work.dropped,
        )

    @staticmethod
    def _merge(into: Work, work: Work) -> None:
        into.outputs.extend(work.outputs)
        into.counts.update(work.counts)
        into.extra.update(work.extra)
        into.buried.extend(work.buried)
        into.latencies.extend(work.latencies)
        into.dropped.update(work.dropped)

    def _one_by_one(self, batch: Sequence[Incoming], sent: Sequence[int]) -> Done:
        """Run each message in a transaction of its own, so that only the bad one is buried."""
        parts = [self.run([m], sent=sent if i == 0 else ()) for i, m in enumerate(batch)]
        return Done(
            to_send=[row for part in parts for row in part.to_send],
            counts=sum((part.counts for part in parts), Counter()),
            buried=[reason for part in parts for reason in part.buried],
            latencies=[latency for part in parts for latency in part.latencies],
            replayed=sum(part.replayed for part in parts),
            dropped=sum((part.dropped for part in parts), Counter()),
        )

    def _bury_alone(self, message: Incoming, error: Exception, sent: Sequence[int]) -> Done:
        poison = self._blame(message, error)
        now = self._clock.now()
        with self._archive.begin() as connection:
            outbox.discard(connection, sent)
            known = self._read_marks(connection, [message])
            if message.offset <= known[message.topic, message.partition]:
                return Done(replayed=1)
            work = Work(buried=[(message, poison)])
            done = self._settle(connection, work, [message], known, now, 0)
        self._remember_marks(known, [message])
        return done

    def _blame(self, message: Incoming, error: Exception) -> PoisonMessage:
        """Say whose fault it is that `message` made the stage raise."""
        if isinstance(error, OverflowError | ArchiveRefusesValue):
            # A contract bounds no number and no date as tightly as databases and calendars do.
            said = error.message if isinstance(error, ArchiveRefusesValue) else str(error)
            return PoisonMessage(
                DeadLetterReason.BREAKS_CONTRACT,
                f"a number or a date beyond all bounds: {said}",
                hint=f"something other than Nightdesk writes to {message.topic}: find it, and mend it there",
            )
        log.error("stage_failed", stage=self.stage.name, offset=message.offset, exc_info=error)
        return PoisonMessage(
            DeadLetterReason.INTERNAL_ERROR,
            f"{type(error).__name__}: {error}",
            hint="this is a fault of Nightdesk: report it, then retry once it is mended",
        )

    def _read_marks(
        self, connection: Connection, batch: Sequence[Incoming]
    ) -> dict[TopicPartition, int]:
        """Read the marks of the batch's partitions; forget what is cached if they moved without us."""
        partitions = {(message.topic, message.partition) for message in batch}
        known = marks.read_marks(connection, self.stage.name, sorted(partitions))
        if any(self._last_marks.get(tp, offset) != offset for tp, offset in known.items()):
            self._reset()
        elif any(tp not in self._last_marks for tp in known):
            self.stage.forget()
        return known

    def _check_gaps(self, fresh: Sequence[Incoming], known: dict[TopicPartition, int]) -> None:
        """Raise PositionGap if a message is missing after a mark, or inside the batch."""
        missing: dict[TopicPartition, tuple[int, int]] = {}
        last = dict(known)
        for message in fresh:
            partition = (message.topic, message.partition)
            due = last[partition] + 1
            accepted = self._accepted.get(partition) == message.offset
            if due > 0 and message.offset > due and not accepted:
                missing.setdefault(partition, (due, message.offset))
            last[partition] = message.offset
        if missing:
            raise PositionGap(self.stage.name, missing)

    def _remember_marks(self, known: dict[TopicPartition, int], fresh: Sequence[Incoming]) -> None:
        self._last_marks.update(known)
        self._last_marks.update(_last_offsets(fresh))

    def _reset(self) -> None:
        self._last_marks.clear()
        self.stage.forget()


def _last_offsets(batch: Sequence[Incoming]) -> dict[TopicPartition, int]:
    return {(message.topic, message.partition): message.offset for message in batch}
