"""Fits the model: logistic regression over streams as storylines meet them, judged by the model itself.

Comes in: a folder of labelled files.  Goes out: `nightdesk/storylines/data/model.tsv`, and, with `--hold`,
how good a model is on files or stories that it never saw.  What is remembered depends on what was
decided before, so the streams are lived through several times, each time with the model of the time before
(Ross et al. 2011, DAgger).  Files count by how far their labels can be trusted, and in each all scenes and
all stories count alike.

    python -m evaluation.fit ../shared/data/dev > nightdesk/storylines/data/model.tsv
    python -m evaluation.fit ../shared/data/dev --hold
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from evaluation.lessons import SCENES, Lesson, lessons
from nightdesk.storylines.judging import asked_of, bar_of
from nightdesk.storylines.memory import Memory
from nightdesk.storylines.model import Layer, Model, format_model, probabilities, shipped_model
from nightdesk.storylines.neighbourhood import FIRST, SECOND, TRUSTED
from nightdesk.storylines.settle import SETTLE_AFTER, settle
from schemas import Decision

Floats = NDArray[np.float64]

ROUNDS = 3
_HORIZON_DAYS = 60
_SOFTEN = 3.0
"""Added to a story's number of reports, so that tiny stories do not outweigh all."""

_TRUST = {"sagas_es_fr": 0.2, "stories": 0.5}
"""What a file counts beside the others: the labels of the first are coarse, of the second not all right."""

_FOLDS = 4


@dataclass
class Lived:
    """What one lesson showed: second-layer features when each report came, and once all had come.

    `at_once` and `settled` say what was accepted, by the bar of the moment; what was forgotten keeps
    its last decision.
    """

    tables: list[Floats]
    briefs: list[Floats]
    labels: list[NDArray[np.bool_]]
    at_once: NDArray[np.bool_]
    settled: NDArray[np.bool_]


def live(lesson: Lesson, model: Model) -> Lived:
    """Let a storyline meet its stream, as `decide` does, and write down what the model was asked."""
    storyline = lesson.storyline
    memory = Memory()
    place = {report.article: at for at, report in enumerate(lesson.reports)}
    lived = Lived([], [], [], np.zeros(len(place), bool), np.zeros(len(place), bool))
    rows: list[Floats] = []
    briefs: list[Floats] = []
    for at, report in enumerate(lesson.reports):
        near = memory.shelf.likeness(report.terms)
        asked = asked_of(storyline, [report], near[None, :], np.array([-1]))
        impressed = model.impress(storyline.told, asked, memory.voters)
        weighed = model.weigh(storyline.told, asked, memory.voters, memory.impressions, impressed)
        belief = float(probabilities(weighed.log_odds)[0])
        impression = float(probabilities(impressed.log_odds)[0])
        rows.append(weighed.table)
        briefs.append(weighed.briefs)
        bar = bar_of(storyline, np.append(memory.beliefs, belief))
        lived.at_once[at] = lived.settled[at] = belief >= bar.fits
        known = replace(
            report,
            probability=round(belief, 6),
            impression=round(impression, 6),
            decision=Decision.NOT,
        )
        memory = memory.remember(known, near, horizon=timedelta(days=_HORIZON_DAYS))
        if belief >= TRUSTED or memory.unsettled >= SETTLE_AFTER:
            memory, _ = settle(storyline, memory, model, at=report.event_time)
            bar = bar_of(storyline, memory.beliefs)
            for other in memory.reports:
                lived.settled[place[other.article]] = other.probability >= bar.fits
    if rows:
        lived.tables.append(np.concatenate(rows))
        lived.briefs.append(np.concatenate(briefs))
        lived.labels.append(lesson.labels)
        asked = asked_of(storyline, memory.reports, memory.likeness, np.arange(len(memory.reports)))
        impressed = model.impress(storyline.told, asked, memory.voters)
        impressions = probabilities(impressed.log_odds)
        weighed = model.weigh(storyline.told, asked, memory.voters, impressions, impressed)
        lived.tables.append(weighed.table)
        lived.briefs.append(weighed.briefs)
        lived.labels.append(lesson.labels[[place[r.article] for r in memory.reports]])
    return lived


