"""Lessons for the model: labelled files in several views, and each story's stream as its storyline meets it.

Comes in: a folder of labelled files.  Goes out: `Lesson`s: a compiled storyline, the reports that come near
it in the order of the stream, and which of them belong to it.  Files are shown whole, by their leads and
by their titles, with dates and without, since training decides what a model can do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.reports import LabelledReport, load
from evaluation.stream import Trial, trial
from nightdesk.storylines import days, weights
from nightdesk.storylines.compile import CompiledStoryline, compile_storyline
from nightdesk.storylines.rarity import Rarity, shipped_rarity
from nightdesk.storylines.reading import Reading
from nightdesk.storylines.remembered import Remembered
from nightdesk.text.copies import Sketch
from schemas import Decision, Storyline

EXEMPLARS = (1, 2, 4)
_LEAD, _BRIEF = 400, 160
_STORIES = 36
"""Stories of one file, view and number of exemplars."""

_MOST_RIVALS = 120
"""In files of more stories nobody would declare them all as rivals."""

_AMONG = 3_000
"""Reports of other news in a scene that has some."""

_MOST_NEAR = 600
"""Reports that come near in one lesson: of more, a random sample of stories is taken instead."""


CORPUS = Path(__file__).parent / "corpus"
OURS = ("uprisings", "calamities", "powers")
"""Sagas of one-line updates, written for this purpose: `corpus/README.md`."""

TOGETHER = "sagas"
"""What all of `OURS` together are called: sagas of eight years side by side, some hard to tell apart."""


@dataclass(frozen=True)
class Scene:
    """A file as it is shown: `view` is whole, lead or brief; `sample` stories of at most `size` reports, and
    no others.

    `among` names a file of other news that its reports are mixed with: few of a newsroom's reports are
    about anything that somebody follows.
    """

    file: str
    view: str
    dated: bool
    sample: int = 0
    size: int = 0
    among: str = ""


SCENES = (
    *(Scene(f, v, False) for f in ("twins", "events") for v in ("whole", "lead", "brief")),
    *(Scene(f, "whole", True) for f in ("twins", "events", "updates")),
    *(Scene("stories", v, d) for v, d in (("whole", True), ("lead", False), ("brief", True))),
    Scene("updates", "whole", False),
    *(Scene("headlines", "brief", d, 25, s) for d, s in ((False, 20), (True, 45), (False, 80), (True, 120))),
    *(Scene(f, "whole", d) for f in OURS for d in (False, True)),
    *(Scene(f, "whole", d, 5, 24) for f in OURS for d in (False, True)),
    *(Scene(TOGETHER, "whole", d) for d in (False, True)),
    *(Scene(TOGETHER, "whole", d, 12, 40) for d in (False, True)),
    *(Scene("twins", v, False, among="background") for v in ("whole", "brief")),
    Scene("twins", "whole", False, 12, 6, "background"),
    Scene("uprisings", "whole", False, among="headlines"),
    Scene("uprisings", "whole", False, 5, 8, "headlines"),
    Scene("updates", "whole", False, among="twins"),
    Scene("events", "lead", False, among="twins"),
)  # fmt: skip


@dataclass(frozen=True)
class Lesson:
    """One story with so many exemplars.  `missed` of its reports never came near."""

    scene: Scene
    story: str
    storyline: CompiledStoryline
    reports: tuple[Remembered, ...]
    labels: NDArray[np.bool_]
    missed: int

    @property
    def rivals(self) -> bool:
        """Whether all other stories were declared as rivals."""
        return any(report.rival is not None for report in self.reports)

    @property
    def topic(self) -> str:
        """What must not be parted by a fold: twins are two stories of one topic, and a saga is one
        whatever stands beside it.
        """
        file = self.scene.file
        if file in OURS:
            file = TOGETHER
        return f"{file}:{self.story.rsplit('-', 1)[0] if file == 'twins' else self.story}"

    @property
    def kin(self) -> tuple[str, ...]:
        """The files that hold some of its reports."""
        file = self.scene.file
        if file == TOGETHER:
            return (file, *OURS)
        return (file, TOGETHER) if file in OURS else (file,)


@dataclass(frozen=True)
class Measured:
    """One report of a scene, read once for all stories."""

    report: Remembered
    values: dict[str, float]
    norm: float

    def cosine(self, profile: dict[str, float]) -> float:
        """Return the cosine to a profile of length one."""
        common = profile.keys() & self.values.keys()
        words = sum(profile[w] * self.values[w] for w in common - days.NUMBERS.keys())
        named = sum(profile[w] * self.values[w] for w in common & days.NUMBERS.keys())
        return (words + min(words, named)) / self.norm if self.norm else 0.0


def lessons(folder: Path, scene: Scene, *, seed: int = 7) -> Iterator[Lesson]:
    """Yield the lessons of one scene; always the same ones."""
    chance = random.Random(f"{seed}:{scene}")
    rarity = shipped_rarity()
    reports = _sampled(_read(folder, scene), scene, chance)
    if scene.among:
        others = load(folder / f"{scene.among}.jsonl", undated=not scene.dated).reports
        chosen = chance.sample(others, min(len(others), _AMONG))
        reports += [replace(report, story=None) for report in chosen]
    shown = [_shown(report, scene.view) for report in reports]
    measured = {report.id: _measured(report, rarity) for report in shown}
    for number in EXEMPLARS:
        laid = trial(shown, number)
        rows = list(range(len(laid.stories)))
        told = [_storyline(laid, row, rarity) for row in rows] if len(rows) <= _MOST_RIVALS else []
        for row in sorted(chance.sample(rows, min(_STORIES, len(rows)))):
            lesson = _lesson(laid, row, scene, measured, rarity)
            if lesson.labels.any() and len(lesson.reports) <= _MOST_NEAR:
                yield lesson
                if row % 2 and len(told) > 1:
                    yield _with_rivals(lesson, [*told[:row], *told[row + 1 :]], measured)


def _read(folder: Path, scene: Scene) -> list[LabelledReport]:
    names = OURS if scene.file == TOGETHER else (scene.file,)
    paths = [(CORPUS if name in OURS else folder) / f"{name}.jsonl" for name in names]
    return [report for path in paths for report in load(path, undated=not scene.dated).reports]


def _storyline(laid: Trial, row: int, rarity: Rarity) -> CompiledStoryline:
    exemplars = tuple(example.exemplar for example in laid.stories[row].examples)
    declared = Storyline(id="lesson", title="Untitled", exemplars=exemplars)
    return compile_storyline(declared, 1, rarity=rarity)


def _with_rivals(
    lesson: Lesson, rivals: Sequence[CompiledStoryline], measured: dict[str, Measured]
) -> Lesson:
    """Return the lesson as if all other stories of the file had been declared as rivals."""
    profiles = [dict(rival.profile) for rival in rivals]
    reports = tuple(
        report._replace(rival=max(measured[report.article].cosine(p) for p in profiles))
        for report in lesson.reports
    )
    return replace(lesson, reports=reports)


def _lesson(
    laid: Trial, row: int, scene: Scene, measured: dict[str, Measured], rarity: Rarity
) -> Lesson:
    story = laid.stories[row]
    storyline = _storyline(laid, row, rarity)
    least = weights.near(storyline.told.log_words)
    profile = dict(storyline.profile)
    near, labels, missed = [], [], 0
    for column in np.flatnonzero(laid.judged[row]).tolist():
        one = measured[laid.stream[column].id]
        cosine = one.cosine(profile)
        label = bool(laid.truth[row, column])
        if cosine >= least:
            near.append(one.report._replace(cosine=round(cosine, 6)))
            labels.append(label)
        else:
            missed += label
    return Lesson(scene, story.label, storyline, tuple(near), np.array(labels, bool), missed)


def _sampled(
    reports: Sequence[LabelledReport], scene: Scene, chance: random.Random
) -> list[LabelledReport]:
    """Return a sample of stories, each of a random part of its reports; all where none is asked for."""
    if not scene.sample:
        return list(reports)
    names = sorted({report.story for report in reports if report.story})
    kept: set[str] = set()
    for name in chance.sample(names, min(scene.sample, len(names))):
        own = [report.id for report in reports if report.story == name]
        kept.update(chance.sample(own, min(len(own), chance.randint(scene.size // 4, scene.size))))
    return [report for report in reports if report.id in kept]


def _shown(report: LabelledReport, view: str) -> LabelledReport:
    article = report.article
    title, told, text = article.title, article.description, article.text
    if view == "lead":
        told, text = (told, "") if told else ("", text[:_LEAD])
    elif view == "brief":
        title, told, text = (title, "", "") if title else ("", "", (told or text)[:_BRIEF])
    shown = article.model_copy(update={"title": title, "description": told, "text": text})
    return replace(report, article=shown)


def _measured(report: LabelledReport, rarity: Rarity) -> Measured:
    article = report.article
    reading = Reading.of(article)
    remembered = Remembered(
        article=article.id,
        revision=1,
        source=article.source,
        title="",
        event_time=article.event_time,
        dated=article.published_at is not None,
        decision=Decision.NOT,
        score=0.0,
        probability=0.0,
        cosine=0.0,
        words=reading.length,
        terms=reading.packed(rarity),
        sketch=Sketch(0),
    )
    return Measured(remembered, *reading.weights(rarity))
