"""A subscription: which alerts go to which receivers."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.alert import AlertKind
from schemas.base import Contract, Duration, HttpUrl, Identifier


class ConsoleReceiver(Contract):
    """Prints the alert where `nightdesk run` was started."""

    channel: Literal["console"] = "console"
    name: Identifier = "console"


class WebhookReceiver(Contract):
    """Posts the alert as JSON, signed with HMAC-SHA256.

    The secret itself never stands in a definition: `secret_env` names the environment variable, or
    `secret_file` the file, that holds it.
    """

    channel: Literal["webhook"] = "webhook"
    name: Identifier = "webhook"
    url: HttpUrl
    secret_env: str | None = None
    secret_file: str | None = None
    timeout: Duration = timedelta(seconds=10)
    allow_private: bool = False

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        if (self.secret_env is None) == (self.secret_file is None):
            raise ValueError("a webhook is signed: give one of `secret_env` and `secret_file`")
        return self


class AtomReceiver(Contract):
    """Offers the alerts as an Atom feed at `/subscriptions/<id>.atom`, newest first."""

    channel: Literal["atom"] = "atom"
    name: Identifier = "atom"
    entries: int = Field(default=100, ge=1, le=1_000)


Receiver = Annotated[
    ConsoleReceiver | WebhookReceiver | AtomReceiver, Field(discriminator="channel")
]


class Subscription(Contract):
    """Takes alerts of the named `storylines`, or of those that carry one of `tags`; of all if neither
    is given.  `kinds` and `min_sources` narrow it further.

    Alerts of feeds are only for those who ask: by a kind of theirs in `kinds` or, where no kinds are named,
    by `feeds`.  They are taken of the named `feeds`, or of those that carry one of `tags`; of all if neither
    is given.
    """

    schema_version: Literal[1] = 1
    id: Identifier
    title: str = ""
    storylines: tuple[Identifier, ...] = ()
    tags: tuple[Identifier, ...] = ()
    feeds: tuple[Identifier, ...] = ()
    kinds: tuple[AlertKind, ...] = ()
    min_sources: int = Field(default=1, ge=1)
    receivers: tuple[Receiver, ...] = Field(min_length=1)
    enabled: bool = True

    @model_validator(mode="after")
    def _receivers_differ(self) -> Self:
        names = [receiver.name for receiver in self.receivers]
        if len(set(names)) < len(names):
            raise ValueError("two receivers of one subscription share a name: give each its own")
        return self

    @property
    def takes_feeds(self) -> bool:
        """Whether it asks for alerts of feeds."""
        return any(kind.is_of_feeds for kind in self.kinds) if self.kinds else bool(self.feeds)

    @property
    def takes_storylines(self) -> bool:
        """Whether it asks for alerts of storylines."""
        if self.kinds:
            return not all(kind.is_of_feeds for kind in self.kinds)
        return not self.feeds or bool(self.storylines or self.tags)
