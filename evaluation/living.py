"""Lives through lessons: a storyline meets its stream as `decide` has it, and what the model was asked is
kept.

Comes in: lessons and a model.  Goes out: a `Lived` for each: rows of features with their labels, and what was
accepted at once and in the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from evaluation.lessons import Lesson
from nightdesk.storylines.decide import newcomer
from nightdesk.storylines.judging import bar_of
from nightdesk.storylines.memory import Memory
from nightdesk.storylines.model import Model, Opinion
from nightdesk.storylines.rethinking import logistic
from nightdesk.storylines.settle import due, settle

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass
class Lived:
    """What one lesson showed: rows of the second layer and their contexts when each report came, and
    once all had come.

    `at_once` and `settled` say what was accepted, by the bar of the moment; what was forgotten keeps
    its last decision.
    """

    tables: list[Floats]
    contexts: list[Floats]
    labels: list[Flags]
    at_once: Flags
    settled: Flags


def live(lesson: Lesson, model: Model) -> Lived:
    """Let a storyline meet its stream, as `decide` does, and write down what the model was asked."""
    storyline = lesson.storyline
    remembered = Memory()
    place = {report.article: at for at, report in enumerate(lesson.reports)}
    at_once = np.zeros(len(place), bool)
    last = np.zeros(len(place), bool)
    asked_of: list[Opinion] = []
    for at, report in enumerate(lesson.reports):
        measure = remembered.settled.measured(storyline)
        met = remembered.settled.met(storyline, report.terms)
        asked = newcomer(report, storyline, met)
        asked_of.append(model.judge(measure.hood, measure.opinions, asked))
        belief, impression = logistic(asked_of[-1].log_odds), logistic(asked_of[-1].impressed)
        bar = bar_of(storyline, [*remembered.beliefs, belief], at_once=True)
        at_once[at] = last[at] = belief >= bar.fits
        remembered = remembered.remember(
            report._replace(probability=round(belief, 6), impression=round(impression, 6)), met
        )
        if due(remembered) or at == len(lesson.reports) - 1:
            remembered, _ = settle(storyline, remembered, model, at=report.event_time)
            bar = bar_of(storyline, remembered.beliefs)
            for other in remembered.reports:
                last[place[other.article]] = other.probability >= bar.fits
    reports = remembered.settled.reports
    measure = remembered.settled.measured(storyline)
    crowd = remembered.settled.columns.crowd(measure.shown, remembered.settled.likeness)
    settled = model.weigh_all(measure.opinions, crowd, model.impress_all(measure.hood, crowd))
    truth = lesson.labels[[place[report.article] for report in reports]]
    return Lived(
        [_stacked([one.row for one in asked_of], settled.table), settled.table],
        [_stacked([one.contexts for one in asked_of], settled.contexts), settled.contexts],
        [lesson.labels, truth],
        at_once,
        last,
    )


def _stacked(rows: Sequence[Floats], like: Floats) -> Floats:
    return np.array(rows, np.float64).reshape(len(rows), like.shape[1])


def live_all(given: Sequence[Lesson], model: Model) -> list[Lived]:
    """Live through all lessons, in two processes."""
    with get_context("fork").Pool(2) as pool:
        return pool.starmap(live, [(lesson, model) for lesson in given], chunksize=8)


def f1(lesson: Lesson, accepted: Flags) -> float:
    """Return F1 of one lesson."""
    hits = (accepted & lesson.labels).sum()
    return float(2 * hits / max(1, accepted.sum() + lesson.labels.sum() + lesson.missed))
