"""A feed: a URL that Nightdesk polls, as its user declares it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from schemas.base import Contract, Duration, HttpUrl, Identifier, Text
from schemas.secret import Secret

_OURS = (
    "host", "connection", "content-length", "content-type", "transfer-encoding", "te", "trailer", "upgrade",
    "expect", "if-none-match", "if-modified-since", "if-match", "range", "accept-encoding",
    "proxy-authorization",
)  # fmt: skip
_SECRET = ("authorization", "cookie")


def _may_be_set(name: str) -> str:
    if name.lower() in _SECRET:
        raise ValueError(
            f"{name} is a secret: put it into `access` as `basic`, `bearer` or `cookies`"
        )
    if name.lower() in _OURS:
        raise ValueError(f"{name} is for Nightdesk itself to send")
    return name


HeaderName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9!#\x24%&'*+.^_`|~-]{1,100}$"),
    AfterValidator(_may_be_set),
]
"""The name of a header that a feed may set."""


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


class Header(Contract):
    """A header that is sent with each request for a feed."""

    name: HeaderName
    value: str = Field(pattern=r"^[ -~]{1,2000}$")


class SecretHeader(Contract):
    """A header whose value is a secret."""

    name: HeaderName
    secret: Secret


class FeedAccess(Contract):
    """What a publisher asks of those who read its feed: `basic` holds USER:PASSWORD, `bearer` a token,
    `cookies` the value of a Cookie header, `headers` further secret headers by name, `proxy` the URL of
    an http(s) proxy. All go to the origin of the feed's URL alone.
    """

    basic: Secret | None = None
    bearer: Secret | None = None
    cookies: Secret | None = None
    headers: tuple[SecretHeader, ...] = Field(default=(), max_length=20)
    proxy: Secret | None = None

    @model_validator(mode="after")
    def _authorises_once(self) -> Self:
        if self.basic is not None and self.bearer is not None:
            raise ValueError("give one of `basic` and `bearer`: both are the Authorization header")
        return self


class Feed(Contract):
    """`source` names the publisher.  Of an `aggregator` each entry names its own, which is its report's
    source; an entry that names none has that of the feed.

    `interval` is the time between polls; without it, it is learned from how often the feed brings something
    new, between `min_interval` and `max_interval`, which are those of `tier` where they are not given.

    `allow_private` lets this one feed live at a loopback or private address, which is otherwise
    refused.  `max_bytes` bounds the decompressed body.  `full_text` says whether articles are read from
    their own pages, where the feed carries teasers.  `headers` are sent beside our own and are no secrets;
    what is one stands in `access`.  `websub` lets a hub push the feed, where it names one.
    """

    schema_version: Literal[1] = 1
    id: Identifier
    url: HttpUrl
    source: Text
    aggregator: bool = False
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
    websub: bool = True
    headers: tuple[Header, ...] = Field(default=(), max_length=20)
    access: FeedAccess | None = None

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
