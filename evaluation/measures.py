"""Measures of detection, from tables of what was judged, what is true, what was accepted and how surely.

Comes in: tables of stories by reports.  Goes out: `Measures`: for each story its F1, normalised cost,
precision, recall, average precision and calibration error; their means give each story the same say.
Pure.  A measure that divides by nothing is 0, as in scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FALSE_ALARM = 4.9
"""Price of the false alarm rate beside the miss rate: Topic Detection and Tracking, NIST (C_miss 1, C_fa .1,
P_target .02: .1 * .98 / (1 * .02) = 4.9)."""

BINS = 10
"""Bins of equal width for calibration."""


@dataclass(frozen=True)
class Measures:
    """One number a story for each measure.  `calibration_error` is NaN for what gives no probability."""

    f1: Floats
    cost: Floats
    precision: Floats
    recall: Floats
    average_precision: Floats
    calibration_error: Floats

    @property
    def stories(self) -> int:
        """How many stories there are."""
        return len(self.f1)

    def means(self) -> dict[str, float]:
        """The mean over stories, by measure."""
        return {f.name: float(np.mean(getattr(self, f.name))) for f in fields(self)}

    def spreads(self) -> dict[str, float]:
        """The standard deviation over stories, by measure."""
        return {f.name: float(np.std(getattr(self, f.name))) for f in fields(self)}


def measure(
    truth: Flags, judged: Flags, accepted: Flags, scores: Floats, *, calibrated: bool
) -> Measures:
    """Measure each story by the reports that are judged for it.

    `scores` rank them; where `calibrated` they are probabilities too.
    """
    hits = _count(truth & accepted & judged)
    taken = _count(accepted & judged)
    targets = _count(truth & judged)
    others = _count(~truth & judged)
    ranked, errors = [], []
    for row in range(len(truth)):
        seen = judged[row]
        ranked.append(average_precision(truth[row, seen], scores[row, seen]))
        errors.append(
            calibration_error(truth[row, seen], scores[row, seen]) if calibrated else np.nan
        )
    return Measures(
        f1=_share(2 * hits, taken + targets),
        cost=_share(targets - hits, targets) + FALSE_ALARM * _share(taken - hits, others),
        precision=_share(hits, taken),
        recall=_share(hits, targets),
        average_precision=np.array(ranked, dtype=np.float64),
        calibration_error=np.array(errors, dtype=np.float64),
    )


def average_precision(truth: Flags, scores: Floats) -> float:
    """Return the mean over targets of the precision where each is found; equal scores come at once."""
    targets = int(truth.sum())
    if not targets:
        return 0.0
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(truth[order])
    ends = _ends(scores[order])
    gained = np.diff(found[ends], prepend=0)
    return float(np.sum(gained * found[ends] / (ends + 1)) / targets)


@dataclass(frozen=True)
class Bin:
    """Reports whose probability lies in one bin: how many, what was predicted, what was observed."""

    count: int
    predicted: float
    observed: float


def reliability(truth: Flags, probabilities: Floats) -> list[Bin]:
    """Return the reliability diagram: one `Bin` of equal width after another, empty ones too."""
    place = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    counts = np.bincount(place, minlength=BINS)
    predicted = np.bincount(place, probabilities, minlength=BINS)
    observed = np.bincount(place, truth, minlength=BINS)
    return [
        Bin(int(n), float(p / n) if n else 0.0, float(o / n) if n else 0.0)
        for n, p, o in zip(counts, predicted, observed, strict=True)
    ]


def calibration_error(truth: Flags, probabilities: Floats) -> float:
    """Return the expected calibration error: how far predicted and observed lie apart, by bin."""
    bins = reliability(truth, probabilities)
    total = sum(each.count for each in bins)
    apart = sum(each.count * abs(each.predicted - each.observed) for each in bins)
    return apart / total if total else 0.0


def oracle_threshold(truth: Flags, judged: Flags, scores: Floats) -> float:
    """Return the threshold, one for all stories, with the best mean F1: chosen on the answers.

    A report is accepted from there on.  Each report that is accepted changes its story's F1 by a step;
    all steps of all stories, sorted by score, add up to the mean F1 at each threshold.
    """
    levels, steps = [], []
    for row in range(len(truth)):
        level, f1 = _f1_by_level(truth[row, judged[row]], scores[row, judged[row]])
        levels.append(level)
        steps.append(np.diff(f1, prepend=0.0))
    level, step = np.concatenate(levels), np.concatenate(steps)
    order = np.argsort(-level, kind="stable")
    ends = _ends(level[order])
    return float(level[order][ends][np.argmax(np.cumsum(step[order])[ends])])


def oracle_thresholds(truth: Flags, judged: Flags, scores: Floats) -> Floats:
    """Return for each story the threshold with its best F1: chosen on the answers."""
    best = []
    for row in range(len(truth)):
        level, f1 = _f1_by_level(truth[row, judged[row]], scores[row, judged[row]])
        best.append(level[np.argmax(f1)])
    return np.array(best, dtype=np.float64)


def _f1_by_level(truth: Flags, scores: Floats) -> tuple[Floats, Floats]:
    """Return the distinct scores, falling, and the F1 of accepting all from each on."""
    order = np.argsort(-scores, kind="stable")
    ends = _ends(scores[order])
    hits = np.cumsum(truth[order])[ends]
    f1 = 2.0 * hits / (ends + 1 + max(1, int(truth.sum())))
    return scores[order][ends], f1


def _ends(falling: Floats) -> NDArray[np.intp]:
    """Return where each run of equal values ends."""
    if not len(falling):
        return np.zeros(0, np.intp)
    return np.append(np.flatnonzero(falling[1:] != falling[:-1]), len(falling) - 1)


def _count(flags: Flags) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = flags.sum(axis=1, dtype=np.int64)
    return counts


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
