"""Few-shot tracking: follow each story of a file by its first reports, and judge all others.

Comes in: a JSONL file with `story` labels.  Goes out: a table (`--json`: rows) of the shipped engine, at
once and settled, beside TF-IDF, BM25 and keywords whose thresholds are chosen on the answers.  Nothing of
Nightdesk is tuned on the file.

    python -m evaluation.track DATA.jsonl [--examples 1 4] [--rivals] [--undated] [--alone] [--json]
                               [--own-counts [--background FILE ...]] [--foreign] [--dense MODEL]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from evaluation.command import note, print_json, run, whole
from evaluation.judge import HEADINGS, Row, judge
from evaluation.learnt import SHIPPED, Weighing
from evaluation.reports import Corpus, DataError, load
from nightdesk.dense.encoder import Encoder
from nightdesk.dense.loading import load_encoder

SPREAD = ("f1", "cost")
"""Measures whose standard deviation over stories is shown beside the mean."""


LEGEND = (
    "Means over stories ± standard deviation.  cost: Pmiss + 4.9 Pfa.  AP: average precision.  ECE: expected "
    "calibration error.  The thresholds of tfidf, bm25 and keywords are chosen on the answers."
)


def rows_of(
    corpus: Corpus,
    examples: Sequence[int],
    *,
    rivals: bool,
    peers: bool = True,
    weighing: Weighing = SHIPPED,
    encoder: Encoder | None = None,
) -> tuple[list[Row], list[str]]:
    """Return the rows for each number of examples, and notes on what was left out.

    Raises DataError where no number of examples leaves a story to judge.
    """
    rows: list[Row] = []
    notes: list[str] = []
    refused: list[DataError] = []
    for number in examples:
        try:
            judged = judge(
                corpus, number, rivals=rivals, peers=peers, weighing=weighing, encoder=encoder
            )
        except DataError as error:
            refused.append(error)
        else:
            rows.extend(judged.rows)
            notes.extend(judged.notes)
    if not rows:
        raise refused[0]
    return rows, [*notes, *(error.message for error in refused)]


def tables(corpus: Corpus, rows: Sequence[Row]) -> list[Table]:
    """Return the rows for people, a table for each number of examples."""
    shown = []
    for examples, group in groupby(rows, key=lambda row: row.examples):
        held = list(group)
        told = f"{examples} example" + ("s" if examples > 1 else "")
        told += " each, declared as rivals" if any(row.rivals for row in held) else " each"
        table = Table(
            title=f"{corpus.name}: {len(corpus.reports)} reports, "
            f"{held[0].measures.stories} stories by {told}",
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            padding=(0, 1, 0, 0),
        )
        table.add_column("", no_wrap=True)
        for heading in (*HEADINGS.values(), "art./s"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in held:
            means, spreads = row.measures.means(), row.measures.spreads()
            name = f"{row.system} {row.decision.replace('_', ' ')}"
            table.add_row(
                name if row.system == "nightdesk" else row.system,
                *(_cell(measure, means, spreads) for measure in HEADINGS),
                f"{row.articles_per_s:,.0f}",
            )
        shown.append(table)
    return shown


def _cell(measure: str, means: dict[str, float], spreads: dict[str, float]) -> str:
    if math.isnan(means[measure]):
        return ""
    spread = f" ±{spreads[measure]:.2f}".replace("±0.", "±.") if measure in SPREAD else ""
    return f"{means[measure]:.3f}".removeprefix("0") + spread


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge the file named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.track", description="Few-shot tracking on a labelled file."
    )
    parser.add_argument("file", type=Path, help="JSON lines with `story` labels")
    parser.add_argument(
        "--examples", type=whole, nargs="+", default=[1, 4], help="examples a story (1 4)"
    )
    parser.add_argument("--rivals", action="store_true", help="declare all stories as rivals")
    parser.add_argument("--undated", action="store_true", help="drop all dates")
    parser.add_argument("--alone", action="store_true", help="leave the peers out")
    parser.add_argument(
        "--own-counts", action="store_true", help="learn the rarity of words from the file, too"
    )
    parser.add_argument(
        "--background",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="with --own-counts: from these files, too",
    )
    parser.add_argument(
        "--foreign", action="store_true", help="as if only function words were known beforehand"
    )
    parser.add_argument(
        "--dense", metavar="MODEL", help="compare by meaning too: a folder or hub name"
    )
    parser.add_argument("--json", action="store_true", help="print rows instead of a table")
    options = parser.parse_args(arguments)
    corpus = load(options.file, undated=options.undated)
    note(corpus.notes)
    background = [load(path) for path in options.background]
    note(f"{other.name}: {said}" for other in background for said in other.notes)
    weighing = Weighing(
        options.own_counts,
        tuple(report for other in background for report in other.reports),
        options.foreign,
    )
    rows, notes = rows_of(
        corpus,
        options.examples,
        rivals=options.rivals,
        peers=not options.alone,
        weighing=weighing,
        encoder=load_encoder(options.dense) if options.dense else None,
    )
    note(notes)
    if options.json:
        print_json([row.as_json() for row in rows])
    else:
        Console().print(*tables(corpus, rows), LEGEND, sep="\n")


if __name__ == "__main__":
    run(main)
