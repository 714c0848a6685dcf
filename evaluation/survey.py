"""The survey: every command of this room over every file of a folder, with dates and without.

Comes in: a folder of JSONL files, and storylines for those of them that have no labels.  Goes out: a
`Survey` of all that was measured, for `evaluation.markdown` to write down.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.command import note
from evaluation.duplicates import Findings, find
from evaluation.engine import follow
from evaluation.judge import Judged, judge
from evaluation.pairs import PairRow, judge_pairs, lay_out
from evaluation.reports import Corpus, DataError, load
from evaluation.stream import trial
from schemas import Storyline

EXAMPLES = (1, 4)


@dataclass(frozen=True)
class Tracking:
    """One file, with dates or without, by so many examples: the stories alone, and as rivals."""

    file: str
    dated: bool
    examples: int
    alone: Judged
    rivals: Judged


@dataclass(frozen=True)
class Unlabelled:
    """How a declared storyline took the reports of a file, settled: `reports` in all.

    `alone`: nothing of it was declared but its exemplars.
    """

    file: str
    storyline: str
    alone: bool
    reports: int
    fits: int
    possible: int


@dataclass(frozen=True)
class Survey:
    """All that was measured, file by file; `files` tells their numbers of reports."""

    files: dict[str, int]
    tracking: tuple[Tracking, ...]
    pairs: dict[str, Sequence[PairRow]]
    copies: dict[str, Findings]
    unlabelled: tuple[Unlabelled, ...]


def survey(folder: Path, storylines: Sequence[Storyline]) -> Survey:
    """Measure all files of a folder.  What a file is not fit for is left out, and said on stderr.

    Raises DataError where there is no file, or none that holds a report.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise DataError(f"{folder} holds no .jsonl file", hint="name the folder of labelled files")
    files: dict[str, int] = {}
    tracking: list[Tracking] = []
    pairs: dict[str, Sequence[PairRow]] = {}
    copies: dict[str, Findings] = {}
    unlabelled: list[Unlabelled] = []
    for path in paths:
        with _spared():
            corpus = load(path)
            files[corpus.name] = len(corpus.reports)
            note(f"{corpus.name}: {said}" for said in corpus.notes)
            if trial(corpus.reports, min(EXAMPLES)).stories:
                undated = load(path, undated=True)
                tracking.extend(_tracking(corpus, undated))
                with _spared():
                    _say(f"{corpus.name}: pairs")
                    pairs[corpus.name], _ = judge_pairs(lay_out(undated, 500))
            elif storylines:
                _say(f"{corpus.name}: {len(storylines)} storylines of the bundle")
                unlabelled.extend(_unlabelled(corpus, storylines))
            _say(f"{corpus.name}: copies")
            copies[corpus.name] = find(corpus)
    if not files:
        raise DataError(
            f"no file of {folder} holds a report", hint="each line should be a JSON object"
        )
    return Survey(files, tuple(tracking), pairs, copies, tuple(unlabelled))


@contextmanager
def _spared() -> Iterator[None]:
    """Let what a file is not fit for spoil nothing else of a run that takes half an hour."""
    try:
        yield
    except DataError as error:
        _say(f"left out: {error.message}")


def _tracking(corpus: Corpus, undated: Corpus) -> Iterator[Tracking]:
    dated = any(report.when for report in corpus.reports)
    for held, has_dates in ((corpus, True), (undated, False)):
        for examples in EXAMPLES:
            if (has_dates and not dated) or not trial(held.reports, examples).stories:
                continue
            _say(f"{corpus.name}, {'dated' if has_dates else 'undated'}, {examples} examples")
            yield Tracking(
                corpus.name,
                has_dates,
                examples,
                judge(held, examples),
                judge(held, examples, rivals=True, peers=False),
            )


def _unlabelled(corpus: Corpus, storylines: Sequence[Storyline]) -> Iterator[Unlabelled]:
    stream = trial(corpus.reports, 1).stream
    shown = [
        Storyline(id=storyline.id, title="Untitled", exemplars=storyline.exemplars)
        for storyline in storylines
        if storyline.exemplars
    ]
    for declared, alone in ((storylines, False), (shown, True)):
        settled = follow(declared, stream, np.ones((len(declared), len(stream)), bool)).settled
        for row, storyline in enumerate(declared):
            fits, possible = settled.accepted[row].sum(), settled.possible[row].sum()
            yield Unlabelled(
                corpus.name, storyline.id, alone, len(stream), int(fits), int(possible)
            )


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
