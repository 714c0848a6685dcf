"""A feed: a URL that Nightdesk polls, as its user declares it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator

from schemas.base import Contract, Duration, HttpUrl, Identifier, Text


class Feed(Contract):
    """`source` names the publisher; `interval` is the time between polls.

    `allow_private` lets this one feed live at a loopback or private address, which is otherwise
    refused.  `max_bytes` bounds the decompressed body.
    """

    schema_version: Literal[1] = 1
    id: Identifier
    url: HttpUrl
    source: Text
    title: str = ""
    interval: Duration = timedelta(minutes=15)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    tags: tuple[Identifier, ...] = ()
    enabled: bool = True
    allow_private: bool = False
    timeout: Duration = timedelta(seconds=20)
    max_bytes: int = Field(default=10_000_000, ge=1_000, le=100_000_000)

    @field_validator("interval")
    @classmethod
    def _is_polite(cls, interval: timedelta) -> timedelta:
        if interval < timedelta(seconds=1):
            raise ValueError("polling more often than once a second is never polite")
        return interval
