"""Fits the model: logistic regression over streams as storylines meet them, judged by the model itself.

Comes in: a folder of labelled files.  Goes out: `nightdesk/storylines/data/model.tsv`, and, with `--hold`,
how good a model is on files or stories that it never saw.  What is remembered depends on what was
decided before, so the streams are lived through several times, each time with the model of the time before
(Ross et al. 2011, DAgger).

    python -m evaluation.fit ../shared/data/dev > nightdesk/storylines/data/model.tsv
    python -m evaluation.fit ../shared/data/dev --without FILE > other_model.tsv
    python -m evaluation.fit ../shared/data/dev --hold stories|files [--only FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from evaluation.command import run
from evaluation.lessons import SCENES, Lesson, lessons
from evaluation.living import Lived, f1, live_all
from evaluation.regression import gathered, regress, usual
from nightdesk.storylines import columns
from nightdesk.storylines.model import NUMBERS, Layer, Model, format_model
from nightdesk.storylines.neighbourhood import FIRST, LEAST_ODDS, SECOND

ROUNDS = 3

_FIRST_STRENGTH, _SECOND_STRENGTH = 1.0, 0.1

_BELIEVED, _NEAR = 64, 48
"""The reports that a storyline remembers while it learns: more than later, since a model that saw but
few of a saga's reports accepts fewer of them (F1 of undated sagas .71 instead of .76)."""

_FOLDS = 4


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
        for versions, one in zip(seen, live_all(given, model) if number else began, strict=True):
            versions[:] = [*versions[-1:], one]
        say(f"round {number + 1}: {_line(given, [versions[-1] for versions in seen])}")
        layer = regress(gathered(given, seen), FIRST, _FIRST_STRENGTH)
        # The second layer sees what the new first layer makes of the same tables.
        again = [[_again(version, layer) for version in versions] for versions in seen]
        asked = gathered(given, again)
        model = Model(layer, regress(asked, SECOND, _SECOND_STRENGTH))
    return replace(model, usual=usual(model, asked))


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
    parser.add_argument(
        "--without", help="fit without this file, and without whatever holds its reports"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()

    def say(text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    columns.BELIEVED, columns.NEAR = _BELIEVED, _NEAR
    given = [
        lesson
        for scene in SCENES
        for lesson in lessons(options.folder, scene)
        if options.without not in lesson.kin
    ]
    say(f"{len(given)} lessons, {sum(len(lesson.reports) for lesson in given)} reports")
    began = live_all(given, blank())
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
        lived += live_all(out, model)
        say(f"held out: {part}\n{table_of(unseen, lived)}")
    sys.stdout.write(f"{table_of(unseen, lived)}\n")


if __name__ == "__main__":
    run(main)
