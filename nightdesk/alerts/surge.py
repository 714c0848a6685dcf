"""Surges: far more reports of a storyline than its own past lets expect.

Comes in: the `Pace` of a storyline, and the event time of a further live report that copies none.  Goes
out: the pace after it, and the `Rate` where that is a surge.  What came within the last hours is held
against the rate before, which decays, so that a storyline that has become busier is not told of as busy for
ever.  It takes a number, a factor, and that chance (Poisson's) would hardly ever bring as many; then it
rests.  Event times and not the moments of processing: a worker that was down finds hours of news in a
minute.  Pure.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from datetime import datetime, timedelta

from schemas import Rate
from schemas.base import Contract, UtcDatetime

WINDOW = timedelta(hours=6)
"""Reports of so long are counted: a surge is seen while it goes on."""

FADES = timedelta(days=10)
"""The baseline forgets with this time constant: by half within a week."""

LEARNS = timedelta(days=2)
"""A storyline whose first report is younger than this, before the window, has no baseline yet."""

FEWEST, FACTOR, CHANCE = 5, 3.0, 1e-3
"""A surge takes so many reports, so many times the expected, and no more than this probability."""

RESTS = timedelta(hours=24)
"""So long after a surge there is none, by event time."""

MOST_RECENT = 500


class Pace(Contract):
    """How many reports a storyline gets: `recent` are the event times in the window, in order; `mass` the
    earlier ones, each counting less the older it is, as of `as_of`; `since` is the first; `told_at` the event
    time of the last surge."""

    since: UtcDatetime | None = None
    as_of: UtcDatetime | None = None
    mass: float = 0.0
    recent: tuple[UtcDatetime, ...] = ()
    told_at: UtcDatetime | None = None

    def plus(self, when: datetime) -> Pace:
        """Return the pace with a report of event time `when`, whatever the order in which they come."""
        times = list(self.recent)
        insort(times, when)
        as_of = times[-1] if self.as_of is None else max(times[-1], self.as_of)
        edge = max(bisect_left(times, as_of - WINDOW), len(times) - MOST_RECENT)
        mass = self.mass * _kept(as_of, self.as_of or as_of)
        mass += math.fsum(_kept(as_of, time) for time in times[:edge])
        return Pace(
            since=when if self.since is None else min(self.since, when),
            as_of=as_of,
            mass=mass,
            recent=tuple(times[edge:]),
            told_at=self.told_at,
        )

    def expected(self) -> float | None:
        """Return how many reports the window should hold; None where there is no baseline yet.

        One more than came is taken to have come, so that a quiet past is not taken for a promise.
        """
        if self.since is None or self.as_of is None:
            return None
        length = self.as_of - WINDOW - self.since
        if length < LEARNS:
            return None
        fades = FADES / timedelta(hours=1)
        lived = fades * -math.expm1(-(length / FADES))
        return (self.mass * _kept(self.as_of - WINDOW, self.as_of) + 1.0) / lived * _HOURS

    def surge(self) -> Rate | None:
        """Return the rate where that is a surge, whether or not one was told lately."""
        expected, reports = self.expected(), len(self.recent)
        if expected is None or reports < FEWEST or reports < FACTOR * expected:
            return None
        if at_least(reports, expected) > CHANCE:
            return None
        return Rate(reports=reports, hours=_HOURS, expected=round(expected, 2))

    def rests(self) -> bool:
        """Whether a surge was told so lately that none is told now."""
        return (
            self.told_at is not None
            and self.as_of is not None
            and self.as_of - self.told_at < RESTS
        )


def at_least(reports: int, expected: float) -> float:
    """Return the probability of at least so many where `expected` come on average, after Poisson."""
    if reports <= 0:
        return 1.0
    fewer = math.fsum(
        math.exp(n * math.log(expected) - expected - math.lgamma(n + 1)) for n in range(reports)
    )
    return max(0.0, 1.0 - fewer)


def say(rate: Rate) -> str:
    """Return it in words: "surge: 9 reports within 6 h, where 1.5 are usual"."""
    return (
        f"surge: {rate.reports} reports within {rate.hours:g} h, where {rate.expected:g} are usual"
    )


_HOURS = WINDOW / timedelta(hours=1)


def _kept(now: datetime, then: datetime) -> float:
    """Return what a report of `then` still counts at `now`; of a time before it more than one."""
    return math.exp(-((now - then) / FADES))
