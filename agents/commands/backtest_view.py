"""A back-test as it is shown to whoever writes the definition: counts, a chart, examples to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from agents.commands.terminal import clean, plural
from nightdesk.backtest import FileSource, Judged, Outcome, compare
from nightdesk.backtest.data import Tested
from schemas import AlertKind, Decision

if TYPE_CHECKING:
    from rich.console import Console

    from nightdesk.backtest.comparison import Differing
    from nightdesk.backtest.findings import Day

COLOURS = {Decision.FITS: "green", Decision.POSSIBLE: "yellow", Decision.NOT: "red"}
_MOST_BARS = 35
_BAR = 40
_ID = len("article-") + 8
"""Characters of an archived article's id that are shown; `nightdesk explain` takes them."""


def show(tested: Tested, out: Console, *, samples: int) -> None:
    """Print what came of it, the most important first."""
    outcome = tested.outcome
    _show_totals(tested, out)
    _show_days(outcome.days(), out)
    if samples:
        _show_threshold(outcome, out, samples)
    _show_alerts(outcome, out, samples)
    _show_comparison(tested, out, samples)


def _show_totals(tested: Tested, out: Console) -> None:
    outcome, source = tested.outcome, tested.source
    span = f"{source.first:%Y-%m-%d} to {source.last:%Y-%m-%d}" if source.first else "without dates"
    out.print(Text.assemble((outcome.storyline.id, "bold"), f" on {clean(tested.place)}, {span}"))
    per_second = outcome.articles / max(tested.seconds, 1e-9)
    read = f"{plural(outcome.articles, 'article')} in {tested.seconds:.1f} s ({per_second:,.0f}/s)"
    if isinstance(source, FileSource):
        fates = source.fates()
        left_out = {
            "duplicate": fates.get("duplicate", 0) + fates.get("redelivered", 0),
            "without a word or too large": fates.get("dead_letter", 0),
            "no record": source.rejected.count,
        }
        told = [f"{count:,} {what}" for what, count in left_out.items() if count]
        read += f"; left out: {', '.join(told)}" if told else ""
    out.print(read)
    counts = [(f"{len(outcome.of(d)):,} {_IN_WORDS[d]}", COLOURS[d]) for d in Decision]
    out.print(Text("  ·  ").join(Text(words, colour) for words, colour in counts))
    if outcome.tells_subject:
        out.print(
            f"{outcome.in_doubt:,} of these are in doubt: the definition tells a subject and no more of its "
            "story. Supporting cues or further examples would tell it apart.",
            style="yellow",
        )
    if outcome.changes:
        steps = ", ".join(
            f"{count:,} {before.value} to {after.value}"
            for (before, after), count in sorted(outcome.changes.items())
        )
        out.print(f"minds changed about {plural(outcome.reconsidered, 'article')}: {steps}")
    if not outcome.judged:
        out.print("Nothing came near. `nightdesk explain` tells what an article of yours lacks.")


_IN_WORDS = {
    Decision.FITS: "fit",
    Decision.POSSIBLE: "possible",
    Decision.NOT: "looked at and not taken",
}


def _show_days(days: Sequence[Day], out: Console) -> None:
    if not days:
        return
    unit, bars = _bars(days)
    most = max(fits for _, fits, _ in bars)
    table = Table.grid(padding=(0, 1))
    for label, fits, possible in bars:
        words = f"{fits:,}" + (f" (and {possible:,} possible)" if possible else "")
        bar = Bar(max(most, 1), 0, fits, width=_BAR, color="green")
        table.add_row(label, bar, words)
    out.print()
    out.print(Text(f"Hits per {unit}", "bold"))
    out.print(table, soft_wrap=False)


def _bars(days: Sequence[Day]) -> tuple[str, list[tuple[str, int, int]]]:
    """Return days, or weeks or months where those would be too many, as (label, fits, possible)."""

    def monday(day: date) -> date:
        return day - timedelta(days=day.weekday())

    units = (
        ("day", lambda d: d, "%Y-%m-%d"),
        ("week", monday, "%Y-%m-%d"),
        ("month", lambda d: d.replace(day=1), "%Y-%m"),
    )
    for unit, start, form in units:  # noqa: B007 - used after the loop
        grouped = [(key, list(its)) for key, its in groupby(days, key=lambda d: start(d.day))]
        if len(grouped) <= _MOST_BARS or unit == "month":
            break
    return unit, [
        (f"{key:{form}}", sum(d.fits for d in its), sum(d.possible for d in its))
        for key, its in grouped
    ]


