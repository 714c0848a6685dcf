"""Surges: far more reports of a storyline than its own past lets expect.

Comes in: the `Pace` of a storyline, and the event time of a further live report that copies none.  Goes
out: the pace after it, and the `Rate` where that is a surge.  What came within the last hours is held
against the rate before, which decays, so that a storyline that has become busier is not told of as busy for
ever.  It takes a number, a factor, and that chance would hardly ever bring as many; then it rests.

Chance is Poisson's, made wider by how much reports of this storyline come in clusters: a happening that
eight outlets tell is eight reports in an afternoon, and no surge where every happening is (the index of
dispersion, Cox and Lewis 1966).  Event times and not the moments of processing: a worker that was down
finds hours of news in a minute.  Pure.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Sequence
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

AHEAD = timedelta(days=7)
"""What lies so far ahead of what we see now was seen by a clock that has been set back since."""

MOST_RECENT = 1_000

CLUSTERS, OF = 1.0, 5.0
"""A storyline is taken to come in clusters, as news do, until it has shown otherwise: as if `OF` reports
had come that had so many others close before them."""


class Pace(Contract):
    """How many reports a storyline gets.

    `recent` are the event times of two windows, in order; the later window is what may be a surge.  `mass`
    counts the reports before it, each less the older it is, as of `as_of`; `near` how many others came
    close before them (less, the less close), likewise.  `since` is the first; `told_at` the event time of
    the last surge.
    """

    since: UtcDatetime | None = None
    as_of: UtcDatetime | None = None
    mass: float = 0.0
    near: float = 0.0
    recent: tuple[UtcDatetime, ...] = ()
    told_at: UtcDatetime | None = None

    def plus(self, when: datetime, heard: datetime | None = None) -> Pace:
        """Return the pace with a report of event time `when`, whatever the order in which they come.

        `heard` is when we saw it, which may be long after: a report of old times is no past that we lived.
        """
        heard = heard or when
        as_of = when if self.as_of is None else max(when, self.as_of)
        times = list(self.recent)
        insort(times, when)
        before, edge = (self.as_of or as_of) - WINDOW, as_of - WINDOW
        # Those that the window leaves behind, and one that comes too late for it.
        settled = [at for at, time in enumerate(times) if before <= time < edge]
        if when < before:
            settled.append(bisect_left(times, when))
        faded = _kept(as_of, self.as_of or as_of)
        kept = max(bisect_left(times, as_of - 2 * WINDOW), len(times) - MOST_RECENT)
        return Pace(
            since=heard if self.since is None else min(self.since, heard),
            as_of=as_of,
            mass=self.mass * faded + math.fsum(_kept(as_of, times[at]) for at in settled),
            near=self.near * faded
            + math.fsum(_kept(as_of, times[at]) * _near(times, at) for at in settled),
            recent=tuple(times[kept:]),
            told_at=self.told_at,
        )

    def by_the_clock(self, now: datetime) -> Pace:
        """Return the pace, or one that begins anew where it lies ahead: nothing could surge till then."""
        return Pace() if self.as_of is not None and self.as_of > now + AHEAD else self

    def reports(self) -> int:
        """Return how many came within the window."""
        if self.as_of is None:
            return 0
        return len(self.recent) - bisect_left(self.recent, self.as_of - WINDOW)

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

    def dispersion(self, expected: float) -> float:
        """Return how much wider than Poisson's the numbers of reports in a window are: variance over mean."""
        near = (self.near + OF * CLUSTERS) / (self.mass + OF)
        return max(1.0, 1.0 + 2.0 * near - expected)

    def surge(self) -> Rate | None:
        """Return the rate where that is a surge, whether or not one was told lately."""
        expected, reports = self.expected(), self.reports()
        if expected is None or reports < FEWEST or reports < FACTOR * expected:
            return None
        wide = self.dispersion(expected)
        if at_least(reports / wide, expected / wide) > CHANCE:
            return None
        return Rate(reports=reports, hours=_HOURS, expected=round(expected, 2))

    def rests(self) -> bool:
        """Whether a surge was told so lately that none is told now."""
        return (
            self.told_at is not None
            and self.as_of is not None
            and self.as_of - self.told_at < RESTS
        )


def at_least(reports: float, expected: float) -> float:
    """Return the probability of at least so many where `expected` come on average, after Poisson; between
    whole numbers, by the incomplete gamma function that it is (Abramowitz and Stegun, 6.5.29)."""
    if reports <= 0:
        return 1.0
    term = math.exp(reports * math.log(expected) - expected - math.lgamma(reports + 1))
    total, divisor = term, reports
    while term > total * 1e-12:
        divisor += 1
        term *= expected / divisor
        total += term
    return min(1.0, total)


def in_words(rate: Rate) -> str:
    """Return a rate as everything says it: "9 reports in 6 h, where 1.5 are usual"."""
    reports = "1 report" if rate.reports == 1 else f"{rate.reports or 'no'} reports"
    usual = round(rate.expected, 1 if rate.expected >= 1 else 2)
    are = "is" if usual == 1 else "are"
    return f"{reports} in {round(rate.hours, 1):g} h, where {usual:g} {are} usual"


_HOURS = WINDOW / timedelta(hours=1)


def _near(times: Sequence[datetime], at: int) -> float:
    """Return how many reports came within a window before one, each the less the further away."""
    first = bisect_left(times, times[at] - WINDOW)
    return math.fsum(1.0 - (times[at] - time) / WINDOW for time in times[first:at])


def _kept(now: datetime, then: datetime) -> float:
    """Return what a report of `then` still counts at `now`; of a time before it more than one."""
    return math.exp(-((now - then) / FADES))
