"""A dead letter: a message that a stage could not use, whole, with the reason and a hint.

Topic `dead-letters`, key `stage`.  Nothing is lost: `nightdesk dead-letters retry` sends it again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.base import Contract, UtcDatetime


class DeadLetterReason(StrEnum):
    """A short, closed list: it labels a metric."""

    NOT_JSON = "not_json"
    BREAKS_CONTRACT = "breaks_contract"
    TOO_LARGE = "too_large"
    NOTHING_TO_READ = "nothing_to_read"
    UNKNOWN_STORYLINE = "unknown_storyline"
    UNDELIVERABLE = "undeliverable"
    INTERNAL_ERROR = "internal_error"


class DeadLetter(Contract):
    """`value` is the message's own bytes, as base64; `partition` and `offset` tell where it stood."""

    schema_version: Literal[1] = 1
    id: str
    stage: str
    topic: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    key: str | None = None
    value: str = ""
    reason: DeadLetterReason
    detail: str
    hint: str
    died_at: UtcDatetime

    def for_topic(self, limit: int) -> DeadLetter:
        """Return the form that travels: without `value` where that would pass `limit` bytes.

        The archive keeps it whole; `detail` says so.
        """
        if len(self.value) <= limit * 3 // 4:
            return self
        note = f"{self.detail} (message of {len(self.value) * 3 // 4} bytes: in the archive only)"
        return self.model_copy(update={"value": "", "detail": note})
