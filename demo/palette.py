"""Colours and marks that the screens share, so that a storyline looks the same wherever it stands."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType

from demo.snapshot import Snapshot

EARNED = "bold black on yellow"
"""Words that earned an alert."""

_STORYLINES = ("bright_magenta", "bright_cyan", "bright_green", "bright_blue", "orange1")


def storyline_styles(snapshot: Snapshot) -> dict[str, str]:
    """Return storyline -> colour, in the order in which they first raised an alert or were fitted."""
    names = [card.alert.storyline for card in snapshot.alerts]
    names += [decided.storyline for line in snapshot.reports for decided in line.decided]
    unique = dict.fromkeys(names)
    return {name: _STORYLINES[n % len(_STORYLINES)] for n, name in enumerate(unique)}


def height_of(renderable: RenderableType, width: int) -> int:
    """Return how many lines `renderable` takes in `width` columns."""
    ruler = Console(file=io.StringIO(), width=max(1, width), height=1_000)
    return len(ruler.render_lines(renderable, pad=False))
