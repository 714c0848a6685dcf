"""Near-duplicates: are copies and light rewrites of a report known, and other reports let alone?

Comes in: a JSONL file of reports (`--synthetic`: made-up ones).  Goes out: for each rule by which a copy is
made the share that `nightdesk.text.copies` calls a copy at its shipped threshold; the same for pairs of
different reports, of one story and of any two; precision and recall over all, and articles/s.

    python -m evaluation.duplicates DATA.jsonl|--synthetic [--most 500] [--json]

Pairs of reports with the very same words are copies by themselves, so they are no negatives.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from evaluation.command import note, run, whole
from evaluation.copiers import RULES, Told
from evaluation.made_up import made_up
from evaluation.reports import Corpus, DataError, LabelledReport, load
from evaluation.stream import shuffle
from nightdesk.text.copies import sketch

Pairs = list[tuple[Told, Told]]

NEGATIVES = ("two reports of one story", "two reports of any story")


@dataclass(frozen=True)
class Found:
    """How many of the pairs made by one rule were called copies; `copies` says whether they are."""

    rule: str
    copies: bool
    pairs: int
    called: int

    @property
    def share(self) -> float:
        """Share of pairs that were called copies."""
        return self.called / self.pairs if self.pairs else 0.0


@dataclass(frozen=True)
class Findings:
    """All rules, and how many reports were sketched and compared in a second."""

    rules: tuple[Found, ...]
    articles_per_s: float

    @property
    def precision(self) -> float:
        """Share of pairs called copies that are."""
        called = sum(rule.called for rule in self.rules)
        return sum(rule.called for rule in self.rules if rule.copies) / called if called else 0.0

    @property
    def recall(self) -> float:
        """Share of copies that were called so."""
        copies = [rule for rule in self.rules if rule.copies]
        return sum(rule.called for rule in copies) / sum(rule.pairs for rule in copies)

    def as_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "rows": [
                {
                    "rule": rule.rule,
                    "copies": rule.copies,
                    "pairs": rule.pairs,
                    "called": rule.called,
                    "share": round(rule.share, 6),
                }
                for rule in self.rules
            ],
            "precision": round(self.precision, 6),
            "recall": round(self.recall, 6),
            "articles_per_s": round(self.articles_per_s, 1),
        }


def find(corpus: Corpus, *, most: int = 500) -> Findings:
    """Copy up to `most` reports by each rule, and see which copies are known.

    Raises DataError where there are fewer than two reports.
    """
    reports = sorted(corpus.reports, key=shuffle)[:most]
    if len(reports) < 2:
        raise DataError(
            f"{corpus.name} has one report only", hint="copies are told from other reports"
        )
    rules = []
    seconds = sketched = 0.0
    for name, pairs in (*_copies(reports), *_others(corpus.reports, reports)):
        start = time.perf_counter()
        called = sum(
            sketch(one.title, one.text).is_copy_of(sketch(other.title, other.text))
            for one, other in pairs
        )
        seconds += time.perf_counter() - start
        sketched += 2 * len(pairs)
        rules.append(Found(name, name not in NEGATIVES, len(pairs), called))
    return Findings(tuple(rules), sketched / seconds)


def _copies(reports: Sequence[LabelledReport]) -> Iterator[tuple[str, Pairs]]:
    """Yield each rule with its pairs of report and copy."""
    told = [_told(report) for report in reports]
    words = sorted({word for each in told for word in each.words})
    for rule in RULES:
        chances = (random.Random(f"{rule.name} {report.id!r}") for report in reports)
        titles = (told[at - 1].title for at in range(len(told)))
        yield (
            rule.name,
            [
                (one, rule.copy(one, chance, words, title))
                for one, chance, title in zip(told, chances, titles, strict=True)
                if one.text or not rule.of_text
            ],
        )


def _others(
    whole: Sequence[LabelledReport], reports: Sequence[LabelledReport]
) -> Iterator[tuple[str, Pairs]]:
    """Yield pairs of different reports, as many as `reports` at most, with different words."""
    stories = defaultdict(list)
    for report in sorted(whole, key=shuffle):
        if report.story is not None:
            stories[report.story].append(report)
    near = [pair for members in stories.values() for pair in pairwise(members)]
    far = pairwise((*reports, reports[0]))
    for name, pairs in zip(NEGATIVES, (near[: len(reports)], far), strict=True):
        yield (
            name,
            [
                (_told(one), _told(other))
                for one, other in pairs
                if one.article.content_hash != other.article.content_hash
            ],
        )


def _told(report: LabelledReport) -> Told:
    return Told(report.article.title, report.article.text)


def table(corpus: Corpus, findings: Findings) -> Table:
    """Return the findings for people."""
    shown = Table(
        title=f"{corpus.name}: precision {findings.precision:.3f}, recall {findings.recall:.3f}, "
        f"{findings.articles_per_s:,.0f} articles/s",
        box=box.SIMPLE_HEAD,
    )
    for heading in ("rule", "pairs", "called copies", "share"):
        shown.add_column(heading, justify="left" if heading == "rule" else "right")
    for at, rule in enumerate(findings.rules):
        if at == len(RULES):
            shown.add_section()
        shown.add_row(rule.rule, f"{rule.pairs:,}", f"{rule.called:,}", f"{rule.share:.3f}")
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge the file named on the command line, or made-up reports."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.duplicates", description="Are copies of reports known?"
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", type=Path, nargs="?", help="JSON lines, one report each")
    source.add_argument("--synthetic", action="store_true", help="take made-up reports")
    parser.add_argument("--most", type=whole, default=500, help="reports to copy (500)")
    parser.add_argument("--json", action="store_true", help="print rows instead of a table")
    options = parser.parse_args(arguments)
    corpus = made_up() if options.synthetic else load(options.file)
    note(corpus.notes)
    findings = find(corpus, most=options.most)
    if options.json:
        sys.stdout.write(json.dumps(findings.as_json(), indent=1) + "\n")
    else:
        Console().print(table(corpus, findings))


if __name__ == "__main__":
    run(main)
