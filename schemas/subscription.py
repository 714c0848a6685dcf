"""A subscription: which alerts go to which receivers, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.alert import AlertKind
from schemas.base import Contract, Duration, Identifier, Text
from schemas.intervals import Digest, QuietHours, TimeInterval
from schemas.matcher import Label, Matcher
from schemas.receivers import Receiver
from schemas.severity import Severity


class RateLimit(Contract):
    """At most so many notifications in any span of `per`; what is beyond is told together, once there is
    room again."""

    most: int = Field(ge=1, le=10_000)
    per: Duration = timedelta(hours=1)

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if not timedelta(seconds=1) <= self.per <= timedelta(days=7):
            raise ValueError("`per` lies between 1s and 7d")
        return self


class Inhibition(Contract):
    """While an alert that all of `by` hold for is open, those that all of `holds` hold for are not sent.

    With `equal` only where both have the same of these labels.  An alert never inhibits itself.
    """

    by: tuple[Matcher, ...] = Field(min_length=1)
    holds: tuple[Matcher, ...] = Field(min_length=1)
    equal: tuple[Label, ...] = ()


class Subscription(Contract):
    """Takes alerts of the named `storylines`, or of those that carry one of `tags`; of all if neither
    is given.  `kinds`, `min_severity`, `sources`, `languages`, `words` and `min_sources` narrow it further.

    Alerts of feeds are only for those who ask: by a kind of theirs in `kinds` or, where no kinds are named,
    by `feeds`.  They are taken of the named `feeds`, or of those that carry one of `tags`; of all if neither
    is given.  `gone_quiet` and `emerging` are for those who name them.

    Alerts that agree in the labels of `group_by` are told together; with none, each is told by itself.  A
    group that was told of nothing yet waits for `group_wait`, one that was for `group_interval` since; what
    stays open and unacknowledged is told again after `repeat_interval`.
    """

    schema_version: Literal[1] = 1
    id: Identifier
    title: str = ""
    storylines: tuple[Identifier, ...] = ()
    tags: tuple[Identifier, ...] = ()
    feeds: tuple[Identifier, ...] = ()
    kinds: tuple[AlertKind, ...] = ()
    min_severity: Severity = Severity.INFO
    sources: tuple[Text, ...] = ()
    languages: tuple[Text, ...] = ()
    words: tuple[Text, ...] = ()
    min_sources: int = Field(default=1, ge=1)
    receivers: tuple[Receiver, ...] = Field(min_length=1)
    enabled: bool = True
    group_by: tuple[Label, ...] = ()
    group_wait: Duration = timedelta(0)
    group_interval: Duration = timedelta(0)
    repeat_interval: Duration | None = None
    quiet_hours: tuple[QuietHours, ...] = ()
    mute_times: tuple[TimeInterval, ...] = ()
    digest: Digest | None = None
    rate_limit: RateLimit | None = None
    inhibit: tuple[Inhibition, ...] = ()

    @model_validator(mode="after")
    def _receivers_fit_together(self) -> Self:
        names = [receiver.name for receiver in self.receivers]
        if len(set(names)) < len(names):
            raise ValueError("two receivers of one subscription share a name: give each its own")
        if all(receiver.on_standby for receiver in self.receivers):
            raise ValueError("all receivers are on standby: nobody would be told")
        falls = {receiver.name: receiver.fallback for receiver in self.receivers}
        for name in names:
            if falls[name] is not None and falls[name] not in falls:
                raise ValueError(f"receiver {name} falls back to {falls[name]}, which is none here")
            seen, at = {name}, falls[name]
            while at is not None:
                if at in seen:
                    raise ValueError(f"receiver {name} falls back to itself, by way of others")
                seen.add(at)
                at = falls[at]
        return self

    @model_validator(mode="after")
    def _repeats_slowly(self) -> Self:
        if self.repeat_interval is not None and self.repeat_interval < timedelta(minutes=1):
            raise ValueError("`repeat_interval` is 1m at least")
        return self

    @property
    def takes_feeds(self) -> bool:
        """Whether it asks for alerts of feeds."""
        return any(kind.is_of_feeds for kind in self.kinds) if self.kinds else bool(self.feeds)

    @property
    def takes_storylines(self) -> bool:
        """Whether it asks for alerts of storylines."""
        if self.kinds:
            return any(kind.is_of_storylines for kind in self.kinds)
        return not self.feeds or bool(self.storylines or self.tags)

    @property
    def waits(self) -> bool:
        """Whether what it takes may have to wait: all else is sent at once."""
        return bool(
            self.group_by
            or self.group_wait
            or self.group_interval
            or self.repeat_interval
            or self.quiet_hours
            or self.digest
            or self.rate_limit
        )
