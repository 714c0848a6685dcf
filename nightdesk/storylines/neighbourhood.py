"""What is measured of a report among those that its storyline remembers: the features of the model.

Comes in: likenesses (cosines of packed words), first impressions of what is remembered, event times.
Goes out: rows of `FIRST`, which need no opinion of anybody, and of `SECOND`, which ask the neighbours; for
all that is remembered (when a storyline settles), or for one newcomer (when it decides), who is measured by
what has settled.

A feature counts differently in different surroundings, so there are `CONTEXTS`: similarities of headlines
and of articles are different things, and where nothing comes near, little must do.
"""

from __future__ import annotations

from array import array
from typing import NamedTuple

import cython
import numpy as np
from numpy.typing import NDArray

from nightdesk.numbers import Reals, Room, side_by_side
from nightdesk.storylines.brevity import brevity
from nightdesk.storylines.company import density, gap, vote
from nightdesk.storylines.flow import WALKS, walked
from nightdesk.storylines.greatest import MOST, greatest, insert, mean, mean_with, zeros
from nightdesk.storylines.widened import widened

if not cython.compiled:
    from math import isnan, log

Floats = NDArray[np.float64]

FIRST = (
    "likeness", "two_exemplars", "more_exemplars", "two_alike", "more_alike", "best", "standing", "core",
    "core_standing", "inner_core", "flow", "even_flow", "rival",
)  # fmt: skip
"""Features of the first layer, in order."""

SECOND = (*FIRST, "profile", "profile_gain", "vote", "before_odds", "time_gap", "time_density")
"""Features of the second layer, in order."""

CONTEXTS = ("brief", "close")
"""How brief the texts are, 0 to 1; how near the nearest come, 0 for a cosine of about .28."""

EPSILON = 0.02
"""Added to cosines before their logarithm."""

_EPSILON = EPSILON

TRUSTED = 0.5
"""Probability from which a remembered report counts as believed."""

_TRUSTED = TRUSTED

_CLOSE_AT, _CLOSE_BY = -1.2, 0.5

_BEST = 3
_CORE_BEST = 5
_LEAST_USUAL = 1e-6
_USUAL = -1.5
"""Logarithm of what exemplars have in common usually."""

_MOST_MASS = 10.0
_SHARE = 0.7
LEAST_ODDS = log(0.002 / 0.998)
"""A first impression is no surer than this, either way."""

_WIDTH, _FURTHER, _VOTE, _SUREST = len(SECOND), len(FIRST), len(FIRST) + 2, -LEAST_ODDS

_NEAREST = 5
"""Of so many of the nearest walks keep the edges, at the most."""


class Told(NamedTuple):
    """What is known of the storyline: `mass` is the length of the sum of its exemplars, `alike` the mean
    cosine of an exemplar and the sum of the others, NaN where there are no others.
    """

    exemplars: int
    log_words: float
    mass: float
    days: Floats
    alike: float = float("nan")


class Newcomer(NamedTuple):
    """A report to be measured: its cosine to the profile, and its likeness to everybody whom it `met`: first
    to the `texts` exemplars, then to the `k` remembered reports.

    `days` is its event time in days, NaN where it has none; `rival` its cosine to the best rival, NaN
    where none is declared.
    """

    cosine: float
    met: Reals
    texts: int
    log_words: float
    days: float
    rival: float


class Crowd(NamedTuple):
    """`k` remembered reports, the same of each: `exemplars` is (k, n), `likeness` (k, k)."""

    cosine: Floats
    exemplars: Floats
    likeness: Floats
    log_words: Floats
    days: Floats
    rivals: Floats


