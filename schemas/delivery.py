"""A delivery: what became of one change of one alert for one receiver of one subscription.

Topic `deliveries`, key `subscription`.  Written when the delivery is planned and again when it ends.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.base import Contract, Identifier, UtcDatetime


class DeliveryState(StrEnum):
    """`pending` until tried; `retrying` after a failure that may pass; `failed` ends as a dead letter;
    `suppressed` was held back by a rule that `reason` names."""

    PENDING = "pending"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class Delivery(Contract):
    """`id` is a function of alert, sequence, subscription and receiver: a receiver that keeps the ids
    it has seen is never told twice.  `attempts` counts tries made, `seconds` the last one's length."""

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
