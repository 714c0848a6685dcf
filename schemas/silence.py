"""A silence: for a while, alerts that match are kept but not sent."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.base import Contract, Duration, Identifier, Text, UtcDatetime
from schemas.intervals import TimeInterval
from schemas.matcher import Matcher


class Silence(Contract):
    """All `matchers` must hold.  `comment` and `author` say why and who: a desk asks at 3 a.m.

    With `recurs` it is in force only where one of the intervals holds too, between `starts_at` and
    `ends_at`.  So long before the end as `remind_before` says, those whose alerts it holds are reminded.
    """

    schema_version: Literal[1] = 1
    id: Identifier
    matchers: tuple[Matcher, ...] = Field(min_length=1)
    starts_at: UtcDatetime
    ends_at: UtcDatetime
    author: Text
    comment: Text
    recurs: tuple[TimeInterval, ...] = ()
    remind_before: Duration | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_at >= self.ends_at:
            raise ValueError(
                "the silence ends before it begins: `starts_at` must be before `ends_at`"
            )
        return self
