"""A snapshot on the terminal: stages with their counts, reports flowing, alerts and why, feeds' health.

In come a `Snapshot`, a `Progress` and the size of the screen; out comes something that rich can print.
Nothing here waits, reads or remembers: the same values give the same screen.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from demo.alert_view import alerts_panel
from demo.feed_view import feeds_height, feeds_panel
from demo.report_view import reports_panel
from demo.snapshot import Progress, Snapshot

_WIDE = 104
"""Columns from which reports and alerts stand side by side."""
_STAGE_LINES = 7


def screen(snapshot: Snapshot, progress: Progress, width: int, height: int) -> RenderableType:
    """Return the whole screen, `width` columns by `height` lines."""
    feed_lines = feeds_height(snapshot.feeds, width, most=max(3, height // 8))
    room = max(6, height - 1 - _STAGE_LINES - feed_lines)
    layout, middle = Layout(), Layout(name="middle", ratio=1)
    layout.split_column(
        Layout(header(progress, len(snapshot.feeds), width), size=1),
        Layout(stages(snapshot), size=_STAGE_LINES),
        middle,
        Layout(feeds_panel(snapshot.feeds, width, feed_lines), size=feed_lines),
    )
    if width >= _WIDE:
        left = width * 9 // 20
        middle.split_row(
            Layout(reports_panel(snapshot, left, room), size=left),
            Layout(alerts_panel(snapshot, width - left, room)),
        )
    else:
        top = max(3, room * 3 // 8)
        middle.split_column(
            Layout(reports_panel(snapshot, width, top), size=top),
            Layout(alerts_panel(snapshot, width, room - top)),
        )
    return layout


def header(progress: Progress, feeds: int, width: int) -> RenderableType:
    """Return the first line: where the programme stands."""
    row = Table.grid(expand=True)
    row.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    row.add_column(justify="right", no_wrap=True)
    dots = "●" * progress.wave + "○" * (progress.waves - progress.wave)
    left = Text(" nightdesk ", "bold white on dark_blue")
    if width >= _WIDE:
        left.append("  a night on the desk, in a minute ", "bold")
    left.append(f"  {progress.phase}", "dim")
    right = Text.assemble(
        (f"{feeds} feeds   " if feeds else "", "dim"),
        ("waves ", "dim"),
        (dots, "yellow"),
        (f"   {progress.seconds:3.0f} s ", "bold"),
    )
    row.add_row(left, right)
    return row


def stages(snapshot: Snapshot) -> RenderableType:
    """Return the row of stages: what came in, and what became of it."""
    count = snapshot.count
    cells = (
        (
            "poll",
            (count("poll", "polled"), "in"),
            (count("poll", "new"), "new", "green"),
            (count("poll", "unchanged"), "seen", "dim"),
            (count("poll", "duplicate", "rejected"), "aside", "dim"),
        ),
        (
            "normalise",
            (count("normalise", "received"), "in"),
            (count("normalise", "new"), "new", "green"),
            (count("normalise", "revision"), "edited", "yellow"),
            (count("normalise", "duplicate", "dead_letter"), "aside", "dim"),
        ),
        (
            "nominate",
            (count("nominate", "received"), "in"),
            (count("nominate", "nominated"), "named", "green"),
            (count("nominate", "not_nominated"), "passed", "dim"),
            None,
        ),
        (
            "decide",
            (count("decide", "received"), "in"),
            (count("decide", "fits"), "fit", "green"),
            (count("decide", "possible"), "maybe", "yellow"),
            (count("decide", "not"), "not", "dim"),
        ),
        (
            "alert",
            (count("alert", "received"), "in"),
            (count("alert", "opened"), "opened", "bold red"),
            (count("alert", "grew", "echoed", "joined", "copy"), "grew", "green"),
            (count("alert", "revised"), "edited", "yellow"),
        ),
        (
            "deliver",
            (count("deliver", "received"), "in"),
            (count("deliveries", "delivered"), "told", "green"),
            (count("deliveries", "suppressed"), "held", "dim"),
            (
                count("deliveries", "failed"),
                "failed",
                "red" if count("deliveries", "failed") else "dim",
            ),
        ),
    )
    table = Table.grid(expand=True)
    for number in range(2 * len(cells) - 1):
        table.add_column(justify="left", no_wrap=True, ratio=None if number % 2 else 1)
    row: list[RenderableType] = []
    for number, (name, (total, noun), *outcomes) in enumerate(cells):
        if number:
            row.append(Text("\n─▶", style="bright_blue"))
        row.append(_cell(name, total, noun, outcomes))
    table.add_row(*row)
    return Panel(table, border_style="bright_blue", padding=(0, 1))


def _cell(
    name: str, total: int, noun: str, outcomes: Sequence[tuple[int, str, str] | None]
) -> Text:
    text = Text.assemble((name, "bold"), "\n", (f"{total:>4}", "bold"), f" {noun}")
    for outcome in outcomes:
        text.append("\n")
        if outcome is not None:
            number, word, style = outcome
            text.append(f"{number:>4} {word}", style=style if number else "dim")
    return text
