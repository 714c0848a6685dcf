"""A feed: a URL that Nightdesk polls, as its user declares it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from schemas.base import Contract, Duration, HttpUrl, Identifier, Text


class Tier(StrEnum):
    """How soon a feed matters: within which bounds its interval is learned."""

    HOT = "hot"
    NORMAL = "normal"
    SLOW = "slow"


class FullText(StrEnum):
    """When the page behind an entry is read too: never, when its teaser is short, or always."""

    NEVER = "never"
    WHEN_SHORT = "when_short"
    ALWAYS = "always"


class Feed(Contract):
    """`source` names the publisher.

    `interval` is the time between polls; without it, it is learned from how often the feed brings something
    new, between `min_interval` and `max_interval`, which are those of `tier` where they are not given.

    `allow_private` lets this one feed live at a loopback or private address, which is otherwise
    refused.  `max_bytes` bounds the decompressed body.  `full_text` says whether articles are read from
    their own pages, where the feed carries teasers.
    """

    schema_version: Literal[1] = 1
    id: Identifier
    url: HttpUrl
    source: Text
    title: str = ""
    interval: Duration | None = None
    tier: Tier = Tier.NORMAL
    min_interval: Duration | None = None
    max_interval: Duration | None = None
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    tags: tuple[Identifier, ...] = ()
    enabled: bool = True
    allow_private: bool = False
    timeout: Duration = timedelta(seconds=20)
    max_bytes: int = Field(default=10_000_000, ge=1_000, le=100_000_000)
    full_text: FullText = FullText.NEVER

    @field_validator("interval", "min_interval", "max_interval")
    @classmethod
    def _is_polite(cls, interval: timedelta | None) -> timedelta | None:
        if interval is not None and interval < timedelta(seconds=1):
            raise ValueError("polling more often than once a second is never polite")
        return interval

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        least, most = self.min_interval, self.max_interval
        if least is not None and most is not None and least > most:
            raise ValueError("`min_interval` is longer than `max_interval`")
        if self.interval is not None and (least is not None or most is not None):
            raise ValueError("`interval` is fixed: leave it out to have it learned within bounds")
        return self
