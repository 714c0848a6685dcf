"""What Kafka's group coordinator knows: which partitions a consumer gets, and where it reads on.

In come the topics of a subscription and the group; out come partitions and positions. With one worker
a file there is nothing to share out: the worker gets every partition of every topic that exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from faust.types import TP

from .engine import Engine
from .log import Log
from .model import Partition


def everything_of(engine: Engine, topics: Iterable[str]) -> dict[TP, Partition]:
    """All partitions of those `topics` that exist, in the order of names and numbers."""
    return {
        TP(name, partition.number): partition
        for name in sorted(topics)
        if (topic := engine.topics.get(name)) is not None
        for partition in topic.partitions
    }


async def where_to_read(
    engine: Engine, group: str, assigned: Mapping[TP, Partition], from_end: bool
) -> dict[TP, int]:
    """The offset to read next in each partition: the committed one, or for a group new to it the
    start (the end, if `from_end`). Makes the group known, so that retention waits for it from here.

    Raises `StorageFull` and its kind if the group is new and cannot be written down.
    """

    def look(log: Log) -> dict[tuple[str, int], int]:
        known = log.positions(group)
        fresh = {
            partition: partition.end if from_end else partition.start
            for tp, partition in assigned.items()
            if tuple(tp) not in known
        }
        # Nothing is written for a group that is known, so that it can go on with a full disk.
        if fresh:
            log.register(group, fresh, now_ms=engine.now_ms())
        return log.positions(group) if fresh else known

    known = await engine.call(look)
    # Never before what is kept, nor after the end: a position may be older than both.
    return {
        tp: min(max(known.get((tp.topic, tp.partition), 0), partition.start), partition.end)
        for tp, partition in assigned.items()
    }
