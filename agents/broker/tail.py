"""The newest messages, in memory, so that what was just sent need not be read back from the file.

In come messages as they are committed; out go runs of them by offset. Bounded in bytes over all
partitions, oldest out first. One thread (the writer's) adds and drops; others may take at the same
time: a `dict` get is atomic, and a run simply ends at the first message that is gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from .model import Draft, Partition, Record, weigh
from .storage import OFFSET_BITS


class Tail:
    """The last `max_bytes` of messages (key, value, headers) of all partitions."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._records: dict[int, Record] = {}
        self._order: deque[tuple[int, int]] = deque()

    def add(self, drafts: Sequence[Draft], offsets: Sequence[int]) -> None:
        """Take in messages that were committed, in the order of the commit."""
        for draft, offset in zip(drafts, offsets, strict=True):
            message_id = draft.partition.id << OFFSET_BITS | offset
            size = weigh(draft)
            self._records[message_id] = Record(offset, *draft[1:])
            self._order.append((message_id, size))
            self._bytes += size
        while self._bytes > self._max_bytes:
            message_id, size = self._order.popleft()
            del self._records[message_id]
            self._bytes -= size

    def take(
        self, partition: Partition, offset: int, *, max_records: int, max_bytes: int
    ) -> list[Record]:
        """The run of messages that starts at `offset`; empty if that one is not here.

        Bounds are those of `Log.fetch`.
        """
        get = self._records.get
        message_id = partition.id << OFFSET_BITS | offset
        found: list[Record] = []
        room = max_bytes
        while len(found) < max_records and (record := get(message_id)) is not None:
            room -= weigh(record)
            if found and room < 0:
                break
            found.append(record)
            message_id += 1
        return found

    def clear(self) -> None:
        """Forget everything: what cleaning dropped must not be served from here."""
        self._records = {}
        self._order.clear()
        self._bytes = 0
