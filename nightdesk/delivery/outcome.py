"""What follows from one attempt at a delivery.  Pure: moments and chance are parameters.

In come the delivery as claimed and how the attempt ended; out goes the delivery as it stands now, the
attempt for the record, and when to try again, if at all.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from nightdesk.alerts.routing import delivery_id
from nightdesk.archive.deliveries import Attempt
from nightdesk.delivery.errors import PermanentFailure, TransientFailure
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.retry import RetryPolicy
from nightdesk.delivery.wording import one_line
from nightdesk.errors import DeliveryError
from nightdesk.ids import content_id
from schemas.deadletter import DeadLetter, DeadLetterReason
from schemas.delivery import Delivery, DeliveryState, Occasion
from schemas.receivers import Receiver

STAGE = "deliveries"
"""The name under which the account and dead letters know this step."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours for the length of a lease, with all that is needed to make it.

    `notice` is None where the archive has lost what it tells.  `receiver` is None where the definitions
    do not hold it any more, or hold it switched off; `gone` says which.  `first_tried_at` is
    None before a try.  `fallback` is the receiver that is told where this one gives up.  `overtaken_by` is a
    later change that the receiver has already, where it shows the latest alone; 0 for none.
    """

    delivery: Delivery
    notice: Notice | None
    receiver: Receiver | None
    leased_until: datetime
    first_tried_at: datetime | None = None
    gone: str = ""
    fallback: Receiver | None = None
    overtaken_by: int = 0

    @property
    def lane(self) -> tuple[str, str]:
        """The receiver: what is slow for one is slow for itself alone."""
        return self.delivery.subscription, self.delivery.receiver


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a delivery stands after an attempt: to be tried again at `due_at`, or ended (None).

    `letter` is what goes into quarantine where it failed for good, `planned` the delivery to the fallback
    receiver where there is one.  `attempt` is None where nothing was tried.
    """

    delivery: Delivery
    due_at: datetime | None = None
    attempt: Attempt | None = None
    letter: DeadLetter | None = None
    planned: Delivery | None = None
    raised_at: datetime | None = None


def delivered(
    claimed: Claimed, *, started_at: datetime, seconds: float, now: datetime, remark: str = ""
) -> Outcome:
    """The receiver has it; `remark` is what there is to say of it."""
    delivery = _after_try(
        claimed.delivery, DeliveryState.DELIVERED, claimed.delivery.reason, seconds, now
    )
    remark = one_line(remark, 400)
    said = [f"on attempt {delivery.attempts}"] if delivery.attempts > 1 else []
    said += [remark] if remark else []
    if said:
        delivery = delivery.model_copy(update={"reason": "; ".join(said)})
    return Outcome(
        delivery,
        attempt=Attempt(started_at, seconds, "delivered", remark),
        raised_at=_timed_from(claimed),
    )


def _timed_from(claimed: Claimed) -> datetime | None:
    """Return since when an alert was on its way; None where it waited because somebody wanted it to."""
    if claimed.notice is None or claimed.delivery.occasion is not Occasion.ALERT:
        return None
    return claimed.notice.alert.raised_at


def failed(
    claimed: Claimed,
    error: DeliveryError,
    policy: RetryPolicy,
    *,
    started_at: datetime,
    seconds: float,
    now: datetime,
    chance: float,
    passes_on: bool = False,
) -> Outcome:
    """The attempt failed: to be tried again where that can help and `policy` allows it.

    `passes_on` says that its receiver has failed for so long that the fallback is told.
    """
    reason = one_line(error.message, 400)
    attempt = Attempt(started_at, seconds, outcome_word(error), reason)
    first = claimed.first_tried_at or started_at
    due_at = None
    if isinstance(error, TransientFailure):
        due_at = policy.next_try(
            attempts=claimed.delivery.attempts + 1,
            first_tried_at=first,
            now=now,
            chance=chance,
            retry_after=error.retry_after,
        )
    if due_at is not None and claimed.receiver is not None and claimed.fallback is not None:
        # However long the wait would be, the fallback is told in time; after one last try.
        until = first + claimed.receiver.fallback_after
        due_at = None if passes_on or now >= until else min(due_at, until)
    if due_at is not None:
        delivery = _after_try(claimed.delivery, DeliveryState.RETRYING, reason, seconds, now)
        return Outcome(delivery, due_at=due_at, attempt=attempt)
    if claimed.fallback is not None:
        delivery = _after_try(claimed.delivery, DeliveryState.FELL_BACK, reason, seconds, now)
        return _to_fallback(delivery, claimed.fallback, reason, now, attempt)
    delivery = _after_try(claimed.delivery, DeliveryState.FAILED, reason, seconds, now)
    return Outcome(delivery, attempt=attempt, letter=_dead_letter(delivery, error, now))


