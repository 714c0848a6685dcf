"""The feeds on the screen: each one's health in words, or only those worth a word where room is short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from demo.snapshot import FeedLine
from nightdesk.feeds.health import FeedHealth

_FRAME = 2
_WORDS = {"unchanged": "ok", "empty": "ok, empty", "never_polled": "not polled yet"}


def feeds_panel(feeds: Sequence[FeedLine], width: int, height: int) -> RenderableType:
    """Return the feeds' health in words, within `height` lines."""
    rows = _packed(map(feed_text, feeds), width - 4)
    if len(rows) > height - _FRAME:
        failing = [feed_text(feed) for feed in feeds if feed.failing]
        waited = [feed_text(feed) for feed in feeds if _waited(feed) and not feed.failing]
        others = Text(f"● {len(feeds) - len(failing) - len(waited)} others ok", "green")
        rows = _packed([*failing, others, *waited], width - 4)
    body = Group(*rows) if rows else Text("none polled yet", "italic dim")
    return Panel(body, title="[bold]feeds[/]", title_align="left", border_style="green")


def feeds_height(feeds: Sequence[FeedLine], width: int, *, most: int) -> int:
    """Return how many lines the panel takes, of which there are at least three and at the most `most`."""
    rows = len(_packed(map(feed_text, feeds), width - 4))
    return min(max(1, rows) + _FRAME, max(1 + _FRAME, most))


def feed_text(feed: FeedLine) -> Text:
    """Return one feed's health in words."""
    words = _WORDS.get(feed.health, feed.health.replace("_", " "))
    mark, style = ("✖ ", "red") if feed.failing else ("● ", "green")
    if feed.health == FeedHealth.RATE_LIMITED:
        mark, style, words = "◔ ", "yellow", "429, asked to wait"
    text = Text.assemble((mark, style), feed.id, (f" {words}", style))
    if _waited(feed) and not feed.failing:
        text.append(" after a 429", style="yellow")
    return text


def _waited(feed: FeedLine) -> bool:
    return FeedHealth.RATE_LIMITED in feed.outcomes


def _packed(chips: Iterable[Text], width: int) -> list[Text]:
    """Return chips as lines of at most `width` columns, none broken in the middle."""
    rows: list[Text] = []
    for chip in chips:
        if rows and rows[-1].cell_len + 3 + chip.cell_len <= width:
            rows[-1].append("   ").append_text(chip)
        else:
            rows.append(chip.copy())
    return rows
