"""Learns how common words are in news, as rounded bands, from any JSONL of reports.

Comes in: JSON lines with title, description or text, many publishers mixed.  Goes out: the table that
`nightdesk.storylines.rarity` ships: one line a band, `band` then the words of that band.  A band is
the negative logarithm of the share of reports that use a word, in steps of half a unit; words in fewer
than `--least` reports are left out, because unknown words are rare anyway.

    python -m evaluation.rarity background.jsonl > nightdesk/storylines/data/rarity.tsv
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from evaluation.words import rows, text_of
from nightdesk.storylines.rarity import STEP
from nightdesk.storylines.tables import format_table
from nightdesk.text.tokens import Tokens


def document_frequencies(texts: Iterable[str]) -> tuple[Counter[str], int]:
    """Return in how many of `texts` each folded word stands, and how many texts there are."""
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        counts.update(set(Tokens(text).words))
        total += 1
    return counts, total


def bands(counts: Counter[str], total: int, *, least: int) -> dict[int, list[str]]:
    """Return the words of each band, sorted, for words in at least `least` of `total` texts."""
    table: dict[int, list[str]] = {}
    for word, count in sorted(counts.items()):
        if count >= least and (len(word) > 1 or not word.isascii()) and not word.isdigit():
            table.setdefault(round(math.log(total / count) / STEP), []).append(word)
    return table


def main() -> None:
    """Print the table for the files named on the command line."""
    parser = argparse.ArgumentParser(description="Learn bands of word rarity from reports.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--least", type=int, default=8, help="reports that must use a word")
    options = parser.parse_args()
    counts, total = document_frequencies(map(text_of, rows(options.files)))
    sys.stdout.write(format_table(bands(counts, total, least=options.least)))


if __name__ == "__main__":
    main()
