"""The dispatcher: takes due deliveries out of the archive and to their receivers, until they have them.

    claim (lease) ─▶ lane of the receiver ─▶ channel ─▶ outcome ─▶ settler (one transaction) ─▶ publish
                  one slow receiver delays only itself;     retry, delivered, fallback, or dead letter
                  one that fails again and again waits

Comes in: deliveries that are due in the archive.  Goes out: what channels send, and messages on the
topic `deliveries` once a delivery has ended.  A worker that is killed leaves leases that run out; what
it had under way is then tried again, under the same id.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from nightdesk.archive.dispatch import ReceiverName
from nightdesk.clock import Clock, Ticks
from nightdesk.delivery import outcome as conclude
from nightdesk.delivery.breaker import Admission, BreakerPolicy, Breakers, Change
from nightdesk.delivery.channel import Channel
from nightdesk.delivery.lanes import Lanes
from nightdesk.delivery.ledger import Ledger
from nightdesk.delivery.outcome import Claimed
from nightdesk.delivery.retry import RetryPolicy
from nightdesk.delivery.settling import InThread, Publish, Settler, Trouble
from nightdesk.delivery.trying import attempt
from nightdesk.errors import DeliveryError
from nightdesk.metrics import Metrics
from schemas.delivery import Delivery
from schemas.receivers import Receiver

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How the dispatcher works.

    `look_every` is the wait between two looks at the archive where nothing wakes it.  The lease must
    outlast what may stand before a delivery in its lane: `room / at_once` tries of `longest_try`.
    """

    look_every: timedelta = timedelta(milliseconds=500)
    lease: timedelta = timedelta(seconds=90)
    longest_try: timedelta = timedelta(seconds=30)
    claim_at_once: int = 64
    at_once: int = 8
    room: int = 16
    most_held: int = 512

    def __post_init__(self) -> None:
        if self.lease <= self.longest_try * (self.room / self.at_once):
            raise ValueError("the lease must be longer than a full lane takes")