class Neighbourhood:
    """A storyline and what it remembers, measured once for all newcomers until it settles again.

    Of the crowd nothing is kept that is larger than a few numbers a report.
    """

    def __init__(self, told: Told, crowd: Crowd) -> None:
        exemplars = told.exemplars
        self.share = told.mass / max(1, exemplars)
        self.log_words = told.log_words
        level = 0.0 if isnan(told.alike) else log(told.alike + _EPSILON) - _USUAL
        self.two, self.more = float(exemplars == 2), float(exemplars >= 3)
        self.two_alike, self.more_alike = self.two * level, self.more * level
        rows, top = zeros(_BEST + _CORE_BEST), zeros(MOST)
        self.best, self.core_best = rows[:_BEST], rows[_BEST:]
        cosine, likeness = _flat(crowd.cosine), _flat(crowd.likeness)
        self.best_known = greatest(cosine, 0, len(cosine), _BEST, self.best)
        # In the core a report counts by the second power of its standing, in the inner core by the fourth.
        once = widened(
            told.mass, cosine, likeness, self.weights(cosine, self.best_known, self.best, 2)
        )
        self.inner_core = widened(
            told.mass, cosine, likeness, self.weights(cosine, self.best_known, self.best, 4)
        )
        members = once.members(cosine, likeness)
        known = greatest(members, 0, len(members), _BEST, top)
        self.core = widened(told.mass, cosine, likeness, self.weights(members, known, top, 2))
        members = self.core.members(cosine, likeness)
        self.core_known = greatest(members, 0, len(members), _CORE_BEST, self.core_best)
        links = zeros(len(cosine))
        for at in range(len(cosine)):
            links[at] = cosine[at] * self.share
        self.flow, self.even_flow = [walked(walk, links, likeness) for walk in WALKS]

    def weights(self, values: Reals, known: int, best: Reals, power: int) -> array[float]:
        """Return what each report counts: a power of what share of the mean of the best it comes to, 1 at
        the most.
        """
        usual = mean(best, known)
        usual = usual if usual > _LEAST_USUAL else _LEAST_USUAL
        counted = zeros(len(values))
        for at in range(len(values)):
            standing = values[at] / usual
            standing = standing if standing < 1.0 else 1.0
            weight = self.share
            for _ in range(power):
                weight *= standing
            counted[at] = weight
        return counted

    def first_of_all(self, crowd: Crowd, rows: Room, contexts: Room) -> None:
        """Write what `FIRST` has of the crowd that was measured into rows of `SECOND` (k * 19), and their
        `CONTEXTS` (k * 2).
        """
        cosine, log_words, rivals = _flat(crowd.cosine), _flat(crowd.log_words), _flat(crowd.rivals)
        likeness = _flat(crowd.likeness)
        core = self.core.members(cosine, likeness)
        inner_core = self.inner_core.members(cosine, likeness)
        flow, even_flow = self.flow.members(), self.even_flow.members()
        top, core_top = mean(self.best, self.best_known), mean(self.core_best, self.core_known)
        for at in range(len(cosine)):
            first = at * _WIDTH
            self.tell(rows, first, cosine[at], self.best[0], top, rivals[at])
            self.tell_core(rows, first, core[at], core_top, inner_core[at])
            rows[first + 10], rows[first + 11] = flow[at], even_flow[at]
            contexts[2 * at], contexts[2 * at + 1] = self.brief(log_words[at]), closeness(top)

    def first_of(self, report: Newcomer, row: Room) -> tuple[float, float]:
        """Write what `FIRST` has of a newcomer into a row of `SECOND`, and return its `CONTEXTS`."""
        cosine, met, texts = report.cosine, report.met, report.texts
        best = self.best[0] if self.best_known and self.best[0] > cosine else cosine
        usual = mean_with(self.best, self.best_known, _BEST, cosine)
        core = self.core.newcomer(cosine, met, texts)
        core_top = mean_with(self.core_best, self.core_known, _CORE_BEST, core)
        self.tell(row, 0, cosine, best, usual, report.rival)
        self.tell_core(row, 0, core, core_top, self.inner_core.newcomer(cosine, met, texts))
        link = cosine * self.share
        top = zeros(MOST)
        known = greatest(met, texts, len(met), _NEAREST, top)
        insert(top, known, _NEAREST, link)
        row[10] = self.flow.newcomer(link, met, texts, top)
        row[11] = self.even_flow.newcomer(link, met, texts, top)
        return self.brief(report.log_words), closeness(usual)

    def tell(
        self, row: Room, at: int, cosine: float, best: float, top: float, rival: float
    ) -> None:
        """Write what follows from a report's cosine."""
        level = log(cosine + _EPSILON)
        row[at] = level
        row[at + 1], row[at + 2] = self.two, self.more
        row[at + 3], row[at + 4] = self.two_alike, self.more_alike
        row[at + 5] = log(best + _EPSILON)
        row[at + 6] = level - log(top + _EPSILON)
        # A rival may speak against; that none is near says nothing, for one may declare but few.
        row[at + 12] = level - log(rival + _EPSILON) if rival > cosine else 0.0

    def tell_core(self, row: Room, at: int, core: float, top: float, inner_core: float) -> None:
        """Write how near the core comes."""
        row[at + 7] = log(core + _EPSILON)
        row[at + 8] = log(core + _EPSILON) - log(top + _EPSILON)
        row[at + 9] = log(inner_core + _EPSILON)

    def brief(self, log_words: float) -> float:
        """Return how brief a report is, or the storyline, if that is briefer."""
        return brevity(log_words if log_words < self.log_words else self.log_words)


