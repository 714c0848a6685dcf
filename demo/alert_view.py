"""The alerts on the screen: storyline, title, the words that earned it in their place, who tells it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.align import Align
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from demo.excerpt import Piece
from demo.palette import EARNED, height_of, storyline_styles
from demo.snapshot import AlertCard, Snapshot
from nightdesk.delivery.wording import kind_in_words, one_line

_SHORTEST = 1
"""Lines that an alert in its shortest form takes, if nothing wraps."""


def alerts_panel(snapshot: Snapshot, width: int, height: int) -> RenderableType:
    """Return the alerts, the latest change first, in as much detail as there is room for."""
    cards, styles = snapshot.alerts, storyline_styles(snapshot)
    title = f"[bold]alerts[/] [dim]{len(cards)}, and the words that earned them[/]"
    body: RenderableType = Align.center(
        Text("nothing to tell yet", "italic dim"), vertical="middle"
    )
    if cards:
        body = _fitting(cards, styles, width - 4, height - 2)
    return Panel(body, title=title, title_align="left", border_style="red")


def alert_lines(
    card: AlertCard,
    style: str,
    name: str,
    *,
    excerpt: bool = True,
    sources: bool = True,
    colour: bool = True,
) -> RenderableType:
    """Return an alert in a few lines; `style` is its storyline's colour, `name` what it is called.

    Without `colour`, the words that earned it stand between asterisks.
    """
    parts = [marked(card.title, colour=colour) if card.title else Text(one_line(card.alert.title))]
    if excerpt and card.excerpt:
        parts.append(marked(card.excerpt, "grey70", colour=colour))
    if sources:
        parts.append(_sources(card))
    indented = (Padding(part, (0, 0, 0, 2), expand=False) for part in parts)
    return Group(alert_head(card, style, name), *indented)


def alert_head(card: AlertCard, style: str, name: str) -> Text:
    """Return an alert in one line: its storyline, how many tell it, and why it was last told."""
    alert = card.alert
    counted = "1 source" if alert.sources == 1 else f"{alert.sources} sources"
    head = Text.assemble(
        ("▲ " if alert.pages else "△ ", "bold red" if alert.pages else "dim"),
        (one_line(name, 100), f"bold {style}" if alert.pages else "dim"),
        (f"  {counted}, {kind_in_words(alert.kind).lower()}", "" if alert.pages else "dim"),
    )
    if alert.contradictions:
        head.append("; figures differ", "yellow")
    if not alert.pages:
        head.append("; back catalogue, pages nobody", "italic dim")
    return head


def marked(pieces: Iterable[Piece], style: str = "", *, colour: bool = True) -> Text:
    """Return pieces with the earning ones highlighted, or between asterisks."""
    text = Text()
    for piece in pieces:
        star = "*" if piece.earned and not colour else ""
        text.append(f"{star}{piece.text}{star}", style=EARNED if piece.earned else style)
    return text


def _fitting(
    cards: Sequence[AlertCard], styles: dict[str, str], width: int, room: int
) -> RenderableType:
    """Return all cards that fit into `room` lines: each in its longest form that leaves the rest some."""
    order = sorted(cards, key=lambda c: (c.alert.pages, c.alert.raised_at), reverse=True)
    parts: list[RenderableType] = []
    for number, card in enumerate(order):
        rest = _SHORTEST * (len(order) - number - 1)
        name = card.alert.storyline
        style = styles.get(name, "bold")
        forms = (
            alert_lines(card, style, name, excerpt=card.alert.pages),
            alert_lines(card, style, name, excerpt=False),
            alert_lines(card, style, name, excerpt=False, sources=False),
            alert_head(card, style, name),
        )
        heights = [height_of(form, width) for form in forms]
        for form, height in zip(forms, heights, strict=True):
            if height <= room - rest or form is forms[-1]:
                parts.append(form)
                room -= height
                break
        if room <= 0:
            break
    return Group(*parts)


def _sources(card: AlertCard) -> Text:
    text = Text(style="dim")
    seen: set[tuple[str, bool]] = set()
    for article in card.alert.articles:
        copy = article.copy_of is not None
        if (article.source, copy) in seen:
            continue
        seen.add((article.source, copy))
        text.append("   " if len(text) else "")
        text.append("≈ " if copy else "● ", style="dim" if copy else "green")
        text.append(one_line(article.source, 40))
        if copy:
            text.append(" (copy)")
        elif article.revision > 1:
            text.append(" (edited)", style="yellow")
    return text
