"""How well sagas are followed in other company: by themselves, beside other news, beside each other.

How hard a saga is to follow says little without what else is in its stream.  So our own sagas are judged in
several streams: as each file has them, without the file's other news, and in samples of ten of all sagas.
Beside them stands TF-IDF with the best threshold for the same stream, to tell how hard it is.

    python -m evaluation.mixtures
    python -m evaluation.mixtures --of uprisings --model fitted_without_uprisings.tsv
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evaluation.command import run
from evaluation.judge import Judged, judge
from evaluation.lessons import CORPUS, OURS
from evaluation.reports import Corpus, DataError, LabelledReport, load
from evaluation.survey import EXAMPLES
from nightdesk.storylines.model import Model, parse_model

SAMPLES, _SIZE = 5, 10
"""So many samples are drawn of all sagas, each of ten."""

_HEAD = """\
| stream | dates | sagas | TF-IDF | at once | settled |
| --- | --- | ---: | ---: | ---: | ---: |"""


class Mixture(NamedTuple):
    """Streams of one kind, of which the mean is told: one, or several samples."""

    name: str
    streams: tuple[Corpus, ...]


def mixtures(names: Sequence[str], *, undated: bool) -> Iterator[Mixture]:
    """Yield the streams of these files of ours; samples of them together where there are several."""
    files = [load(CORPUS / f"{name}.jsonl", undated=undated) for name in names]
    for file in files:
        yield Mixture(f"{file.name}, with its other news", (file,))
    for file in files:
        alone = tuple(report for report in file.reports if report.story)
        yield Mixture(f"{file.name}, sagas alone", (Corpus(file.name, alone),))
    if len(files) > 1:
        reports = [report for file in files for report in file.reports if report.story]
        samples = [_sample(reports, number) for number in range(SAMPLES)]
        yield Mixture(f"ten sagas of all, {SAMPLES} samples", tuple(samples))
        yield Mixture("all sagas together", (Corpus("all", tuple(reports)),))


def _sample(reports: Sequence[LabelledReport], number: int) -> Corpus:
    sagas = sorted({report.story for report in reports if report.story})
    chosen = set(random.Random(number).sample(sagas, _SIZE))
    return Corpus(f"sample {number}", tuple(r for r in reports if r.story in chosen))


def _row(mixture: Mixture, model: Model | None, *, undated: bool) -> str:
    found = [[judge(c, n, model=model) for c in mixture.streams] for n in EXAMPLES]
    sagas = sum(len(judged.trial.stories) for judged in found[0])
    cells = [
        " / ".join(f"{_mean(one, system, decision):.3f}".lstrip("0") for one in found)
        for system, decision in (
            ("tfidf", "at_once"),
            ("nightdesk", "at_once"),
            ("nightdesk", "settled"),
        )
    ]
    dates = "no" if undated else "yes"
    return f"| {mixture.name} | {dates} | {sagas} | {' | '.join(cells)} |"


def _mean(found: Sequence[Judged], system: str, decision: str) -> float:
    """Return the mean F1 over the stories of all streams."""
    rows = [
        row
        for judged in found
        for row in judged.rows
        if (row.system, row.decision) == (system, decision)
    ]
    return float(np.concatenate([row.measures.f1 for row in rows]).mean())


def read_model(path: Path) -> Model:
    """Read what `evaluation.fit` printed.  Raises DataError where it is none."""
    try:
        return parse_model(path.read_text("utf-8").splitlines())
    except (OSError, KeyError, ValueError) as error:
        raise DataError(
            f"{path} holds no whole model: {error}",
            hint="python -m evaluation.fit FOLDER --without FILE prints one; it takes some minutes",
        ) from error


def main() -> None:
    """Print the table: mean F1 over stories by one and by four examples."""
    parser = argparse.ArgumentParser(description="Judge our sagas in other company.")
    parser.add_argument("--of", choices=OURS, help="the sagas of this file alone")
    parser.add_argument(
        "--model", type=Path, help="a model of `evaluation.fit`; the shipped one if none"
    )
    options = parser.parse_args()
    model = read_model(options.model) if options.model else None
    print(_HEAD)
    for undated in (True, False):
        for mixture in mixtures([options.of] if options.of else OURS, undated=undated):
            print(_row(mixture, model, undated=undated), flush=True)


if __name__ == "__main__":
    run(main)
