"""What a stage is: its messages, the work it returns, and the protocol that runners drive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection

from nightdesk.archive.outbox import Outgoing
from nightdesk.errors import PoisonMessage
from schemas import Arrival, Contract

M = TypeVar("M", bound=Contract)
M_contra = TypeVar("M_contra", bound=Contract, contravariant=True)


class Incoming(NamedTuple):
    """A message as the broker gave it; (`topic`, `partition`, `offset`) is where it stands."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Received(Generic[M]):
    """An incoming message with its decoded contract."""

    incoming: Incoming
    body: M


class Latency(NamedTuple):
    """How long one report took for one step, in seconds of the injected clock."""

    step: str
    seconds: float


@dataclass(slots=True)
class Work:
    """What a stage did with a batch.

    `counts` maps an outcome to a number of messages: each message of the batch has exactly one
    outcome, or is buried.  Further keys in `extra` count other things (say, candidates).  `dropped` counts
    lines of boilerplate by the kind of rule.
    """

    outputs: list[Outgoing] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)
    buried: list[tuple[Incoming, PoisonMessage]] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    def send(self, topic: str, key: str, body: Contract) -> None:
        """Have `body` sent to `topic` once the transaction is committed."""
        self.outputs.append(Outgoing(topic, key, body.to_bytes()))

    def took(self, step: str, since: datetime, until: datetime, arrival: Arrival) -> None:
        """Note a step's length, of live reports alone; a claimed time in the future counts as zero."""
        if arrival is Arrival.LIVE:
            self.latencies.append(Latency(step, max(0.0, (until - since).total_seconds())))


class Stage(Protocol[M]):
    """One step of the pipeline.

    `process` may remember things in the process only if `forget` drops them: it is called whenever a
    transaction did not commit, or another worker has written in between.
    """

    name: str
    topic: str
    contract: type[M]

    def process(
        self, connection: Connection, batch: Sequence[Received[M]], now: datetime
    ) -> Work: ...

    def forget(self) -> None: ...
