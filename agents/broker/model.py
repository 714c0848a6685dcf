"""The nouns of the log: topics, their partitions, messages to write and messages as written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Record(NamedTuple):
    """A message as stored: `timestamp_ms` is the sender's, in milliseconds since 1970."""

    offset: int
    timestamp_ms: int
    headers: bytes | None
    key: bytes | None
    value: bytes | None


class Draft(NamedTuple):
    """A message to append: `partition` is a `Partition` of this log."""

    partition: Partition
    timestamp_ms: int
    headers: bytes | None
    key: bytes | None
    value: bytes | None


@dataclass(slots=True, eq=False)
class Partition:
    """One partition: offsets `start` (earliest kept) to `end` (next to be given)."""

    id: int
    topic: Topic
    number: int
    start: int
    end: int
    bytes: int


@dataclass(slots=True, eq=False)
class Topic:
    """One topic; a topic that was deleted and created again has another `log_id`."""

    id: int
    name: str
    log_id: str
    retention_ms: int | None
    retention_bytes: int | None
    compacting: bool
    partitions: list[Partition] = field(default_factory=list)


def weigh(draft: Draft | Record) -> int:
    """Bytes that a message counts towards its partition: key, value and headers."""
    return len(draft.key or b"") + len(draft.value or b"") + len(draft.headers or b"")
