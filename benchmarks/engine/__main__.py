"""The table: Nightdesk's engine, a linear scan and Lucene Monitor on the same storylines and articles.

    python -m benchmarks.engine [--storylines 100 10000] [--articles FILE.jsonl] [--exemplars FILE.jsonl]

All rates are per second of CPU time in one process at a time, so that a busy machine tells the same.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

# One core is what is measured: numpy must not take two.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from rich.console import Console
from rich.table import Table

from benchmarks.engine import linear, lucene, ours
from benchmarks.engine.material import Material, from_files, made_up
from evaluation.machine import machine


def measure(material: Material, *, seconds: float) -> dict[str, Any]:
    """Run all three on one material; what is missing has its reason under `left_out`."""
    row: dict[str, Any] = {
        "material": material.said,
        "storylines": len(material.storylines),
        "articles": len(material.articles),
        **asdict(ours.measure(material, seconds=seconds)),
        "left_out": [],
    }
    scanned, reason = linear.measure(material, seconds=seconds)
    row["linear_per_s"] = scanned
    row["left_out"] += [reason] if reason else []
    try:
        found = asdict(lucene.measure(material, seconds=seconds))
    except lucene.LuceneUnavailable as error:
        found = {}
        row["left_out"].append(f"Lucene Monitor is left out: {error}")
    row |= {f"lucene_{name}": value for name, value in found.items()}
    return row


def main() -> None:
    """Measure and print."""
    options = _options()
    rows = []
    for number in options.storylines:
        if options.articles:
            exemplars = options.exemplars or options.articles
            material = from_files(options.articles, exemplars, number, options.count)
        else:
            material = made_up(number, options.count)
        rows.append(measure(material, seconds=options.seconds))
    kept = _memory(options.memory) if options.memory else {}
    if options.json:
        print(json.dumps({"machine": machine(), "rows": rows, "memory_kb": kept}))
    else:
        _show(rows, kept)


def _show(rows: list[dict[str, Any]], kept: dict[str, float]) -> None:
    console = Console()
    console.print(machine())
    for row in rows:
        title = f"{row['storylines']:,} storylines, {row['articles']:,} articles of 3 KB, {row['material']}"
        table = Table(title=title, title_justify="left")
        table.add_column("what", no_wrap=True)
        table.add_column("per second", justify="right")
        table.add_column("Nightdesk is … times that", justify="right")
        for what, value, ratio in _lines(row):
            table.add_row(what, value, ratio)
        console.print(table)
        for reason in row["left_out"]:
            console.print(reason, style="yellow")
    if kept:
        told = ", ".join(f"{name} {value:,.1f}" for name, value in kept.items())
        console.print(f"KB a storyline: {told}")


def _lines(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    named = row["nominate_per_s"]

    def beside(what: str, name: str) -> list[tuple[str, str, str]]:
        value = row.get(name)
        return [(what, f"{value:,.0f}", f"{named / value:.1f}")] if value else []

    lines = [
        ("nominate, articles", f"{named:,.0f}", ""),
        ("candidates of an article", f"{row['candidates_per_article']:.2f}", ""),
        *beside("linear scan, articles", "linear_per_s"),
        *beside("Lucene Monitor one at a time, articles", "lucene_one_per_s"),
        *beside(f"Lucene Monitor in batches of {row.get('lucene_batch', 0)}", "lucene_batch_per_s"),
        (
            f"decide, {row['decided']} candidates in batches of {ours.BATCH}",
            f"{row['decide_per_s']:,.0f}",
            "",
        ),
        ("compile all, seconds", f"{row['compile_s']:.2f}", ""),
        ("add one at worst, ms", f"{row['add_s'] * 1e3:.1f}", ""),
    ]
    if "lucene_add_ms" in row:
        lines.append(("Lucene Monitor adds one at worst, ms", f"{row['lucene_add_ms']:.1f}", ""))
        lines.append(("Lucene Monitor, KB a query", f"{row['lucene_kb']:.1f}", ""))
    return lines


def _memory(storylines: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.engine.memory", str(storylines)]
    finished = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    kept: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    return kept


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--storylines", type=int, nargs="+", default=[100, 10_000])
    parser.add_argument("--count", type=int, default=2_000, help="articles")
    parser.add_argument("--articles", type=Path, help="a JSONL of reports to meet the storylines")
    parser.add_argument("--exemplars", type=Path, help="a JSONL of reports to make storylines of")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each rate, at least")
    parser.add_argument("--memory", type=int, default=10_000, help="storylines weighed; 0 for none")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