class Opinions:
    """A neighbourhood with first impressions (k) of what is remembered."""

    def __init__(self, told: Told, crowd: Crowd, impressions: Floats) -> None:
        held, days, known = _flat(impressions), _flat(crowd.days), _flat(told.days)
        self.texts, self.told = crowd.exemplars.shape[1], len(known)
        size, mass = len(held), 0.0
        for at in range(size):
            mass += held[at] * held[at]
        share = _SHARE * min(1.0, _MOST_MASS / max(mass, 1e-9))
        weights, self.trust = zeros(size), zeros(self.texts + size)
        for at in range(self.texts):
            self.trust[at] = 1.0
        dated = self.told
        for at in range(size):
            weights[at] = share * held[at] * held[at]
            self.trust[self.texts + at] = held[at]
            dated += self.counts(at, days[at])
        self.days = zeros(dated)
        for at in range(self.told):
            self.days[at] = known[at]
        dated = self.told
        for at in range(size):
            if self.counts(at, days[at]):
                self.days[dated] = days[at]
                dated += 1
        self.learned = widened(told.mass, _flat(crowd.cosine), _flat(crowd.likeness), weights)

    def counts(self, report: int, days: float) -> bool:
        """Whether the time of a report is compared with that of others: it is known and believed."""
        return self.trust[self.texts + report] > _TRUSTED and not isnan(days)

    def second_of_all(self, crowd: Crowd, odds: Reals, rows: Room) -> None:
        """Write what `SECOND` has beside `FIRST` into its rows (k * 19); `odds` are the first layer's."""
        cosine, days = _flat(crowd.cosine), _flat(crowd.days)
        exemplars, likeness = _flat(crowd.exemplars), _flat(crowd.likeness)
        size, texts, dated = len(cosine), self.texts, self.told
        learned, met, top = self.learned.members(cosine, likeness), zeros(texts + size), zeros(MOST)
        for one in range(size):
            for at in range(texts):
                met[at] = exemplars[one * texts + at]
            for at in range(size):
                met[texts + at] = likeness[one * size + at] if at != one else 0.0
            self.tell(rows, one * _WIDTH, cosine[one], learned[one], odds[one])
            rows[one * _WIDTH + _VOTE] = vote(met, self.trust, top)
            # Nobody is compared with himself.
            counts = self.counts(one, days[one])
            self.tell_time(rows, one * _WIDTH, days[one], dated if counts else -1)
            dated += counts

    def second_of(self, report: Newcomer, odds: float, row: Room) -> None:
        """Write the same of a newcomer."""
        cosine, met = report.cosine, report.met
        self.tell(row, 0, cosine, self.learned.newcomer(cosine, met, self.texts), odds)
        row[_VOTE] = vote(met, self.trust, zeros(MOST))
        self.tell_time(row, 0, report.days, -1)

    def tell(self, row: Room, at: int, cosine: float, learned: float, odds: float) -> None:
        """Write what follows from the first impressions."""
        profile = log(learned + _EPSILON)
        row[at + _FURTHER] = profile
        row[at + _FURTHER + 1] = profile - log(cosine + _EPSILON)
        odds = odds if odds > -_SUREST else -_SUREST
        row[at + _FURTHER + 3] = odds if odds < _SUREST else _SUREST

    def tell_time(self, row: Room, at: int, days: float, itself: int) -> None:
        """Write how near in time others are that are believed; nothing of what has no date."""
        known = not isnan(days)
        row[at + _FURTHER + 4] = gap(self.days, days, itself) if known else 0.0
        row[at + _FURTHER + 5] = density(self.days, days, itself) if known else 0.0


def closeness(best: float) -> float:
    """Return the context `close` for a mean of the best cosines."""
    return (log(best + _EPSILON) - _CLOSE_AT) / _CLOSE_BY


def _flat(values: Floats) -> Reals:
    return side_by_side(values)
