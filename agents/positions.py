"""Goes back for messages that the broker calls done and we have not seen.

The broker's committed offset can run ahead of our marks: Faust acks what it skips in a rebalance, and
somebody may reset a consumer group by hand.  A mark commits with the state it stands for, so the mark
is right.  Comes in: the gap that a runner found.  Goes out: the consumer, set back to the mark; or,
where retention has already deleted what is missing, the runner told to go on, and an error logged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from faust.types import TP, EventT
from faust.types.transports import ConsumerT

from nightdesk.clock import Clock
from nightdesk.pipeline.runner import BatchRunner, PositionGap, TopicPartition

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=30)
"""How long messages that were gone back for may take to come before the gap is accepted."""


@dataclass(frozen=True)
class _WentBack:
    """To `due`, when `found` came instead, at `since`."""

    due: int
    found: int
    since: datetime


class GapHealer:
    """One for each stage; remembers where it went back to until messages come from there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[TopicPartition, _WentBack] = {}
        self._tried: dict[TopicPartition, int] = {}

    def without_stale(self, events: Iterable[EventT[bytes]]) -> list[EventT[bytes]]:
        """Leave out what was queued before a partition was set back: it comes again, in order.

        The first message at or before the one that gave the gap away ends the wait; so does patience,
        for a rebalance may have set the partition elsewhere in the meantime.
        """
        fresh = []
        for event in events:
            partition = (event.message.topic, event.message.partition)
            waiting = self._waiting.get(partition)
            if waiting is not None:
                stale = event.message.offset > waiting.found
                if stale and self._clock.now() - waiting.since < PATIENCE:
                    continue
                del self._waiting[partition]
            fresh.append(event)
        return fresh

    async def heal(
        self, gap: PositionGap, consumer: ConsumerT, runner: BatchRunner[Any]
    ) -> set[TopicPartition]:
        """Close the gaps; return the partitions that were set back, whose messages come again."""
        went_back = set()
        for partition, (due, found) in gap.missing.items():
            tp = TP(*partition)
            earliest = (await consumer.earliest_offsets(tp)).get(tp) or 0
            if earliest > due or self._tried.get(partition) == due:
                self._tried.pop(partition, None)
                log.error(
                    "messages_gone",
                    topic=tp.topic,
                    partition=tp.partition,
                    first=due,
                    last=found - 1,
                    hint="the broker has them no more: if retention deleted them, raise it",
                )
                runner.accept_gap(partition, found)
                continue
            log.warning(
                "went_back", topic=tp.topic, partition=tp.partition, to=due, instead_of=found
            )
            self._tried[partition] = due
            self._waiting[partition] = _WentBack(due, found, self._clock.now())
            await go_to(consumer, tp, due)
            went_back.add(partition)
        return went_back


async def go_to(consumer: ConsumerT, tp: TP, offset: int) -> None:
    """Have `offset` of `tp` delivered next.

    Not `consumer.seek`: Faust 0.15.3 then takes only what lies *behind* the offset it was sent to.
    """
    await consumer._seek(tp, offset)  # type: ignore[attr-defined]
    consumer._read_offset[tp] = offset - 1 if offset else None  # type: ignore[attr-defined]
