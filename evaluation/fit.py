"""Fits the model: logistic regression over streams as storylines meet them, judged by the model itself.

Comes in: a folder of labelled files.  Goes out: `nightdesk/storylines/data/model.tsv`, and, with `--hold`,
how good a model is on files or stories that it never saw.  What is remembered depends on what was
decided before, so the streams are lived through several times, each time with the model of the time before
(Ross et al. 2011, DAgger).  Files count by how far their labels can be trusted, and in each all scenes and
all stories count alike.

    python -m evaluation.fit ../shared/data/dev > nightdesk/storylines/data/model.tsv
    python -m evaluation.fit ../shared/data/dev --hold stories|files [--only FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from evaluation.command import run
from evaluation.lessons import SCENES, Lesson, lessons
from nightdesk.storylines import columns
from nightdesk.storylines.decide import newcomer
from nightdesk.storylines.judging import bar_of
from nightdesk.storylines.memory import Memory
from nightdesk.storylines.model import NUMBERS, STRAIGHT, Layer, Model, Opinion, format_model
from nightdesk.storylines.neighbourhood import FIRST, LEAST_ODDS, SECOND
from nightdesk.storylines.rethinking import logistic
from nightdesk.storylines.settle import due, settle

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ROUNDS = 3

_BELIEVED, _NEAR = 64, 48
"""The reports that a storyline remembers while it learns: more than later, since a model that saw but
few of a saga's reports accepts fewer of them (F1 of undated sagas .71 instead of .76)."""

_SOFTEN = 3.0
"""Added to a story's number of reports, so that tiny stories do not outweigh all."""

_TRUST = {"sagas_es_fr": 0.3, "stories": 0.5, "twins": 2.0}
"""What a file counts beside the others: the labels of the first are coarse, of the second not all right;
to tell twins apart is what the engine is for."""

_VIEWS = 0.5
"""A file that is shown in many views counts more than one, but not as often."""

_FIRST_STRENGTH, _SECOND_STRENGTH = 1.0, 0.1
_CONSTANT = 1e-7

_BENDS_AT = (0.3, 0.6, 0.9)
"""Shares of all values of a feature below its bends."""

_FOLDS = 4


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


def regress(
    given: Sequence[Lesson],
    lived: Sequence[Sequence[Lived]],
    names: tuple[str, ...],
    strength: float,
) -> Layer:
    """Return the layer over the features `names`, the first of the tables."""
    scenes = Counter(lesson.scene for lesson in given)
    files = Counter(scene.file for scene in scenes)
    rows, surroundings, labels, shares = [], [], [], []
    for lesson, versions in zip(given, lived, strict=True):
        file = lesson.scene.file
        share = _TRUST.get(file, 1.0) / scenes[lesson.scene] / files[file] ** _VIEWS
        share /= (lesson.labels.sum() + _SOFTEN) * len(versions)
        for one in versions:
            for table, contexts, truth in zip(one.tables, one.contexts, one.labels, strict=True):
                rows.append(table[:, : len(names)])
                surroundings.append(contexts)
                labels.append(truth)
                shares.append(np.full(len(truth), share / len(one.tables)))
    table, y, w = np.concatenate(rows), np.concatenate(labels), np.concatenate(shares)
    bends = _bends(table)
    x = _design(table, np.concatenate(surroundings), bends)
    spread = x.std(axis=0)
    spread[spread < _CONSTANT] = 1.0
    fitted = LogisticRegression(C=strength, max_iter=600).fit(
        x / spread, y, sample_weight=w / w.mean()
    )
    found = fitted.coef_[0] / spread
    straight = STRAIGHT * (1 + len(names))
    weights = np.zeros((1 + len(names), NUMBERS))
    weights[:, :STRAIGHT] = found[:straight].reshape(STRAIGHT, 1 + len(names)).T
    weights[0, 0] += fitted.intercept_[0]
    beyond = iter(found[straight:].tolist())
    for row, values in zip(weights[1:], bends, strict=True):
        told = [number for value in values for number in (value, next(beyond))]
        row[STRAIGHT : STRAIGHT + len(told)] = told
    return Layer(names, weights)


def _bends(table: Floats) -> list[list[float]]:
    """Return where each feature bends: none at its least and at its greatest value, and none twice."""
    found = []
    for column in table.T:
        values = np.unique(np.quantile(column, _BENDS_AT).round(4)).tolist()
        least, most = column.min(), column.max()
        found.append([value for value in values if least < value < most])
    return found


def _design(table: Floats, contexts: Floats, bends: Sequence[Sequence[float]]) -> Floats:
    """Return the rows as they are, then times each context, then what is beyond each bend; a one stands
    before the features.
    """
    based = np.concatenate((np.ones((len(table), 1)), table), axis=1)
    beyond = [
        np.maximum(0.0, column - value)[:, None]
        for column, values in zip(table.T, bends, strict=True)
        for value in values
    ]
    return np.concatenate([based, *(based * part[:, None] for part in contexts.T), *beyond], axis=1)


