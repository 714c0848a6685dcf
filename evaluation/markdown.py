"""Writes a survey down as Markdown: tables for people who want to know how good it is, and on what.

Comes in: a `Survey`.  Goes out: Markdown, without the page around it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from evaluation.judge import HEADINGS, Row
from evaluation.measures import Bin, reliability
from evaluation.survey import Survey, Tracking

_PEERS = {
    "tfidf": "TF-IDF",
    "tfidf_per_story": "TF-IDF per story",
    "bm25": "BM25",
    "keywords": "keywords",
}
_WIDTH = 30


def write(survey: Survey, *, machine: str) -> str:
    """Return all tables of a survey that have something to show."""
    files = ", ".join(f"{name} ({count:,})" for name, count in survey.files.items())
    parts = [f"Machine: {machine}.", f"Data (reports): {files}."]
    if survey.tracking:
        parts += [
            "### F1\n\n" + _compare(survey.tracking, "f1"),
            "### Normalised cost\n\n" + _compare(survey.tracking, "cost"),
            "### Nightdesk alone\n\n" + _alone(survey.tracking),
            "### Reliability\n\n" + _reliability(survey.tracking),
        ]
    if survey.pairs:
        parts.append("### Pairs\n\n" + _pairs(survey))
    if survey.copies:
        parts.append("### Copies\n\n" + _copies(survey))
    if survey.unlabelled:
        parts.append("### Files without labels\n\n" + _unlabelled(survey))
    return "\n\n".join(parts) + "\n"


def _compare(tracking: Sequence[Tracking], measure: str) -> str:
    """One measure of all systems side by side, ours with its spread over stories."""
    ours = ("at once", "settled", "at once, rivals", "settled, rivals")
    lines, values = [], []
    for line in tracking:
        rows = {row.system: row for row in line.alone.rows}
        peers = [_mean(rows.get(name), measure) for name in _PEERS]
        own = [*line.alone.rows[:2], *line.rivals.rows[:2]]
        values.append([*peers, *(_mean(row, measure) for row in own)])
        lines.append(
            [
                *_named(line),
                *(_figure(value) for value in peers),
                *(f"{_figure(_mean(r, measure))} ±{_figure(_spread(r, measure), 2)}" for r in own),
            ]
        )
    if len(values) > 1:
        means = np.array(values, dtype=np.float64).mean(axis=0)
        lines.append(["mean", "", "", "", *(_figure(float(value)) for value in means)])
    return _table([*_NAMED, *_PEERS.values(), *ours], lines)


def _alone(tracking: Sequence[Tracking]) -> str:
    """What the shipped engine measures besides, without rivals: at once / settled."""
    asked = ("precision", "recall", "average_precision", "calibration_error")
    lines = []
    for line in tracking:
        once, settled = line.alone.rows[:2]
        both = (f"{_figure(_mean(once, m))} / {_figure(_mean(settled, m))}" for m in asked)
        lines.append([*_named(line), *both, f"{once.articles_per_s:,.0f}"])
    return _table([*_NAMED, *(HEADINGS[m] for m in asked), "articles/s"], lines)


def _reliability(tracking: Sequence[Tracking]) -> str:
    """The reliability diagram over all pairs that came near enough to be decided."""
    blocks = []
    for name in ("at_once", "settled"):
        truth, told = [], []
        for line in tracking:
            judged = line.alone
            near = judged.tracked.nominated
            truth.append(judged.trial.truth[near])
            told.append(getattr(judged.tracked, name).probability[near])
        bins = reliability(np.concatenate(truth), np.concatenate(told))
        total = sum(each.count for each in bins)
        apart = sum(each.count * abs(each.predicted - each.observed) for each in bins)
        heading = f"{name.replace('_', ' ')}: {total:,} decisions, calibration error "
        heading += _figure(apart / total if total else math.nan)
        blocks.append("\n".join([heading, *_diagram(bins)]))
    return "```text\n" + "\n\n".join(blocks) + "\n```"


def _diagram(bins: Sequence[Bin]) -> Iterator[str]:
    """Draw bins as lines: `o` stands where it was observed, `|` where it was predicted."""
    yield f"  {'probability':<13}{'reports':>9}  predicted  observed"
    for at, each in enumerate(bins):
        strip = [" "] * (_WIDTH + 1)
        if each.count:
            strip[round(each.predicted * _WIDTH)] = "|"
            strip[round(each.observed * _WIDTH)] = "o"
        low, high = at / len(bins), (at + 1) / len(bins)
        figures = (_figure(each.predicted), _figure(each.observed)) if each.count else ("", "")
        yield (
            f"  {low:.1f} to {high:.1f}{'':<3}{each.count:>9,}  {figures[0]:>9}  {figures[1]:>8}"
            f"  {''.join(strip)}"
        ).rstrip()


def _pairs(survey: Survey) -> str:
    lines = []
    for name, rows in survey.pairs.items():
        for row in rows:
            means = row.measures.means()
            lines.append(
                [
                    name,
                    row.system,
                    f"{row.pairs:,}",
                    f"{row.same:,}",
                    *(_figure(means[measure]) for measure in HEADINGS),
                    f"{row.pairs_per_s:,.0f}",
                ]
            )
    return _table(["file", "system", "pairs", "same", *HEADINGS.values(), "pairs/s"], lines)


def _copies(survey: Survey) -> str:
    names = list(survey.copies)
    found = list(survey.copies.values())
    lines = [
        [rules[0].rule, *(_figure(rule.share) if rule.pairs else "" for rule in rules)]
        for rules in zip(*(findings.rules for findings in found), strict=True)
    ]
    lines.append(["**precision**", *(_figure(findings.precision) for findings in found)])
    lines.append(["**recall**", *(_figure(findings.recall) for findings in found)])
    lines.append(["articles/s", *(f"{findings.articles_per_s:,.0f}" for findings in found)])
    return _table(["called copies", *names], lines)


def _unlabelled(survey: Survey) -> str:
    lines = [
        [
            u.file,
            u.storyline,
            "exemplars alone" if u.alone else "all",
            f"{u.reports:,}",
            str(u.fits),
            str(u.possible),
        ]
        for u in survey.unlabelled
    ]
    return _table(["file", "storyline", "declared", "reports", "fits", "possible"], lines)


_NAMED = ("file", "dates", "examples", "stories")


def _named(line: Tracking) -> tuple[str, ...]:
    dates = "yes" if line.dated else "no"
    return line.file, dates, str(line.examples), str(len(line.alone.trial.stories))


def _mean(row: Row | None, measure: str) -> float:
    return row.measures.means()[measure] if row else math.nan


def _spread(row: Row, measure: str) -> float:
    return row.measures.spreads()[measure]


def _figure(value: float, digits: int = 3) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}".removeprefix("0")


def _table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---" if at == 0 else "---:" for at in range(len(headings))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *lines))
