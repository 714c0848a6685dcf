"""A heartbeat: the canary message that a worker sends to itself through the broker.

Topic `heartbeats`, one key a partition.  A worker that hears its own heartbeats is alive; the
partitions of this topic that it owns are also the hosts that it polls.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.base import Contract, UtcDatetime


class Heartbeat(Contract):
    """Sent by `worker` to `partition` at `sent_at`."""

    schema_version: Literal[1] = 1
    worker: str
    partition: int = Field(ge=0)
    sent_at: UtcDatetime