def regress(
    given: Sequence[Lesson],
    lived: Sequence[Sequence[Lived]],
    names: tuple[str, ...],
    strength: float,
) -> Layer:
    """Return the layer over the features `names`, the first of the tables."""
    scenes = Counter(lesson.scene for lesson in given)
    files = Counter(scene.file for scene in scenes)
    tables, labels, shares = [], [], []
    for lesson, versions in zip(given, lived, strict=True):
        file = lesson.scene.file
        share = _TRUST.get(file, 1.0) / scenes[lesson.scene] / files[file]
        share /= (lesson.labels.sum() + _SOFTEN) * len(versions)
        for one in versions:
            for table, briefs, truth in zip(one.tables, one.briefs, one.labels, strict=True):
                part = table[:, : len(names)]
                tables.append(
                    np.concatenate((part, part * briefs[:, None], briefs[:, None]), axis=1)
                )
                labels.append(truth)
                shares.append(np.full(len(truth), share / len(one.tables)))
    x, y, w = np.concatenate(tables), np.concatenate(labels), np.concatenate(shares)
    spread = x.std(axis=0) + 1e-9
    fitted = LogisticRegression(C=strength, max_iter=400).fit(
        x / spread, y, sample_weight=w / w.mean()
    )
    weights = fitted.coef_[0] / spread
    number = len(names)
    long = np.concatenate(([fitted.intercept_[0]], weights[:number]))
    brief = np.concatenate(([weights[-1]], weights[number : 2 * number]))
    return Layer(names, long, brief)


def fit(
    given: Sequence[Lesson], first: Model, *, rounds: int = ROUNDS, say: Callable[[str], object]
) -> Model:
    """Live through the lessons and fit, `rounds` times; each round keeps what the last two showed."""
    model = first
    seen: list[list[Lived]] = [[] for _ in given]
    for number in range(rounds):
        for versions, one in zip(seen, _live_all(given, model), strict=True):
            versions[:] = [*versions[-1:], one]
        say(f"round {number + 1}: {_line(given, [versions[-1] for versions in seen])}")
        layer = regress(given, seen, FIRST, 1.0)
        model = Model(layer, model.second)
        # The second layer sees what the new first layer makes of the same tables.
        model = Model(
            layer, regress(given, [[_again(v, layer) for v in vs] for vs in seen], SECOND, 0.3)
        )
    return model


def _again(lived: Lived, layer: Layer) -> Lived:
    tables = []
    for table, briefs in zip(lived.tables, lived.briefs, strict=True):
        before = probabilities(layer.log_odds(table[:, : len(FIRST)], briefs))
        odds = np.clip(before, 0.002, 0.998)
        renewed = table.copy()
        renewed[:, SECOND.index("before")] = before
        renewed[:, SECOND.index("before_odds")] = np.log(odds / (1 - odds))
        tables.append(renewed)
    return replace(lived, tables=tables)


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
        rivals = any(report.rival is not None for report in lesson.reports)
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

    given = [lesson for scene in SCENES for lesson in lessons(options.folder, scene)]
    say(f"{len(given)} lessons, {sum(len(lesson.reports) for lesson in given)} reports")
    start = shipped_model()
    if options.hold is None:
        sys.stdout.write(format_model(fit(given, start, rounds=options.rounds, say=say)))
        return
    parts = (
        [options.only]
        if options.only
        else sorted({g.scene.file for g in given})
        if options.hold == "files"
        else range(_FOLDS)
    )
    for part in parts:
        out = [g for g in given if part in (g.scene.file, _fold(g))]
        kept = [g for g in given if part not in (g.scene.file, _fold(g))]
        model = fit(kept, start, rounds=options.rounds, say=say)
        sys.stdout.write(f"held out: {part}\n{table_of(out, _live_all(out, model))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
