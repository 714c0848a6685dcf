"""`make bench` measures what it says: the rates, and memory after 50,000 articles."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.__main__ import read_options

MAKEFILE = Path(__file__).resolve().parents[3] / "Makefile"


def test_make_bench_measures_memory_after_50_000_articles() -> None:
    [given] = re.findall(r"-m benchmarks(?= |$)(.*)$", MAKEFILE.read_text(), re.MULTILINE)
    options = read_options(given.split())
    assert (options.count, options.memory) == (10_000, 50_000)


def test_the_memory_run_can_be_left_out() -> None:
    assert read_options(["--memory", "0"]).memory == 0
