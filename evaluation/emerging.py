"""Emerging storylines: are stories that several outlets tell found, and the clusters pure?

Comes in: labelled JSONL, and unlabelled JSONL to hide it among.  Goes out: how many clusters are offered, how
many of them are of one story, which share of stories that enough independent outlets tell is found, and
the seconds that one look takes.

    python -m evaluation.emerging DATA.jsonl [--among OTHER.jsonl --most 3000]
        [--outlets 4] [--hours 24] [--json]

A file with dates is looked at once, at its end, `--hours` back.  With `--among` all reports are put into
one day, each at a moment drawn by its id, for the files' own years differ.  A story counts as found where
more than half of a cluster is of it; a cluster as pure where nine in ten of its reports are of one story.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from evaluation.command import note, print_json, run, whole
from evaluation.reports import Corpus, DataError, LabelledReport, load
from evaluation.stream import shuffle
from nightdesk.storylines.emerging import find_clusters
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.seen import Seen
from nightdesk.text.copies import original_of

PURE = 0.9
_DAY = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Findings:
    """What one look finds.  `right` is the share of clustered reports that are of their cluster's story;
    `unlabelled` counts offers made mostly of reports without a story: what they are nobody knows."""

    file: str
    reports: int
    outlets: int
    offers: int
    unlabelled: int
    pure: int
    right: float
    stories: int
    found: int
    offers_per_story: float
    read_s: float
    cluster_s: float


def find(corpus: Corpus, others: Iterable[LabelledReport], *, outlets: int, hours: int) -> Findings:
    """Look once.  Raises DataError where no report has a date and there are no others."""
    among = list(others)
    reports = _in_one_day([*corpus.reports, *among]) if among else _dated(corpus, hours)
    start = time.process_time()
    seen = [Seen.of(report.article, shipped_rarity()) for report in reports]
    read = time.process_time()
    clusters = find_clusters(seen, outlets=outlets)
    end = time.process_time()
    story = {report.id: report.story for report in reports}
    told = [Counter(story[one.id] for one in cluster.reports) for cluster in clusters]
    labelled = [counts for counts in told if counts.most_common(1)[0][0] is not None]
    placed = sum(counts.total() for counts in labelled)
    hits = [counts.most_common(1)[0] for counts in labelled]
    named = Counter(
        name
        for counts, (name, most) in zip(labelled, hits, strict=True)
        if 2 * most > counts.total()
    )
    wanted = _told_by(seen, story, outlets)
    return Findings(
        file=corpus.name,
        reports=len(reports),
        outlets=outlets,
        offers=len(clusters),
        unlabelled=len(told) - len(labelled),
        pure=sum(most >= PURE * c.total() for c, (_, most) in zip(labelled, hits, strict=True)),
        right=sum(most for _, most in hits) / placed if placed else 0.0,
        stories=len(wanted),
        found=len(wanted & named.keys()),
        offers_per_story=named.total() / len(named) if named else 0.0,
        read_s=read - start,
        cluster_s=end - read,
    )


def _dated(corpus: Corpus, hours: int) -> list[LabelledReport]:
    dated = [(report.when, report) for report in corpus.reports if report.when is not None]
    if not dated:
        raise DataError(f"{corpus.name} has no dates", hint="hide it among others: --among FILE")
    since = max(when for when, _ in dated) - timedelta(hours=hours)
    return [report for when, report in dated if when > since]


def _in_one_day(reports: Sequence[LabelledReport]) -> list[LabelledReport]:
    moved = []
    for report in reports:
        digest = hashlib.sha256(report.id.encode("utf-8", "surrogatepass")).digest()
        when = _DAY + timedelta(days=1) * (int.from_bytes(digest[:6], "big") / 2**48)
        article = report.article.model_copy(update={"published_at": when, "seen_at": when})
        moved.append(LabelledReport(article, report.story, when))
    return moved


def _told_by(seen: Sequence[Seen], story: Mapping[str, str | None], outlets: int) -> set[str]:
    """Return the stories that so many outlets tell independently: copies count for nobody."""
    members: dict[str, list[Seen]] = defaultdict(list)
    for one in sorted(seen, key=lambda one: (one.event_time, one.id)):
        name = story[one.id]
        if name is not None and original_of(one.sketch, one.event_time, members[name]) is None:
            members[name].append(one)
    return {
        name for name, several in members.items() if len({one.source for one in several}) >= outlets
    }


def table(found: Findings) -> Table:
    """Return the findings for people."""
    shown = Table(title=f"{found.file}: {found.reports:,} reports", box=box.SIMPLE_HEAD)
    for heading in ("offers", "pure", "right", "found", "offers a story", "no story", "seconds"):
        shown.add_column(heading, justify="right")
    shown.add_row(
        str(found.offers),
        str(found.pure),
        f"{found.right:.1%}",
        f"{found.found} of {found.stories}",
        f"{found.offers_per_story:.2f}",
        str(found.unlabelled),
        f"{found.read_s:.2f} + {found.cluster_s:.2f}",
    )
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge the file named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.emerging", description="Are stories found that nobody declared?"
    )
    parser.add_argument("file", type=Path, help="JSON lines, one report each, with stories")
    parser.add_argument("--among", type=Path, help="JSON lines of other reports to hide it among")
    parser.add_argument("--most", type=whole, default=3_000, help="of those, so many (3000)")
    parser.add_argument("--outlets", type=whole, default=4, help="outlets that make an offer (4)")
    parser.add_argument("--hours", type=whole, default=24, help="how far back to look (24)")
    parser.add_argument("--json", action="store_true", help="print rows instead of a table")
    options = parser.parse_args(arguments)
    corpus = load(options.file)
    note(corpus.notes)
    others: list[LabelledReport] = []
    if options.among is not None:
        background = load(options.among)
        note(background.notes)
        others = [
            LabelledReport(report.article, None, report.when)
            for report in sorted(background.reports, key=shuffle)[: options.most]
        ]
    found = find(corpus, others, outlets=options.outlets, hours=options.hours)
    if options.json:
        print_json([asdict(found)])
    else:
        Console().print(table(found))


if __name__ == "__main__":
    run(main)
