"""Circuit breakers: a receiver that fails again and again is left alone for a while, then tried by one
delivery.

    closed ──N failures in a row that may pass──▶ open ──wait──▶ half open: one probe ──▶ closed
                                                   ▲                     │ fails: the wait doubles
                                                   └─────────────────────┘

While it is open its deliveries wait in the archive, due, and use no attempts.  One that has a fallback, and
has been open for as long as `fallback_after`, lets its deliveries through to that instead.  Pure: moments are
parameters.  Kept in memory by each worker: a restart begins anew, and finds out within N tries.  What others
are to know of them is `standing`, which is new whenever `revision` moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from nightdesk.archive.dispatch import ReceiverName
from nightdesk.archive.left_alone import LeftAlone
from nightdesk.delivery.errors import PermanentFailure, TransientFailure
from nightdesk.errors import DeliveryError
from schemas.receivers import Receiver


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """`failures` in a row open it; the first probe comes after `first`, each further one after twice the
    wait, `longest` at most.  `longest_asked` bounds what a Retry-After asks for."""

    failures: int = 5
    first: timedelta = timedelta(seconds=10)
    longest: timedelta = timedelta(minutes=5)
    longest_asked: timedelta = timedelta(hours=1)


class Admission(Enum):
    """What to do with a claimed delivery: try it, give it back to wait, or hand it to the fallback."""

    TRY = "try"
    WAIT = "wait"
    FALL_BACK = "fall_back"


class Change(Enum):
    """What became of a breaker."""

    OPENED = "opened"
    CLOSED = "closed"


@dataclass
class _Breaker:
    receiver: Receiver
    failures: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    wait: timedelta = timedelta(0)
    probe: str = ""
    reason: str = ""

    def ready(self, now: datetime) -> bool:
        """Tell whether a probe may go."""
        if self.probe or self.probe_at is None:
            return False
        if self.probe_at - now > self.wait:
            # The clock was set back: nobody is to wait for it to come here again.
            self.probe_at = now + self.wait
        return self.probe_at <= now

    def over_to_fallback(self, now: datetime) -> bool:
        """Tell whether it has been open for so long that the fallback is told."""
        after = self.receiver.fallback_after
        return (
            self.receiver.fallback is not None
            and self.opened_at is not None
            and now - self.opened_at >= after
        )


class Breakers:
    """One for each receiver that has failed lately."""

    def __init__(self, policy: BreakerPolicy | None = None) -> None:
        self.revision = 0
        self._policy = policy or BreakerPolicy()
        self._breakers: dict[ReceiverName, _Breaker] = {}

    def open(self) -> dict[ReceiverName, datetime]:
        """Return the receivers that are left alone, each with since when."""
        return {
            name: breaker.opened_at
            for name, breaker in self._breakers.items()
            if breaker.opened_at is not None
        }

    def standing(self) -> list[LeftAlone]:
        """Return the receivers that are left alone, each with why and until when."""
        return [
            LeftAlone(*name, breaker.opened_at, breaker.probe_at, breaker.reason)
            for name, breaker in self._breakers.items()
            if breaker.opened_at is not None and breaker.probe_at is not None
        ]

    def holding(self, now: datetime) -> list[ReceiverName]:
        """Return the receivers for which nothing is to be claimed now."""
        return [
            name
            for name, breaker in self._breakers.items()
            if breaker.opened_at is not None
            and not breaker.ready(now)
            and not breaker.over_to_fallback(now)
        ]

    def passes_on(self, name: ReceiverName, now: datetime) -> bool:
        """Tell whether the receiver has been left alone for so long that its fallback is told."""
        breaker = self._breakers.get(name)
        return breaker is not None and breaker.over_to_fallback(now)

    def forget(self, name: ReceiverName) -> bool:
        """Begin anew with a receiver that answers, or is declared anew or no more; return whether it was left
        alone."""
        breaker = self._breakers.pop(name, None)
        was_open = breaker is not None and breaker.opened_at is not None
        self.revision += was_open
        return was_open

    def admit(
        self, name: ReceiverName, receiver: Receiver, delivery: str, now: datetime
    ) -> Admission:
        """Say what to do with a delivery that is about to be tried; a probe is noted as under way."""
        breaker = self._breakers.get(name)
        if breaker is not None and breaker.receiver != receiver:
            # It may be mended.
            self.forget(name)
            breaker = None
        if breaker is None or breaker.opened_at is None:
            return Admission.TRY
        if breaker.ready(now):
            breaker.probe = delivery
            return Admission.TRY
        return Admission.FALL_BACK if breaker.over_to_fallback(now) else Admission.WAIT

    def note(
        self,
        name: ReceiverName,
        receiver: Receiver,
        delivery: str,
        error: DeliveryError | None,
        now: datetime,
    ) -> Change | None:
        """Take in how a try ended; return whether that opened or closed the breaker.

        A refusal for good is an answer: who gives one is there.
        """
        if error is None or isinstance(error, PermanentFailure):
            return Change.CLOSED if self.forget(name) else None
        breaker = self._breakers.get(name)
        if breaker is None:
            breaker = self._breakers[name] = _Breaker(receiver)
        breaker.receiver, breaker.reason = receiver, error.message
        asked = error.retry_after if isinstance(error, TransientFailure) else None
        if breaker.opened_at is None:
            breaker.failures += 1
            if breaker.failures < self._policy.failures:
                return None
            breaker.opened_at, breaker.wait = now, self._policy.first
            breaker.probe_at = now + self._longer(breaker, asked)
            self.revision += 1
            return Change.OPENED
        # Tries that had begun before it opened say nothing new: only the probe does.
        if breaker.probe == delivery:
            breaker.probe = ""
            breaker.wait = min(breaker.wait * 2, self._policy.longest)
            breaker.probe_at = now + self._longer(breaker, asked)
            self.revision += 1
        return None

    def _longer(self, breaker: _Breaker, asked: timedelta | None) -> timedelta:
        if asked is not None:
            breaker.wait = max(breaker.wait, min(asked, self._policy.longest_asked))
        return breaker.wait
