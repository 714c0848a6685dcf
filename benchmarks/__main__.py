"""`make bench`: the chain beside its peers in one run, as a table.

    python -m benchmarks [--count 10000] [--memory 50000] [--storylines 100]

The limit of the end-to-end rate is 1 / (1/a + 1/b): what the domain takes plus what a bare stream
takes.  The stream of ours should cost no more than it must: at least 60 % of that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def _run(module: str, *arguments: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="nightdesk-bench-") as folder:
        command = [sys.executable, "-m", module, str(Path(folder)), *arguments]
        finished = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    result: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return result


def read_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what to measure; without `arguments` as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="articles for each rate")
    parser.add_argument(
        "--memory",
        type=int,
        default=50_000,
        help="articles for the memory run; 0 tells the memory of the run for the rate",
    )
    parser.add_argument("--storylines", type=int, default=100)
    return parser.parse_args(arguments)


def main() -> None:
    """Measure and print."""
    options = read_options()
    count, storylines = str(options.count), str(options.storylines)
    bare = _run("benchmarks.bare", count, storylines)["articles_per_s"]
    through = _run("benchmarks.passthrough", count)["messages_per_s"]
    chain = _run("benchmarks.chain", count, storylines)
    limit = 1 / (1 / bare + 1 / through)
    rate = chain["articles_per_s"]
    table = Table(title=f"{count} articles of 3 KB, {storylines} storylines, embedded broker")
    for column in ("what", "per second", "of the limit"):
        table.add_column(column, justify="left" if column == "what" else "right")
    table.add_row("(a) same domain and archive, bare loop", f"{bare:,.0f}", "")
    table.add_row("(b) two-agent Faust pass-through", f"{through:,.0f}", "")
    table.add_row("limit 1 / (1/a + 1/b)", f"{limit:,.0f}", "100 %")
    table.add_row("nightdesk run, end to end", f"{rate:,.0f}", f"{rate / limit:.0%}")
    console = Console()
    console.print(table)
    memory = _run("benchmarks.chain", str(options.memory), storylines) if options.memory else chain
    steps = ", ".join(f"{int(n):,}: {mb:.0f} MB" for n, mb in memory["memory_mb"].items())
    console.print(f"resident memory of the worker after so many articles: {steps}")


if __name__ == "__main__":
    main()