def _show_threshold(outcome: Outcome, out: Console, samples: int) -> None:
    above, below = outcome.just_above(samples), outcome.just_below(samples)
    if not above and not below:
        return
    sensitivity = outcome.storyline.sensitivity.value
    _heading(out, f"At the threshold ({sensitivity}), each beside the bar that it was held against")
    table = _table()
    for judged in above:
        table.add_row(*_row(judged))
    table.add_row(Text("fits", "dim"), Text("─" * 8, "dim"))
    for judged in below:
        table.add_row(*_row(judged))
    out.print(table, soft_wrap=False)
    shown = {judged.article for judged in below}
    for decision, words in (
        (Decision.POSSIBLE, "Further near misses: possible"),
        (Decision.NOT, "Further near misses: the likeliest that were not taken"),
    ):
        rest = [j for j in outcome.best(decision, 2 * samples) if j.article not in shown]
        if rest:
            _heading(out, f"{words} ({len(outcome.of(decision)):,} in all)")
            table = _table()
            for judged in rest[:samples]:
                table.add_row(*_row(judged))
            out.print(table, soft_wrap=False)


def _show_alerts(outcome: Outcome, out: Console, samples: int) -> None:
    if not outcome.raised:
        return
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in outcome.kinds().items())
    _heading(out, f"Alerts: {plural(outcome.developments, 'development')} ({kinds})")
    table = _table()
    for raised in outcome.raised[:samples]:
        told = plural(raised.sources, "source")
        opened = raised.kind is AlertKind.NEW_DEVELOPMENT
        words = Text(_cut(raised.title if opened else raised.reason, 110))
        table.add_row(_when(raised.when), raised.kind.value, told, words)
    out.print(table, soft_wrap=False)
    _more(out, len(outcome.raised) - samples)


def _show_comparison(tested: Tested, out: Console, samples: int) -> None:
    if tested.version is None:
        return
    if tested.in_force is None:
        out.print()
        out.print(f"Version {tested.version}, which is in force, says the same.")
        return
    compared = compare(tested.outcome, tested.in_force)
    _heading(
        out,
        f"Beside version {tested.version} in force: {len(compared.same):,} hits the same, "
        f"{len(compared.new):,} new, {len(compared.lost):,} lost",
    )
    then, now = len(tested.in_force.raised), len(tested.outcome.raised)
    out.print(f"alerts: {then:,} by version {tested.version}, {now:,} by this one")
    for sign, colour, differing in (("+", "green", compared.new), ("-", "red", compared.lost)):
        if not differing or not samples:
            continue
        table = _table()
        for one in differing[:samples]:
            table.add_row(Text(sign, colour), *_row(one.hit), Text(_other(one, sign), "dim"))
        out.print(table, soft_wrap=False)
        _more(out, len(differing) - samples)


def _other(differing: Differing, sign: str) -> str:
    who = "before" if sign == "+" else "now"
    other = differing.other
    return f"{who}: {other.decision.value} {other.probability:.2f}" if other else f"{who}: not near"


def _heading(out: Console, words: str) -> None:
    out.print()
    out.print(Text(words, "bold"))


def _more(out: Console, count: int) -> None:
    if count > 0:
        out.print(Text(f"… and {count:,} more: --samples, or all with --json", "dim"))


def _table() -> Table:
    return Table.grid(padding=(0, 2))


def _row(judged: Judged) -> tuple[Text, ...]:
    archived = judged.name == judged.article
    return (
        Text(_held(judged)),
        Text(judged.decision.value, COLOURS[judged.decision]),
        Text(_when(judged.when)),
        Text(_cut(judged.source, 24)),
        Text(_cut(judged.title, 90) or "(no title)"),
        Text(judged.name[:_ID] if archived else _cut(judged.name, 40), "dim"),
    )


def _held(judged: Judged) -> str:
    """Return how probable it was, beside what it took to fit."""
    sign = "≥" if judged.above >= 0 else "<"
    places = 2 if f"{judged.probability:.2f}" != f"{judged.bar:.2f}" or sign == "≥" else 4
    return f"{judged.probability:.{places}f} {sign} {judged.bar:.{places}f}"


def _when(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M}" if when else "undated"


def _cut(text: str, length: int) -> str:
    """Return `text` on one line, shortened."""
    line = clean(" ".join(text.split()))
    return line if len(line) <= length else line[: length - 1] + "…"
