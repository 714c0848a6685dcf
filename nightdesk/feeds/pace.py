"""Pace: how often a feed brings something new, as far as it can be told from its polls.  Pure.

Two rates are kept, in new entries an hour, each an average that forgets: one over hours, which follows a
burst and falls asleep with the desk behind the feed, and one over a week, which remembers in the night
that there will be a morning.  An average that began lately counts for no more than it has seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import Field

from schemas.base import Contract, UtcDatetime

_FAST, _SLOW = 3.0, 7 * 24.0
"""In hours: after so long what was seen counts for a third."""

_ASLEEP = 0.5
"""So much of its weekly rate is expected of a feed that has been silent for hours."""

_AT_FIRST = 0.25
"""In hours: a feed that is not known yet is taken for one that brings something new so often; the longer it
is silent from then on, the less is expected."""

_SURE = 0.5
"""In hours: an average is taken for seen through at least so long, so that one poll proves no burst."""


class Pace(Contract):
    """Averages as of `at`; `since` is when what they know begins."""

    fast: float = Field(ge=0)
    slow: float = Field(ge=0)
    since: UtcDatetime
    at: UtcDatetime

    def after(self, new: int, now: datetime) -> Pace:
        """Return the pace after a poll at `now` that brought `new` entries."""
        hours = _hours(now - self.at)
        return Pace(
            fast=self.fast * math.exp(-hours / _FAST) + new / _FAST,
            slow=self.slow * math.exp(-hours / _SLOW) + new / _SLOW,
            since=self.since,
            at=max(now, self.at),
        )

    def rate(self, now: datetime) -> float:
        """Return how many new entries an hour are to be expected from `now` on."""
        hours = _hours(now - self.at)
        known = _hours(now - self.since)
        fast = self.fast * math.exp(-hours / _FAST) / _seen(known, _FAST)
        slow = self.slow * math.exp(-hours / _SLOW) / _seen(known, _SLOW)
        return max(fast, _ASLEEP * slow, 1.0 / (_AT_FIRST + known))


def first_pace(moments: Iterable[datetime], now: datetime) -> Pace:
    """Return the pace that the dates of a first document tell, or that of a feed not known yet."""
    dated = sorted(moment for moment in moments if moment <= now)
    if len(dated) < 3:
        return Pace(fast=0.0, slow=0.0, since=now, at=now)
    ages = [_hours(now - moment) for moment in dated]
    return Pace(
        fast=sum(math.exp(-age / _FAST) for age in ages) / _FAST,
        slow=sum(math.exp(-age / _SLOW) for age in ages) / _SLOW,
        since=dated[0],
        at=now,
    )


def _seen(hours: float, window: float) -> float:
    """Return which share of its final weight an average has that began so long ago."""
    return 1.0 - math.exp(-max(hours, _SURE) / window)


def _hours(span: timedelta) -> float:
    return max(0.0, span.total_seconds() / 3600)
