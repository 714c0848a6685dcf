"""What is measured of a report among those that its storyline remembers: the features of the model.

Comes in: likenesses (cosines of packed words), first impressions of what is remembered, event times.
Goes out: rows of `FIRST`, which need no opinion of anybody, and of `SECOND`, which ask the neighbours; for
all that is remembered at once (when a storyline settles), or for one newcomer (when it decides), who is
measured by what has settled.

A feature counts differently in different surroundings, so there are `CONTEXTS`: similarities of headlines
and of articles are different things, and where nothing comes near, little must do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.company import VOTERS, time, times, vote, votes
from nightdesk.storylines.flow import WALKS, Walked
from nightdesk.storylines.weights import brevities, brevity
from nightdesk.storylines.widened import Widening

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

TRUSTED = 0.5
"""Probability from which a remembered report counts as believed."""

_CLOSE_AT, _CLOSE_BY = -1.2, 0.5

_BEST = 3
_CORE_BEST = 5
_USUAL = -1.5
"""Logarithm of what exemplars have in common usually."""

_MOST_MASS = 10.0
_SHARE = 0.7
LEAST_ODDS = log(0.002 / 0.998)
"""A first impression is no surer than this, either way."""

NEAREST = max(VOTERS, *(walk.nearest for walk in WALKS))
"""Likenesses of a newcomer that anything asks for by their rank."""


@dataclass(frozen=True)
class Told:
    """What is known of the storyline: `mass` is the length of the sum of its exemplars, `alike` the mean
    cosine of an exemplar and the sum of the others, NaN where there are no others.
    """

    exemplars: int
    log_words: float
    mass: float
    days: Floats
    alike: float = float("nan")

    @property
    def share(self) -> float:
        """What one exemplar counts in the sum."""
        return self.mass / max(1, self.exemplars)

    def shown(self) -> tuple[float, float, float, float]:
        """Return what the number of exemplars and their likeness say: two, more, two alike, more alike."""
        two, more = float(self.exemplars == 2), float(self.exemplars >= 3)
        level = 0.0 if isnan(self.alike) else log(self.alike + EPSILON) - _USUAL
        return two, more, two * level, more * level


class Newcomer(NamedTuple):
    """A report to be measured: cosine to the profile, likeness to the `n` exemplars and to the `k` remembered
    reports, `near` as an array and as `reports`, of which `nearest` are the greatest.

    `days` is its event time in days, NaN where it has none; `rival` its cosine to the best rival, NaN
    where none is declared.
    """

    cosine: float
    texts: list[float]
    near: Floats
    reports: list[float]
    nearest: list[float]
    log_words: float
    days: float
    rival: float

    @classmethod
    def of(
        cls, cosine: float, met: Floats, texts: int, log_words: float, days: float, rival: float
    ) -> Newcomer:
        """Return a report that was compared with everybody: `texts` exemplars, then the reports."""
        everybody: list[float] = met.tolist()
        reports = everybody[texts:]
        # They are few: numbers of Python's own are quicker than arrays of them.
        nearest = sorted(reports, reverse=True)[:NEAREST]
        return cls(cosine, everybody[:texts], met[texts:], reports, nearest, log_words, days, rival)


@dataclass(frozen=True)
class Crowd:
    """`k` remembered reports, the same of each: `exemplars` is (k, n), `likeness` (k, k)."""

    cosine: Floats
    exemplars: Floats
    likeness: Floats
    log_words: Floats
    days: Floats
    rivals: Floats


def closeness(best: float) -> float:
    """Return the context `close` for a mean of the best cosines."""
    return (log(best + EPSILON) - _CLOSE_AT) / _CLOSE_BY


class Neighbourhood:
    """A storyline and what it remembers, measured once for all newcomers until it settles again.

    Of the crowd nothing is kept that is larger than a few numbers a report.
    """

    def __init__(self, told: Told, crowd: Crowd) -> None:
        self._told = told
        self._best = _greatest(crowd.cosine, _BEST)
        share, standing = told.share, _standing(crowd.cosine, self._best)
        # In the core a report counts by the second power of its standing, in the inner core by the fourth.
        square = standing * standing
        widening = Widening(told.mass, crowd.cosine, crowd.likeness)
        once = widening.by(square * share)
        self._inner_core = widening.by(square * square * share)
        standing = _standing(once.members, _greatest(once.members, _BEST))
        self._core = widening.by(standing * standing * share)
        self._core_best = _greatest(self._core.members, _CORE_BEST)
        self._reaching = np.array([self._core.weights, self._inner_core.weights])
        self._walked = Walked(WALKS, crowd.cosine * told.share, crowd.likeness)
        self._shown = told.shown()

    def first_of_all(self, crowd: Crowd) -> tuple[Floats, Floats]:
        """Return the rows of `FIRST` (k, 13) and `CONTEXTS` (k, 2) of the crowd that was measured."""
        top = log(_mean(self._best) + EPSILON)
        core_top = log(_mean(self._core_best) + EPSILON)
        # A rival may speak against; that none is near says nothing, for one may declare but few.
        rival = np.fmax(crowd.rivals, crowd.cosine)
        levels = np.array([crowd.cosine, self._core.members, self._inner_core.members, rival])
        level, core, inner_core, rivals = np.log(levels + EPSILON)
        table = np.empty((len(FIRST), len(crowd.cosine)))
        table[0] = level
        table[1:5].T[:] = self._shown
        table[5] = log(max(self._best, default=0.0) + EPSILON)
        table[6] = level - top
        table[7] = core
        table[8] = core - core_top
        table[9] = inner_core
        table[10:12] = self._walked.members
        table[12] = level - rivals
        contexts = np.empty((2, len(crowd.cosine)))
        contexts[0] = brevities(np.minimum(crowd.log_words, self._told.log_words))
        contexts[1] = closeness(_mean(self._best))
        return table.T, contexts.T

    def first_of(self, report: Newcomer) -> tuple[list[float], tuple[float, float]]:
        """Return the row of `FIRST` (13) and `CONTEXTS` (2) of a newcomer."""
        told, cosine = self._told, report.cosine
        level = log(cosine + EPSILON)
        best = _with(self._best, cosine, _BEST)
        top = _mean(best)
        to_core, to_inner = self._reaching.dot(report.near).tolist()
        core = self._core.met(cosine, to_core)
        core_top = _mean(_with(self._core_best, core, _CORE_BEST))
        link = cosine * told.share
        edges = (link, *report.reports)
        row = [
            level,
            *self._shown,
            log(best[0] + EPSILON),
            level - log(top + EPSILON),
            log(core + EPSILON),
            log((core + EPSILON) / (core_top + EPSILON)),
            log(self._inner_core.met(cosine, to_inner) + EPSILON),
            *self._walked.newcomer(edges, sorted((link, *report.nearest), reverse=True)),
            level - log((report.rival if report.rival > cosine else cosine) + EPSILON),
        ]
        return row, (brevity(min(report.log_words, told.log_words)), closeness(top))


class Opinions:
    """A neighbourhood with first impressions (k) of what is remembered."""

    def __init__(self, told: Told, crowd: Crowd, impressions: Floats) -> None:
        mass = float(impressions.dot(impressions))
        weights = impressions * impressions * (_SHARE * min(1.0, _MOST_MASS / max(mass, 1e-9)))
        widening = Widening(told.mass, crowd.cosine, crowd.likeness)
        self._learned = widening.by(weights)
        self._believed = ((impressions > TRUSTED) & ~np.isnan(crowd.days)).nonzero()[0]
        self._texts = crowd.exemplars.shape[1]
        self._trust = np.concatenate((np.ones(self._texts), impressions))
        self._known = len(told.days)
        self._days = np.concatenate((told.days, crowd.days.take(self._believed)))
        self._rising: list[float] = sorted(self._days.tolist())

    def second_of_all(self, crowd: Crowd, odds: Floats) -> Floats:
        """Return what `SECOND` has beside `FIRST` (k, 6); `odds` are the first layer's log-odds."""
        size = len(crowd.cosine)
        everybody = np.concatenate((crowd.exemplars, crowd.likeness), axis=1)
        everybody.reshape(-1)[self._texts :: everybody.shape[1] + 1] = 0.0
        profile = self._learned.members + EPSILON
        table = np.empty((len(SECOND) - len(FIRST), size))
        table[0] = np.log(profile)
        table[1] = np.log(profile / (crowd.cosine + EPSILON))
        table[2] = votes(everybody, self._trust)
        table[3] = np.minimum(np.maximum(odds, LEAST_ODDS), -LEAST_ODDS)
        table[4:] = self._times_of_all(crowd)
        return table.T

    def second_of(self, report: Newcomer, odds: float) -> list[float]:
        """Return what `SECOND` has beside `FIRST` (6) of a newcomer."""
        profile = self._learned.newcomer(report.cosine, report.near) + EPSILON
        everybody, nearest = (*report.texts, *report.reports), (*report.texts, *report.nearest)
        return [
            log(profile),
            log(profile / (report.cosine + EPSILON)),
            vote(everybody, nearest, self._trust.tolist()),
            min(-LEAST_ODDS, max(LEAST_ODDS, odds)),
            *time(self._rising, report.days),
        ]

    def _times_of_all(self, crowd: Crowd) -> tuple[Floats, Floats]:
        if not len(self._days):
            return np.zeros(len(crowd.days)), np.zeros(len(crowd.days))
        apart = np.abs(crowd.days[:, None] - self._days)
        # What is believed stands in the table too, and is not compared with itself.
        apart[self._believed, np.arange(self._known, len(self._days))] = np.nan
        return times(apart)


def _standing(values: Floats, best: Sequence[float]) -> Floats:
    """Return what share of the mean of the best each comes to, 1 at most."""
    result: Floats = np.minimum(1.0, values / max(_mean(best), 1e-6))
    return result


def _greatest(values: Floats, most: int) -> list[float]:
    return sorted(values.tolist(), reverse=True)[:most]


def _with(best: Sequence[float], value: float, most: int) -> list[float]:
    return sorted((*best, value), reverse=True)[:most]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