class Dispatcher:
    """One for each worker.  Several workers may share an archive: the leases part their work.

    `publish` sends committed outbox rows.  `chance` returns a number in [0, 1).
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        channels: Mapping[str, Channel[Any]],
        clock: Clock,
        ticks: Ticks,
        in_thread: InThread,
        publish: Publish,
        metrics: Metrics,
        chance: Callable[[], float],
        policy: RetryPolicy | None = None,
        pace: Pace | None = None,
        breaker: BreakerPolicy | None = None,
    ) -> None:
        self._ledger, self._channels = ledger, channels
        self._clock, self._ticks = clock, ticks
        self._in_thread = in_thread
        self._metrics, self._chance = metrics, chance
        self._policy, self._pace = policy or RetryPolicy(), pace or Pace()
        self._breakers, self._trouble = Breakers(breaker), Trouble()
        self._look = asyncio.Event()
        self._settler = Settler(
            ledger=ledger,
            breakers=self._breakers,
            clock=clock,
            in_thread=in_thread,
            publish=publish,
            metrics=metrics,
            again=self._pace.look_every,
        )
        self._lanes = Lanes(
            self._deliver,
            at_once=self._pace.at_once,
            room=self._pace.room,
            most=self._pace.most_held,
            on_room=self._look.set,
        )
        self._loops: list[asyncio.Task[None]] = []
        self._claiming: asyncio.Future[list[Claimed]] | None = None
        self._turned_away: list[Delivery] = []
        self._measured = 0
        self._limit = self._pace.claim_at_once

    @property
    def trouble(self) -> str:
        """Why the archive cannot be used just now, in words; empty while it can be."""
        return self._trouble.said or self._settler.trouble.said

    def left_alone(self) -> dict[ReceiverName, datetime]:
        """Return the receivers whose breaker is open, each with since when."""
        return self._breakers.open()

    def wake(self) -> None:
        """Look at the archive now: something was just planned.  Call it on the event loop's thread."""
        self._look.set()

    async def start(self) -> None:
        """Begin to deliver."""
        self._loops = [
            asyncio.create_task(self._claim_forever(), name="dispatcher-claim"),
            asyncio.create_task(self._settler.run(), name="dispatcher-settle"),
        ]

    async def stop(self) -> None:
        """End at once, in two seconds at the most: tries under way are abandoned, their leases given back."""
        for loop in self._loops:
            loop.cancel()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(0.3):
                await asyncio.gather(*self._loops, return_exceptions=True)
        held = await self._lanes.cancel()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1.5):
                await self._hand_back(held)

    async def _hand_back(self, held: Sequence[Claimed]) -> None:
        """Record what ended and release what did not; what fails here is left to the leases."""
        if self._claiming is not None:
            with contextlib.suppress(Exception):
                held = [*held, *await self._claiming]
        outcomes = self._settler.take()
        ended = {outcome.delivery.id for outcome in outcomes}
        untried = [one.delivery for one in held if one.delivery.id not in ended]
        untried += self._turned_away
        now = self._clock.now()
        to_settle = bool(outcomes or self._breakers.revision)

        def record() -> None:
            if to_settle:
                self._settler.last(outcomes, now)
            if untried:
                self._ledger.release(untried)

        if to_settle or untried:
            await self._in_thread(record)

    async def _claim_forever(self) -> None:
        wait = self._pace.look_every.total_seconds()
        looked_at: datetime | None = None
        while True:
            self._look.clear()
            try:
                if looked_at is None:
                    await self._in_thread(self._ledger.take_over)
                now = self._clock.now()
                if looked_at is None or now < looked_at:
                    await self._in_thread(partial(self._ledger.catch_up, now))
                looked_at = now
                more = await self._claim()
            except Exception as error:
                self._trouble.note(error)
                more = False
            else:
                self._trouble.over()
            if not more:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._look.wait()

    async def _claim(self) -> bool:
        """Claim once; return whether there may be more to claim at once."""
        await self._release_turned_away()
        pace = self._pace
        limit = min(self._limit, pace.most_held - len(self._lanes))
        if limit <= 0:
            return False
        now = self._clock.now()
        busy = {*self._lanes.busy(), *self._breakers.holding(now)}
        claiming = asyncio.ensure_future(
            self._in_thread(
                lambda: self._ledger.claim(now=now, lease=pace.lease, limit=limit, busy=busy)
            )
        )
        # Shielded and remembered: what a cancelled claim has leased must be given back.
        self._claiming = claiming
        try:
            found = await asyncio.shield(claiming)
        except Exception:
            self._claiming = None
            raise
        self._claiming = None
        turned_away = [one.delivery for one in found if not self._lanes.add(one)]
        self._turned_away += turned_away
        self._limit = self._next_limit(limit, len(found), len(turned_away))
        await self._release_turned_away()
        return len(found) == limit

    def _next_limit(self, limit: int, found: int, turned_away: int) -> int:
        """Return how many to claim next: what is due for one receiver alone fills its lane with few, and what
        is claimed beyond that is written twice in vain."""
        if turned_away:
            return max(self._pace.room // 2, found - turned_away)
        return min(self._pace.claim_at_once, 2 * limit) if found == limit else self._limit

    async def _release_turned_away(self) -> None:
        """Give back what found its lane full.  Remembered until that is done: a release that fails, or is
        cancelled before its thread begins, has released nothing, and is made good before the next claim."""
        if turned_away := list(self._turned_away):
            await self._in_thread(lambda: self._ledger.release(turned_away))
            # Some may have been turned away while these were released.
            del self._turned_away[: len(turned_away)]

    async def _deliver(self, claimed: Claimed) -> None:
        """Make one attempt, and put down how it ended.  Cancelled: nothing is put down."""
        now, receiver, notice = self._clock.now(), claimed.receiver, claimed.notice
        if receiver is None:
            self._breakers.forget(claimed.lane)
            self._measure_breakers()
            self._settler.put_down(conclude.withdrawn(claimed, now=now))
            return
        if claimed.overtaken_by:
            self._settler.put_down(conclude.overtaken(claimed, now=now))
            return
        if notice is None:
            self._settler.put_down(conclude.lost(claimed, now=now))
            return
        if now + self._pace.longest_try > claimed.leased_until:
            # It waited too long in its lane, or the clock jumped: it may be somebody else's by now.
            return
        delivery = claimed.delivery
        admission = self._breakers.admit(claimed.lane, receiver, delivery.id, now)
        self._measure_breakers()
        if admission is Admission.WAIT:
            self._turned_away.append(delivery)
            return
        if admission is Admission.FALL_BACK:
            self._settler.put_down(conclude.passed_on(claimed, now=now))
            return
        begun = self._ticks()
        remark, error = await attempt(self._channels, notice, receiver, self._pace.longest_try)
        seconds = self._ticks() - begun
        word = "delivered" if error is None else conclude.outcome_word(error)
        self._metrics.attempt(delivery.channel, word, seconds)
        ended = self._clock.now()
        self._note_breaker(claimed, receiver, error, ended)
        if error is None:
            outcome = conclude.delivered(
                claimed, started_at=now, seconds=seconds, now=ended, remark=remark
            )
        else:
            outcome = conclude.failed(
                claimed,
                error,
                self._policy,
                started_at=now,
                seconds=seconds,
                now=ended,
                chance=self._chance(),
                passes_on=self._breakers.passes_on(claimed.lane, ended),
            )
        self._settler.put_down(outcome)

    def _note_breaker(
        self, claimed: Claimed, receiver: Receiver, error: DeliveryError | None, now: datetime
    ) -> None:
        change = self._breakers.note(claimed.lane, receiver, claimed.delivery.id, error, now)
        self._measure_breakers()
        subscription, name = claimed.lane
        if change is Change.OPENED and error is not None:
            log.warning(
                "receiver_left_alone",
                subscription=subscription,
                receiver=name,
                reason=error.message,
                hint=error.hint or "it failed again and again; one delivery tries it now and then",
            )
        elif change is Change.CLOSED:
            log.info("receiver_is_back", subscription=subscription, receiver=name)
            self.wake()

    def _measure_breakers(self) -> None:
        if self._breakers.revision != self._measured:
            self._measured = self._breakers.revision
            self._metrics.breakers_open(len(self._breakers.open()))
