"""A stage as a Faust agent: gathers messages while the last batch commits, runs them, acks them.

The batch is whatever has come meanwhile, up to a bound: small and prompt when the stream is quiet,
large and cheap when it is not, with no timer.  An event is acked only after its effects are
committed; no exception leaves the loop, for Faust would ack and skip the event.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from faust.types import EventT, StreamT
from faust.types.transports import ConsumerT

from agents.courier import Courier
from agents.positions import GapHealer
from agents.runtime import Runtime
from nightdesk.archive.errors import MarkMoved
from nightdesk.errors import ArchiveError
from nightdesk.pipeline.runner import BatchRunner, Done, PositionGap
from nightdesk.pipeline.stage import Incoming, Stage

log = structlog.get_logger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0
_GRACE = 2.0
"""How long a batch under way may take to finish once the worker stops, in seconds."""


class StageAgent:
    """Feeds one stage from one stream.

    `stuck_since` is when the oldest failing attempt began, None while all is well; `trouble` says
    why, in words: both are what /healthz and /readyz tell.  `on_committed` is called after each batch.
    """

    def __init__(
        self,
        runtime: Runtime,
        courier: Courier,
        stage: Stage[Any],
        *,
        on_committed: Callable[[], None] = lambda: None,
    ) -> None:
        self.stage = stage
        self._on_committed = on_committed
        self.stuck_since: datetime | None = None
        self.trouble = ""
        self._runtime = runtime
        self._courier = courier
        self._runner = BatchRunner(stage, runtime.archive, runtime.clock)
        self._gaps = GapHealer(runtime.clock)
        self._waiting: deque[EventT[bytes]] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._stopping = False

    async def consume(self, stream: StreamT[bytes]) -> None:
        """Take events until the stream ends; the body of the Faust agent."""
        self._waiting.clear()
        self._stopping = False
        bound = self._runtime.settings.batch_max_messages
        loop = asyncio.create_task(self._process_forever(stream), name=f"stage-{self.stage.name}")
        try:
            async for event in stream.noack().events():  # type: ignore[attr-defined]
                self._waiting.append(event)
                self._arrived.set()
                while len(self._waiting) >= bound:
                    self._room.clear()
                    await self._room.wait()
        finally:
            self._stopping = True
            self._arrived.set()
            await asyncio.wait([loop], timeout=_GRACE)
            loop.cancel()

    async def _process_forever(self, stream: StreamT[bytes]) -> None:
        bound = self._runtime.settings.batch_max_messages
        loop = asyncio.get_running_loop()
        while not self._stopping:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting and not self._stopping:
                size = min(bound, len(self._waiting))
                taken = [self._waiting.popleft() for _ in range(size)]
                self._room.set()
                events = self._gaps.without_stale(taken)
                began = loop.time()
                done, events = await self._commit_or_heal(events, stream.app.consumer)
                self._on_committed()
                await self._courier.send(done.to_send)
                for event in events:
                    await stream.ack(event)
                self._measure(done, size, loop.time() - began)

    async def _commit_or_heal(
        self, events: list[EventT[bytes]], consumer: ConsumerT
    ) -> tuple[Done, list[EventT[bytes]]]:
        """Commit the events and return those that were; of a partition where messages were skipped,
        go back for these instead, and its events come again."""
        while events:
            try:
                return await self._commit([_incoming(event) for event in events]), events
            except PositionGap as gap:
                back = await self._gaps.heal(gap, consumer, self._runner)
                events = [e for e in events if (e.message.topic, e.message.partition) not in back]
        return Done(), events

    async def _commit(self, batch: list[Incoming]) -> Done:
        """Run the batch until it is committed, however long the archive is away."""
        wait = _FIRST_WAIT
        while True:
            sent = self._courier.take_sent()
            running = asyncio.ensure_future(
                self._runtime.in_archive(partial(self._runner.run, batch, sent=sent))
            )
            try:
                done = await asyncio.shield(running)
            except PositionGap:
                self._courier.give_back(sent)
                raise
            except (ArchiveError, MarkMoved) as error:
                self._courier.give_back(sent)
                self._note_trouble(error)
            except Exception as error:
                self._courier.give_back(sent)
                log.error("stage_crashed", stage=self.stage.name, exc_info=error)
                self._note_trouble(error)
            else:
                self._courier.settle(sent)
                if self.stuck_since is not None:
                    log.info("stage_recovered", stage=self.stage.name)
                self.stuck_since, self.trouble = None, ""
                return done
            await asyncio.sleep(wait * (0.5 + self._runtime.random.random()))
            wait = min(wait * 2, _LONGEST_WAIT)

    def _note_trouble(self, error: Exception) -> None:
        trouble = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
        if trouble != self.trouble:
            hint = getattr(error, "hint", "")
            log.warning("stage_waits", stage=self.stage.name, trouble=trouble, hint=hint)
        self.stuck_since = self.stuck_since or self._runtime.clock.now()
        self.trouble = trouble

    def _measure(self, done: Done, size: int, seconds: float) -> None:
        metrics = self._runtime.metrics
        metrics.batch(self.stage.name, size, seconds)
        for reason in done.buried:
            metrics.dead_letter(self.stage.name, reason)
        for rule, lines in done.dropped.items():
            metrics.boilerplate(rule, lines)
        for latency in done.latencies:
            metrics.latency(latency.step, latency.seconds)


def _incoming(event: EventT[bytes]) -> Incoming:
    message = event.message
    key = message.key
    text = key.decode("utf-8", "replace") if isinstance(key, bytes) else key
    return Incoming(message.topic, message.partition, message.offset, text, message.value)