def passed_on(claimed: Claimed, *, now: datetime) -> Outcome:
    """The receiver has failed for so long that its fallback is told at once: nothing is tried."""
    assert claimed.fallback is not None
    reason = f"{claimed.delivery.receiver} has failed for longer than its `fallback_after`"
    update = {"state": DeliveryState.FELL_BACK, "changed_at": now}
    delivery = claimed.delivery.model_copy(update=update)
    if claimed.delivery.attempts:
        reason = claimed.delivery.reason
    return _to_fallback(delivery, claimed.fallback, reason, now, None)


def _to_fallback(
    delivery: Delivery,
    fallback: Receiver,
    reason: str,
    now: datetime,
    attempt: Attempt | None,
) -> Outcome:
    """End `delivery`, and plan the one to its fallback, which tells the same and says for whom and why."""
    note = f"{delivery.receiver} could not be told ({one_line(reason, 200)})"
    planned = Delivery(
        id=delivery_id(
            delivery.alert,
            delivery.sequence,
            delivery.subscription,
            fallback.name,
            repeat=delivery.repeat,
        ),
        alert=delivery.alert,
        sequence=delivery.sequence,
        subscription=delivery.subscription,
        receiver=fallback.name,
        channel=fallback.channel,
        state=DeliveryState.PENDING,
        reason=f"fallback of {delivery.receiver}",
        changed_at=now,
        occasion=Occasion.FALLBACK,
        note=f"{note}; {delivery.note}" if delivery.note else note,
        also=delivery.also,
        repeat=delivery.repeat,
    )
    told = f"{one_line(reason, 400)}; {fallback.name} is told instead"
    ended = delivery.model_copy(update={"reason": told})
    return Outcome(ended, attempt=attempt, planned=planned)


def withdrawn(claimed: Claimed, *, now: datetime) -> Outcome:
    """The definitions do not ask for it any more: held back, and nothing is tried."""
    update = {"state": DeliveryState.SUPPRESSED, "reason": claimed.gone, "changed_at": now}
    return Outcome(claimed.delivery.model_copy(update=update))


def overtaken(claimed: Claimed, *, now: datetime) -> Outcome:
    """The receiver shows a later change already: this one would take its place."""
    reason = f"change {claimed.overtaken_by} was delivered before it could be, and shows all of it"
    update = {"state": DeliveryState.SUPPRESSED, "reason": reason, "changed_at": now}
    return Outcome(claimed.delivery.model_copy(update=update))


def lost(claimed: Claimed, *, now: datetime) -> Outcome:
    """The archive has not kept the alert: there is nothing to tell."""
    error = PermanentFailure(
        f"the archive does not hold change {claimed.delivery.sequence} of {claimed.delivery.alert}",
        hint="it was pruned, or damaged; there is nothing left to deliver",
    )
    update = {"state": DeliveryState.FAILED, "reason": error.message, "changed_at": now}
    delivery = claimed.delivery.model_copy(update=update)
    return Outcome(delivery, letter=_dead_letter(delivery, error, now))


def outcome_word(error: DeliveryError) -> str:
    """Return the failure's name as a label: `ReceiverTimedOut` becomes `receiver_timed_out`."""
    name = type(error).__name__
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _after_try(
    delivery: Delivery, state: DeliveryState, reason: str, seconds: float, now: datetime
) -> Delivery:
    return delivery.model_copy(
        update={
            "state": state,
            "attempts": delivery.attempts + 1,
            "reason": reason,
            "seconds": seconds,
            "changed_at": now,
        }
    )


def _dead_letter(delivery: Delivery, error: DeliveryError, now: datetime) -> DeadLetter:
    """Return the delivery as a dead letter.  It stood on no topic, so its place there is 0."""
    return DeadLetter(
        id=content_id("dead", STAGE, delivery.id, delivery.attempts, now.isoformat()),
        stage=STAGE,
        topic="deliveries",
        partition=0,
        offset=0,
        key=delivery.subscription,
        value=base64.b64encode(delivery.to_bytes()).decode(),
        reason=DeadLetterReason.UNDELIVERABLE,
        detail=one_line(error.message, 400),
        hint=error.hint,
        died_at=now,
    )
