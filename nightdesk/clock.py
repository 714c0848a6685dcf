"""The clock, passed in wherever time is told.  Only a composition root builds `SystemClock`, and chooses
what counts the seconds that work takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

Ticks = Callable[[], float]
"""Returns seconds since some moment of its own, never fewer than before: what durations are measured by."""


class Clock(Protocol):
    """Tells the present moment, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until it is set: for replays, simulations and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment last set."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Move to `moment`, forwards or backwards."""
        self._now = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move forwards by `by`."""
        self._now += by
