"""Learns which words are names, from any JSONL of reports: how often does each stand with a capital?

Comes in: JSON lines with description or text.  Goes out: the table that `nightdesk.storylines.traits` ships:
one line a share, in tenths, then the stems of which that share of all words stands with a capital.  Counted
is what stands inside of sentences, for at their head each word has one; texts that capitalise much (titles,
shouting) and titles of reports are left out, and so are days and months, which are no names.

    python -m evaluation.names background.jsonl stories.jsonl > nightdesk/storylines/data/names.tsv
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from evaluation.words import DATES, rows
from nightdesk.storylines.tables import format_tenths
from nightdesk.text.names import MANY, heads, share_of_capitals
from nightdesk.text.sentences import sentences
from nightdesk.text.stems import stem
from nightdesk.text.tokens import Tokens


def inside(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the folded words inside the sentences of a text, and whether each stands with a capital."""
    tokens = Tokens(text)
    words, spans = tokens.words, [tokens.span(number) for number in range(len(tokens.words))]
    ranges = sentences(tokens.text, spans)
    if share_of_capitals(tokens.text, words, spans, ranges) >= MANY:
        return
    at_head = heads(tokens.text, spans, ranges)
    for number, (word, (start, _)) in enumerate(zip(words, spans, strict=True)):
        if number not in at_head and not word[0].isdigit():
            yield word, tokens.text[start].isupper()


def shares(texts: Iterable[str], *, least: int) -> dict[str, float]:
    """Return which share of each stem's words stands with a capital, of stems met `least` times."""
    capitals: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for text in texts:
        for word, capital in inside(text):
            key = stem(word)
            total[key] += 1
            capitals[key] += capital
    return {
        key: 0.0 if key in DATES else capitals[key] / number
        for key, number in sorted(total.items())
        if number >= least
    }


def main() -> None:
    """Print the table for the files named on the command line."""
    parser = argparse.ArgumentParser(description="Learn which words of reports are names.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--least", type=int, default=3, help="times that a stem must be met")
    options = parser.parse_args()
    texts = (
        row[key] for row in rows(options.files) for key in ("description", "text") if row.get(key)
    )
    sys.stdout.write(format_tenths(shares(texts, least=options.least)))


if __name__ == "__main__":
    main()
