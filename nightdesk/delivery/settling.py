"""The settler: records how attempts ended, as many as ended meanwhile in one transaction, and publishes that.

Comes in: outcomes, and whom this worker leaves alone.  Goes out: the ledger's rows, and messages on the topic
`deliveries`.  Where the archive is away, outcomes wait here and are recorded later; what is killed with them
was not recorded, and is tried again under the same id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

import structlog

from nightdesk.archive.outbox import Outgoing
from nightdesk.clock import Clock
from nightdesk.delivery.breaker import Breakers
from nightdesk.delivery.ledger import Ledger
from nightdesk.delivery.outcome import Outcome
from nightdesk.metrics import Metrics

log = structlog.get_logger(__name__)

GATHERS = 0.01
"""Seconds in which more may end, to be recorded in the same transaction.  Nobody waits for them: the next try
begins before."""

T = TypeVar("T")
Publish = Callable[[Sequence[tuple[int, Outgoing]]], Awaitable[None]]


class InThread(Protocol):
    """Runs blocking work off the event loop."""

    async def __call__(self, work: Callable[[], T], /) -> T: ...


class Trouble:
    """Why the archive cannot be used just now, in words; `said` is empty while it can be."""

    def __init__(self) -> None:
        self.said = ""

    def note(self, error: Exception) -> None:
        """It could not be used."""
        said = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
        if said != self.said:
            log.warning("dispatcher_waits", trouble=said, hint=getattr(error, "hint", ""))
        self.said = said

    def over(self) -> None:
        """It could be used."""
        if self.said:
            log.info("dispatcher_recovered")
        self.said = ""


class Settler:
    """One for each dispatcher.  `again` is the wait before another try where the archive is away."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        breakers: Breakers,
        clock: Clock,
        in_thread: InThread,
        publish: Publish,
        metrics: Metrics,
        again: timedelta,
    ) -> None:
        self._ledger, self._breakers, self._clock = ledger, breakers, clock
        self._in_thread, self._publish = in_thread, publish
        self._metrics, self._again = metrics, again
        self.trouble = Trouble()
        self._ended = asyncio.Event()
        self._outcomes: list[Outcome] = []
        self._said = breakers.revision

    def put_down(self, outcome: Outcome) -> None:
        """Take an outcome, to be recorded soon."""
        self._outcomes.append(outcome)
        self._ended.set()

    def take(self) -> list[Outcome]:
        """Return what is not recorded yet; it is the caller's from now on."""
        taken, self._outcomes = self._outcomes, []
        return taken

    async def run(self) -> None:
        """Record whatever ends, until cancelled."""
        while True:
            await self._ended.wait()
            await asyncio.sleep(GATHERS)
            self._ended.clear()
            outcomes, revision = self.take(), self._breakers.revision
            # Breakers move only where something ends, so that it is said along with that.
            standing = self._breakers.standing() if revision != self._said else None
            try:
                settled, rows = await self._in_thread(
                    partial(self._ledger.settle, outcomes, self._clock.now(), standing)
                )
            except asyncio.CancelledError:
                # Whether it committed is not known; a second settling finds its lease gone.
                self._outcomes = outcomes + self._outcomes
                raise
            except Exception as error:
                self.trouble.note(error)
                self._outcomes = outcomes + self._outcomes
                self._ended.set()
                await asyncio.sleep(self._again.total_seconds())
                continue
            self.trouble.over()
            self._said = revision
            self._measure(settled)
            if rows:
                try:
                    await self._publish(rows)
                except Exception as error:
                    # The rows are committed: the outbox's sweep sends them.
                    log.warning("publish_failed", error=f"{type(error).__name__}: {error}")

    def last(self, outcomes: Sequence[Outcome], now: datetime) -> None:
        """Record `outcomes` at the end of this worker, which leaves nobody alone any more.  Blocks.

        The messages stay in the outbox; whoever runs next sends them.
        """
        self._ledger.settle(outcomes, now, [])

    def _measure(self, settled: Sequence[Outcome]) -> None:
        for outcome in settled:
            if outcome.letter is not None:
                self._metrics.dead_letter(outcome.letter.stage, outcome.letter.reason)
                log.warning(
                    "undeliverable",
                    delivery=outcome.delivery.id,
                    subscription=outcome.delivery.subscription,
                    receiver=outcome.delivery.receiver,
                    reason=outcome.letter.detail,
                    hint=outcome.letter.hint,
                )
            if outcome.raised_at is not None:
                self._metrics.latency(
                    "alerted_to_delivered", _between(outcome.raised_at, outcome.delivery.changed_at)
                )


def _between(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds())
