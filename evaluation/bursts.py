"""Learns which words come in bursts, from any JSONL of dated reports: in how few weeks does each stand?

Comes in: JSON lines with dates.  Goes out: the table that `nightdesk.storylines.traits` ships: one line a
burst, in tenths of a nat, then the stems that have it.  A burst is the logarithm of how many weeks a word's
reports would be of, were they strewn over all reports by chance, for each week that they are of; few reports
tell little, and theirs is taken for less.  What shows none is left out, and so are days and months.

    python -m evaluation.bursts background.jsonl stories.jsonl > nightdesk/storylines/data/bursts.tsv
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from evaluation.words import DATES, rows, text_of
from nightdesk.storylines.tables import format_tenths
from nightdesk.text.moments import read_moment
from nightdesk.text.stems import stem
from nightdesk.text.tokens import Tokens

Week = tuple[int, int]

_DOUBT = 15
"""A burst counts by what share its word's reports have of them and so many more."""

_NONE = 0.05
"""No more than this comes to no tenth."""


def bursts(told: Iterable[tuple[Week, str]], *, least: int) -> dict[str, float]:
    """Return the burst of each stem that stands in `least` of the texts, each of a week."""
    size: Counter[Week] = Counter()
    weeks: defaultdict[str, Counter[Week]] = defaultdict(Counter)
    for week, text in told:
        size[week] += 1
        for key in set(map(stem, Tokens(text).words)):
            weeks[key][week] += 1
    shares = np.array([size[week] for week in sorted(size)]) / size.total()
    found = {}
    for key, of in sorted(weeks.items()):
        number = of.total()
        if number >= least and key not in DATES and not key[0].isdigit():
            by_chance = (1.0 - (1.0 - shares) ** number).sum()
            found[key] = float(np.log(by_chance / len(of)) * number / (number + _DOUBT))
    return found


def table_of(found: Mapping[str, float]) -> str:
    """Return the table of those stems that have some burst."""
    return format_tenths({key: burst for key, burst in found.items() if burst > _NONE})


def _told(paths: Iterable[Path]) -> Iterable[tuple[Week, str]]:
    for row in rows(paths):
        when = read_moment(row.get("published"))
        if when is not None:
            year, week, _ = when.isocalendar()
            yield (year, week), text_of(row)


def main() -> None:
    """Print the table for the files named on the command line."""
    parser = argparse.ArgumentParser(description="Learn which words of reports come in bursts.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--least", type=int, default=5, help="reports that must use a stem")
    options = parser.parse_args()
    sys.stdout.write(table_of(bursts(_told(options.files), least=options.least)))


if __name__ == "__main__":
    main()
