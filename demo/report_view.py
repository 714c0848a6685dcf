"""The reports on the screen: newest first, each with its outlet, title and fate."""

from __future__ import annotations

from rich.align import Align
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from demo.palette import storyline_styles
from demo.snapshot import ReportLine, Snapshot
from nightdesk.delivery.wording import one_line

_WORDS_FROM = 74
"""Columns from which there is room for the fate in words; below, its mark must do."""
_LEGEND = "▲ fits ≈ copy ✎ edit ? maybe = known · none"

_ASIDE = {
    "duplicate": ("=", "known already", "dim cyan"),
    "redelivered": ("=", "known already", "dim cyan"),
    "dead_letter": ("✖", "nothing to read", "red"),
}


def reports_panel(snapshot: Snapshot, width: int, height: int) -> RenderableType:
    """Return the newest reports, each with its fate, newest first."""
    newest = list(reversed(snapshot.reports))[: max(1, height - 2)]
    styles = storyline_styles(snapshot)
    in_words = width >= _WORDS_FROM
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=1, no_wrap=True)
    table.add_column(width=18 if in_words else 14, no_wrap=True, overflow="ellipsis", style="cyan")
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    if in_words:
        table.add_column(width=28, no_wrap=True, overflow="ellipsis")
    table.expand = True
    for line in newest:
        mark, words, style = fate(line, styles)
        title = Text(one_line(line.title, 200), style if line.best else "dim")
        said = [Text(words, style)] if in_words else []
        table.add_row(Text(mark, style), one_line(line.source, 40), title, *said)
    body: RenderableType = table
    if not newest:
        quiet = Text("the outlets are open, nobody has read them yet", "italic dim")
        body = Align.center(quiet, vertical="middle")
    return Panel(
        body,
        title=f"[bold]reports[/] [dim]{len(snapshot.reports)}[/]",
        title_align="left",
        subtitle=None if in_words else f"[dim]{_LEGEND}[/]",
        subtitle_align="right",
        border_style="cyan",
    )


def fate(line: ReportLine, styles: dict[str, str]) -> tuple[str, str, str]:
    """Return a mark, a few words and a style for what became of a report.

    `styles` maps storylines to their colours.
    """
    if line.outcome in _ASIDE:
        return _ASIDE[line.outcome]
    if not line.is_settled:
        return "…", "under way", "italic dim"
    best = line.best
    if best is None:
        return "·", "no storyline", "dim"
    if best.decision == "possible":
        return "?", f"may fit {best.storyline}", "yellow"
    mark, more = ("≈", ", a copy") if line.copies else ("▲", "")
    if line.revision > 1:
        mark, more = "✎", ", edited"
    return mark, best.storyline + more, styles.get(best.storyline, "bold")
