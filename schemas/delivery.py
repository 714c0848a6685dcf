"""A delivery: what became of one change of one alert for one receiver of one subscription.

Topic `deliveries`, key `subscription`.  Written when the delivery is planned and again when it ends.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.base import Contract, Identifier, UtcDatetime


class DeliveryState(StrEnum):
    """`held` until its group, its digest or the end of quiet hours tells it; `pending` until tried;
    `retrying` after a failure that may pass; `failed` ends as a dead letter; `fell_back`: given up, and its
    fallback receiver told instead; `suppressed` was held back for good by a rule that `reason` names;
    `included` was told within another delivery, which `reason` names."""

    HELD = "held"
    PENDING = "pending"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    FAILED = "failed"
    FELL_BACK = "fell_back"
    SUPPRESSED = "suppressed"
    INCLUDED = "included"


class Occasion(StrEnum):
    """Why it is told now: an `alert` by itself, a `group`, a `digest`, what gathered in `quiet_hours`, under
    a `rate_limit` or while it was `snoozed`, a `repeat` of what is still open, a `fallback` for a receiver
    that gave up, or a `test`."""

    ALERT = "alert"
    GROUP = "group"
    DIGEST = "digest"
    QUIET_HOURS = "quiet_hours"
    RATE_LIMIT = "rate_limit"
    SNOOZED = "snoozed"
    REPEAT = "repeat"
    FALLBACK = "fallback"
    TEST = "test"


class ChangeRef(Contract):
    """One change of one alert."""

    alert: str
    sequence: int = Field(ge=1)


class Delivery(Contract):
    """`id` is a function of alert, sequence, subscription and receiver (and of which repeat it is): a
    receiver that keeps the ids it has seen is never told twice.  `attempts` counts tries made, `seconds`
    the last one's length.

    `also` are the changes of other alerts that it tells besides, in the order told; `note` says in words
    why they come together.  `repeat` counts how often the same was told before.  `held_by` is the rule
    that held it back for good, of those that each delivery has to pass; empty where all let it pass.
    """

    schema_version: Literal[1] = 1
    id: str
    alert: str
    sequence: int = Field(ge=1)
    subscription: Identifier
    receiver: str
    channel: str
    state: DeliveryState
    attempts: int = Field(default=0, ge=0)
    reason: str = ""
    seconds: float | None = Field(default=None, ge=0)
    changed_at: UtcDatetime
    occasion: Occasion = Occasion.ALERT
    note: str = ""
    also: tuple[ChangeRef, ...] = ()
    repeat: int = Field(default=0, ge=0)
    held_by: str = ""
