"""Same story or not: judges pairs of reports, one as the only example, without memory, date or rivals.

Comes in: a JSONL file with `story` labels.  Goes out: a table (`--json`: rows) over all pairs of a labelled
report and one of `--most` others, which are chosen by the SHA-256 of their id: the static score alone,
beside peers whose one threshold is chosen on the answers.

    python -m evaluation.pairs DATA.jsonl [--most 500] [--alone] [--json]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from evaluation.command import note, print_json, run, whole
from evaluation.engine import track
from evaluation.judge import HEADINGS
from evaluation.measures import Flags, Floats, Measures, measure, oracle_threshold
from evaluation.peers import run_peers
from evaluation.reports import Corpus, DataError, load
from evaluation.stream import Followed, Trial, shuffle


@dataclass(frozen=True)
class PairRow:
    """One system over all pairs; `same` of the `pairs` are of one story."""

    system: str
    pairs: int
    same: int
    measures: Measures
    pairs_per_s: float

    def as_json(self) -> dict[str, Any]:
        """The row as `--json` prints it; what a system does not give is null."""
        means = self.measures.means()
        return {
            "system": self.system,
            "pairs": self.pairs,
            "same": self.same,
            **{n: None if math.isnan(mean) else round(mean, 6) for n, mean in means.items()},
            "pairs_per_s": round(self.pairs_per_s, 1),
        }


def lay_out(corpus: Corpus, most: int) -> Trial:
    """Return a trial in which each of the chosen reports is followed by itself alone.

    Raises DataError where no two reports are of one story, or all are.
    """
    labelled = [report for report in corpus.reports if report.story is not None]
    chosen = sorted(labelled, key=shuffle)[:most]
    followed = tuple(Followed(report.story or "", (report,)) for report in chosen)
    trial = Trial(1, followed, tuple(labelled))
    same = int((trial.truth & trial.judged).sum())
    if not 0 < same < int(trial.judged.sum()):
        raise DataError(
            f"{corpus.name} has no pair of reports of one story, or no other pair",
            hint='a report belongs to the story that its "story" names',
        )
    return trial


def judge_pairs(trial: Trial, *, peers: bool = True) -> tuple[list[PairRow], list[str]]:
    """Return a row for each system, and why which peer is left out."""
    judged, truth = trial.judged, trial.truth
    pairs, same = int(judged.sum()), int((truth & judged).sum())

    def row(system: str, accepted: Flags, scores: Floats, reports_per_s: float) -> PairRow:
        measures = measure(
            truth[judged][None, :],
            judged[judged][None, :],
            accepted[judged][None, :],
            scores[judged][None, :],
            calibrated=system == "nightdesk",
        )
        return PairRow(system, pairs, same, measures, reports_per_s * pairs / len(trial.stream))

    tracked = track(trial, remember=False)
    decided = tracked.at_once
    rows = [row("nightdesk", decided.accepted, decided.probability, tracked.articles_per_s)]
    scored, notes = run_peers(trial) if peers else ([], [])
    for peer in scored:
        threshold = oracle_threshold(
            truth[judged][None, :], judged[judged][None, :], peer.scores[judged][None, :]
        )
        rows.append(row(peer.name, peer.scores >= threshold, peer.scores, peer.articles_per_s))
    return rows, notes


def table(corpus: Corpus, rows: Sequence[PairRow]) -> Table:
    """Return the rows for people."""
    shown = Table(
        title=f"{corpus.name}: {rows[0].pairs:,} pairs, {rows[0].same:,} of one story",
        box=box.SIMPLE_HEAD,
    )
    shown.add_column("", no_wrap=True)
    for heading in (*HEADINGS.values(), "pairs/s"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        means = row.measures.means()
        cells = ("" if math.isnan(means[n]) else f"{means[n]:.3f}" for n in HEADINGS)
        shown.add_row(row.system, *cells, f"{row.pairs_per_s:,.0f}")
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge the pairs of the file named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.pairs", description="Are two reports of one story?"
    )
    parser.add_argument("file", type=Path, help="JSON lines with `story` labels")
    parser.add_argument("--most", type=whole, default=500, help="reports to pair with all (500)")
    parser.add_argument("--alone", action="store_true", help="leave the peers out")
    parser.add_argument("--json", action="store_true", help="print rows instead of a table")
    options = parser.parse_args(arguments)
    corpus = load(options.file, undated=True)
    note(corpus.notes)
    rows, notes = judge_pairs(lay_out(corpus, options.most), peers=not options.alone)
    note(notes)
    if options.json:
        print_json([row.as_json() for row in rows])
    else:
        Console().print(table(corpus, rows))


if __name__ == "__main__":
    run(main)
