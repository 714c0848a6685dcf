"""What is measured of a report among those that its storyline remembers: the features of the model.

Comes in: likenesses (cosines of packed words), first impressions of what is remembered, event times.
Goes out: two tables, a row a report: `first`, which needs no opinion of anybody, and `second`, which
asks the neighbours.  One report or all remembered ones at once: the same numbers come out.

Every feature is there twice for the model: as it is, and times `briefness`, since similarities of
headlines and of whole articles are different things.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightdesk.storylines.flow import flows

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

FIRST = (
    "likeness", "nearest", "length", "exemplar_length", "alike", "two_exemplars", "more_exemplars",
    "among_best_3", "among_best_8", "core_3", "core_6", "core_likeness", "flow", "even_flow", "crowd",
    "rival",
)  # fmt: skip
"""Features of `first`, in order."""

SECOND = (
    *FIRST,
    "profile", "profile_gain", "vote", "nearest_ratio", "group_ratio", "accepted", "before", "before_odds",
    "time_gap", "time_density",
)  # fmt: skip
"""Features of `second`, in order."""

EPSILON = 0.02
"""Added to cosines before their logarithm."""

MIDDLING = 5.0
"""ln(1 + words) of a text of 150 words: lengths are told from here."""

_BRIEF, _LONG = np.log1p(30.0), np.log1p(120.0)

TRUSTED = 0.5
"""Probability from which a remembered report extends the profile and counts as accepted."""

_MOST_MASS = 10.0
_SHARE = 0.7
_EDGE = 0.002
_NEVER = 9999.0
_DAYS = 3.0


@dataclass(frozen=True)
class Told:
    """What is known of the storyline: `likeness` of its exemplars among each other, `mass` of their sum."""

    exemplars: int
    log_words: float
    alike: float
    mass: float
    days: Floats


@dataclass(frozen=True)
class Asked:
    """`m` reports: cosine to the profile, to `n` exemplars (m, n), to `k` remembered reports (m, k).

    `mine` says which of the remembered ones each report is itself, -1 for none; `days` is its event time
    in days, NaN where it has none; `rivals` its cosine to the best rival, NaN where none is declared.
    """

    cosine: Floats
    exemplars: Floats
    remembered: Floats
    mine: Numbers
    log_words: Floats
    days: Floats
    rivals: Floats


@dataclass(frozen=True)
class Voters:
    """`k` remembered reports: cosine to the profile, likeness among each other (k, k), days."""

    cosine: Floats
    likeness: Floats
    days: Floats


def briefness(told: Told, asked: Asked) -> Floats:
    """Return 1 where the report or the exemplars have at most 30 words, 0 from 120 words on."""
    return brevity(np.minimum(asked.log_words, told.log_words))


def brevity(log_words: Floats | float) -> Floats:
    """Return 1 for texts of at most 30 words, 0 from 120 words on; ln(1 + words) comes in."""
    result: Floats = np.clip((_LONG - log_words) / (_LONG - _BRIEF), 0.0, 1.0)
    return result


def first(told: Told, asked: Asked, voters: Voters) -> Floats:
    """Return the table of `FIRST`: (m, 16)."""
    cosine = asked.cosine
    size = len(cosine)
    one = np.ones(size)
    level = np.log(cosine + EPSILON)
    nearest = asked.exemplars.max(axis=1)
    others = _others(asked)
    seen = np.where(others, voters.cosine[None, :], 0.0)
    with_own = np.concatenate((cosine[:, None], seen), axis=1)
    best = -np.sort(-with_own, axis=1)
    around = np.where(others, asked.remembered, 0.0)
    near = _mean_of_best(np.concatenate((asked.exemplars, around), axis=1), 5, asked.mine >= 0)
    by_cosine = np.argsort(-seen, axis=1, kind="stable")
    core = [_core(asked.exemplars, around, others, by_cosine[:, :most]) for most in (3, 6)]
    share = told.mass / max(1, told.exemplars)
    flow = flows(
        voters.cosine * share, voters.likeness, cosine * share, asked.remembered, asked.mine
    )
    declared = ~np.isnan(asked.rivals)
    # A rival may speak against; that none is near says nothing, for one may declare but few.
    rival = np.where(declared, np.maximum(asked.rivals, cosine), cosine)
    columns = (
        level,
        np.log(nearest + EPSILON),
        asked.log_words - MIDDLING,
        one * (told.log_words - MIDDLING),
        one * told.alike,
        one * (told.exemplars == 2),
        one * (told.exemplars >= 3),
        level - np.log(_filled_mean(best, 3) + EPSILON),
        level - np.log(_filled_mean(best, 8) + EPSILON),
        np.log((core[0] + EPSILON) / (near + EPSILON)),
        np.log((core[1] + EPSILON) / (near + EPSILON)),
        np.log(core[1] + EPSILON),
        *flow.T,
        np.log1p(np.count_nonzero(others, axis=1)),
        np.log((cosine + EPSILON) / (rival + EPSILON)),
    )
    return np.stack(columns, axis=1)


def second(
    told: Told, asked: Asked, voters: Voters, impressions: Floats, table: Floats, before: Floats
) -> Floats:
    """Return the table of `SECOND`: (m, 26).

    `impressions` are the remembered reports' probabilities by the first layer, `table` what `first`
    returned for the asked ones, `before` the probability that the first layer made of it.
    """
    others = _others(asked)
    around = np.where(others, asked.remembered, 0.0)
    held = np.where(others, impressions[None, :], 0.0)
    nearest = asked.exemplars.max(axis=1)
    everybody = np.concatenate((asked.exemplars, around), axis=1)
    trust = np.concatenate((np.ones_like(asked.exemplars), held), axis=1)
    friend = np.maximum(nearest, _best(around * held))
    stranger = _best(around * (1.0 - held))
    profile = _extended(told, asked, voters, held, around)
    own = asked.mine >= 0
    group = _mean_of_best(everybody * trust, 3, own)
    apart = _mean_of_best(everybody * (1.0 - trust), 3, own)
    odds = np.clip(before, _EDGE, 1.0 - _EDGE)
    gap, density = _times(told, asked, voters, held)
    columns = (
        np.log(profile + EPSILON),
        np.log((profile + EPSILON) / (asked.cosine + EPSILON)),
        _vote(everybody, trust),
        np.log((friend + EPSILON) / (stranger + EPSILON)),
        np.log((group + EPSILON) / (apart + EPSILON)),
        np.log1p(held.sum(axis=1)),
        before,
        np.log(odds / (1.0 - odds)),
        gap,
        density,
    )
    return np.concatenate((table, np.stack(columns, axis=1)), axis=1)


def _others(asked: Asked) -> NDArray[np.bool_]:
    """Say which of the remembered reports are not the asked one itself: (m, k)."""
    numbers = np.arange(asked.remembered.shape[1])
    result: NDArray[np.bool_] = numbers[None, :] != asked.mine[:, None]
    return result


def _best(values: Floats) -> Floats:
    return values.max(axis=1) if values.shape[1] else np.zeros(len(values))


def _mean_of_best(values: Floats, most: int, own: NDArray[np.bool_]) -> Floats:
    """Return the mean of the `most` greatest of each row; where there are fewer, of all.

    `own` says which rows have a column for the asked report itself, at zero: it does not count.
    """
    width = values.shape[1]
    counted = np.minimum(most, width - own)
    if width > most:
        values = np.partition(values, width - most, axis=1)[:, width - most :]
    result: Floats = values.sum(axis=1) / np.maximum(1, counted)
    return result


def _filled_mean(best: Floats, most: int) -> Floats:
    """Return the mean of the first `most` of each falling row, leaving out zeros."""
    head = best[:, :most]
    filled = np.maximum(1, np.count_nonzero(head, axis=1))
    result: Floats = head.sum(axis=1) / filled
    return result


def _core(exemplars: Floats, around: Floats, others: NDArray[np.bool_], chosen: Numbers) -> Floats:
    """Return the mean likeness to the exemplars and to the remembered reports nearest to the profile."""
    near = np.take_along_axis(around, chosen, axis=1).sum(axis=1)
    count = np.take_along_axis(others, chosen, axis=1).sum(axis=1)
    result: Floats = (exemplars.sum(axis=1) + near) / (exemplars.shape[1] + count)
    return result


def _extended(told: Told, asked: Asked, voters: Voters, held: Floats, around: Floats) -> Floats:
    """Return the cosine to the exemplars' sum with what was confidently accepted added, up to a cap.

    Nothing is stored: a report that is no longer believed no longer counts.
    """
    weight = np.where(held > TRUSTED, held * held, 0.0)
    total = weight.sum(axis=1, keepdims=True)
    weight *= _SHARE * np.minimum(1.0, _MOST_MASS / np.maximum(total, 1e-9))
    mass = told.mass
    product = asked.cosine * mass + (weight * around).sum(axis=1)
    between = 2.0 * mass * (weight @ voters.cosine)
    among = ((weight @ voters.likeness) * weight).sum(axis=1)
    # A report's likeness to itself is one, but for the words that were too light to keep.
    result: Floats = product / np.sqrt(np.maximum(mass * mass + between + among, EPSILON))
    return result


def _vote(everybody: Floats, trust: Floats) -> Floats:
    """Return the share of the five nearest that is believed, the nearer the weightier."""
    width = everybody.shape[1]
    if width > 5:
        nearest = np.argpartition(everybody, width - 5, axis=1)[:, width - 5 :]
        everybody = np.take_along_axis(everybody, nearest, axis=1)
        trust = np.take_along_axis(trust, nearest, axis=1)
    square = everybody**2
    result: Floats = (square * trust).sum(axis=1) / (square.sum(axis=1) + 1e-4)
    return result


def _times(told: Told, asked: Asked, voters: Voters, held: Floats) -> tuple[Floats, Floats]:
    """Return how far in time the nearest accepted report or exemplar is, and how many are within days."""
    accepted = np.where(held > TRUSTED, voters.days[None, :], np.nan)
    days = np.broadcast_to(told.days, (len(asked.days), len(told.days)))
    apart = np.abs(np.concatenate((days, accepted), axis=1) - asked.days[:, None])
    apart = np.where(np.isnan(apart), _NEVER, apart)
    gap = apart.min(axis=1, initial=_NEVER)
    known = gap < _NEVER
    density = np.where(known, np.log1p((apart < _DAYS).sum(axis=1)), 0.0)
    return np.where(known, np.log1p(gap) - 1.0, 0.0), density
