"""When, on somebody's clock: days and times of day in an IANA zone, for quiet hours, mute times, digests and
silences that recur.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from schemas.alert import AlertKind
from schemas.base import Contract
from schemas.severity import Severity


class Weekday(StrEnum):
    """The days of a week, as ISO 8601 orders them."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        # A name that is a folder, or none at all, is told by the system in many ways.
        raise ValueError(
            f"not a time zone: {name!r}; write an IANA name, like Europe/Berlin or America/New_York"
        ) from None
    return name


Zone = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_is_zone)]
"""The name of a time zone in the IANA database, like `Europe/Berlin`."""

TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time on a clock on the wall, `HH:MM`."""

EndOfDay = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
"""A time at which something ends: `HH:MM`, or `24:00` for the end of the day."""

DayOfMonth = Annotated[int, Field(ge=-31, le=31)]
"""1 is the first day of a month, -1 its last."""


class Times(Contract):
    """From `start` until `end`, the end excluded.  An `end` not after `start` lies on the next day."""

    start: TimeOfDay
    end: EndOfDay


class TimeInterval(Contract):
    """Holds where everything that is given holds; what is not given always does.

    `weekdays`, `days_of_month` and `months` are those on which `times` start.  All is told on the wall
    clock of `zone`: a time that the clock skips in spring is the moment that it skips to, one that it
    shows twice in autumn holds both times.
    """

    times: tuple[Times, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    days_of_month: tuple[DayOfMonth, ...] = ()
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    zone: Zone = "UTC"

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if not (self.times or self.weekdays or self.days_of_month or self.months):
            raise ValueError(
                "says nothing of when: give `times`, `weekdays`, `days_of_month` or `months`"
            )
        if 0 in self.days_of_month:
            raise ValueError("a month has no day 0: count from 1, or from -1 for its last day")
        return self


class QuietHours(Contract):
    """From `start` until `end` on the wall clock of `zone` nothing is sent, but what is of at least the
    severity `passes`.  What was held is told afterwards, together.  `weekdays` are those on which they start.
    """

    start: TimeOfDay
    end: EndOfDay
    weekdays: tuple[Weekday, ...] = ()
    zone: Zone = "UTC"
    passes: Severity | None = Severity.CRITICAL


class Digest(Contract):
    """All that came since the last one, told together `at` a time on the wall clock of `zone`: every day, or
    once a week on the day `on`.

    `kinds` are told so, all kinds where none are named; what is of at least the severity `passes` is told
    at once.
    """

    every: Literal["day", "week"] = "day"
    at: TimeOfDay
    on: Weekday | None = None
    zone: Zone = "UTC"
    kinds: tuple[AlertKind, ...] = ()
    passes: Severity | None = None

    @model_validator(mode="after")
    def _has_its_day(self) -> Self:
        if (self.every == "week") is (self.on is None):
            raise ValueError("a weekly digest, and only that, names its day: `on: monday`")
        return self