def fit(
    given: Sequence[Lesson],
    began: Sequence[Lived],
    *,
    rounds: int = ROUNDS,
    say: Callable[[str], object],
) -> Model:
    """Live through the lessons and fit, `rounds` times; each round keeps what the last two showed.

    `began` is what they showed to the first model, the `blank` one.
    """
    model = blank()
    seen: list[list[Lived]] = [[] for _ in given]
    for number in range(rounds):
        for versions, one in zip(seen, _live_all(given, model) if number else began, strict=True):
            versions[:] = [*versions[-1:], one]
        say(f"round {number + 1}: {_line(given, [versions[-1] for versions in seen])}")
        layer = regress(given, seen, FIRST, _FIRST_STRENGTH)
        # The second layer sees what the new first layer makes of the same tables.
        again = [[_again(version, layer) for version in versions] for versions in seen]
        model = Model(layer, regress(given, again, SECOND, _SECOND_STRENGTH))
    return model


def _again(lived: Lived, layer: Layer) -> Lived:
    tables = []
    for table, contexts in zip(lived.tables, lived.contexts, strict=True):
        renewed = table.copy()
        odds = layer.log_odds(table[:, : len(FIRST)], contexts)
        renewed[:, SECOND.index("before_odds")] = np.clip(odds, LEAST_ODDS, -LEAST_ODDS)
        tables.append(renewed)
    return replace(lived, tables=tables)


def blank() -> Model:
    """Return the model to begin with: the words in common alone."""

    def layer(names: tuple[str, ...]) -> Layer:
        weights = np.zeros((1 + len(names), NUMBERS))
        weights[0, 0], weights[1 + names.index("likeness"), 0] = 2.0, 2.0
        return Layer(names, weights)

    return Model(layer(FIRST), layer(SECOND))


def _live_all(given: Sequence[Lesson], model: Model) -> list[Lived]:
    with get_context("fork").Pool(2) as pool:
        return pool.starmap(live, [(lesson, model) for lesson in given], chunksize=8)


def f1(lesson: Lesson, accepted: NDArray[np.bool_]) -> float:
    """Return F1 of one lesson."""
    hits = (accepted & lesson.labels).sum()
    return float(2 * hits / max(1, accepted.sum() + lesson.labels.sum() + lesson.missed))


def _line(given: Sequence[Lesson], lived: Sequence[Lived]) -> str:
    once = np.mean([f1(g, one.at_once) for g, one in zip(given, lived, strict=True)])
    last = np.mean([f1(g, one.settled) for g, one in zip(given, lived, strict=True)])
    return f"F1 at once {once:.3f}, settled {last:.3f}"


def table_of(given: Sequence[Lesson], lived: Sequence[Lived]) -> str:
    """Return mean F1 ± its spread over stories by file, view, exemplars, rivals: at once, settled."""
    grouped: dict[tuple[str, int, bool], list[int]] = defaultdict(list)
    for at, lesson in enumerate(given):
        scene = lesson.scene
        shown = f"{scene.file}, {scene.view}, {'dated' if scene.dated else 'undated'}"
        rivals = lesson.rivals
        grouped[shown, lesson.storyline.told.exemplars, rivals].append(at)
    lines = [
        "| file, view | examples | rivals | stories | F1 at once | F1 settled |",
        "|---|---|---|---|---|---|",
    ]
    for (shown, number, rivals), places in sorted(grouped.items()):
        cells = []
        for name in ("at_once", "settled"):
            scores = [f1(given[at], getattr(lived[at], name)) for at in places]
            cells.append(f"{np.mean(scores):.2f} ± {np.std(scores):.2f}")
        told = "yes" if rivals else "no"
        lines.append(f"| {shown} | {number} | {told} | {len(places)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _fold(lesson: Lesson) -> int:
    return int(hashlib.sha256(lesson.topic.encode()).hexdigest(), 16) % _FOLDS


def main() -> None:
    """Fit on all files of a folder, or hold stories and files out."""
    parser = argparse.ArgumentParser(description="Fit the model of the storyline engine.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hold", choices=("stories", "files"), help="judge on what was held out")
    parser.add_argument("--only", help="hold out this file alone")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()

    def say(text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    columns.BELIEVED, columns.NEAR = _BELIEVED, _NEAR
    given = [lesson for scene in SCENES for lesson in lessons(options.folder, scene)]
    say(f"{len(given)} lessons, {sum(len(lesson.reports) for lesson in given)} reports")
    began = _live_all(given, blank())
    if options.hold is None:
        sys.stdout.write(format_model(fit(given, began, rounds=options.rounds, say=say)))
        return
    parts = (
        [options.only]
        if options.only
        else sorted({g.scene.file for g in given})
        if options.hold == "files"
        else range(_FOLDS)
    )
    unseen: list[Lesson] = []
    lived: list[Lived] = []
    for part in parts:
        out = [g for g in given if part in (g.scene.file, _fold(g))]
        places = [at for at, g in enumerate(given) if part not in (*g.kin, _fold(g))]
        kept, shown = [given[at] for at in places], [began[at] for at in places]
        model = fit(kept, shown, rounds=options.rounds, say=say)
        unseen += out
        lived += _live_all(out, model)
        say(f"held out: {part}\n{table_of(unseen, lived)}")
    sys.stdout.write(f"{table_of(unseen, lived)}\n")


if __name__ == "__main__":
    run(main)
