"""The canary: a worker sends itself messages through the broker, and hears them or is deaf.

A process that runs proves nothing: a Faust worker can be alive and never be handed a message again.
The partitions of `heartbeats` that a worker owns also say which hosts it polls, so that a host
belongs to one worker and moves with the rebalance.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from faust.types import AppT
from faust.types.tuples import RecordMetadata
from mode import Service

from agents.runtime import Runtime
from schemas import Heartbeat

log = structlog.get_logger(__name__)

TOPIC = "heartbeats"


class Canary(Service):
    """`silence()` is how long the worker has heard nothing of what it sent."""

    def __init__(self, app: AppT, runtime: Runtime) -> None:
        super().__init__()
        self._app = app
        self._runtime = runtime
        self._waiting_since: datetime | None = None
        self.heard_at: datetime | None = None

    def owned(self) -> frozenset[int]:
        """The partitions of `heartbeats` that this worker owns now."""
        consumer = self._app.consumer
        try:
            return frozenset(tp.partition for tp in consumer.assignment() if tp.topic == TOPIC)
        except Exception:
            # Before the consumer has started, both brokers raise errors of their own kinds.
            return frozenset()

    def silence(self) -> timedelta:
        """How long the oldest heartbeat without an echo has been waited for; zero if none is."""
        if self._waiting_since is None:
            return timedelta(0)
        return max(timedelta(0), self._runtime.clock.now() - self._waiting_since)

    def hear(self, value: bytes | None) -> None:
        """Take in a heartbeat, whoever sent it: it came round."""
        try:
            Heartbeat.model_validate_json(value or b"")
        except ValueError:
            log.warning(
                "heartbeat_unreadable", hint="something else writes to the topic heartbeats"
            )
            return
        self.heard_at = self._runtime.clock.now()
        self._waiting_since = None

    @Service.task
    async def _beat(self) -> None:
        while not self.should_stop:
            try:
                await self.beat()
            except Exception as error:
                log.warning("heartbeat_not_sent", error=f"{type(error).__name__}: {error}")
            self._runtime.metrics.heartbeat_age(self.silence().total_seconds())
            await self.sleep(self._runtime.settings.heartbeat_interval.total_seconds())

    async def beat(self) -> None:
        """Send one heartbeat to each owned partition; with none, there is nothing to hear."""
        owned = self.owned()
        if not owned:
            self._waiting_since = None
            return
        now = self._runtime.clock.now()
        self._waiting_since = self._waiting_since or now
        for partition in sorted(owned):
            body = Heartbeat(
                worker=self._runtime.settings.worker_name, partition=partition, sent_at=now
            )
            sent = await self._app.producer.send(
                TOPIC, str(partition).encode(), body.to_bytes(), partition, None, None
            )
            asyncio.ensure_future(sent).add_done_callback(_note_unsent)


def _note_unsent(sent: asyncio.Future[RecordMetadata]) -> None:
    """Take notice of a heartbeat that the broker did not keep: its silence tells, and says enough."""
    if not sent.cancelled() and (error := sent.exception()) is not None:
        log.debug("heartbeat_not_kept", error=f"{type(error).__name__}: {error}")
