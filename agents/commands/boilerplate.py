"""`nightdesk boilerplate`: which lines of which sources are dropped from their articles, and undoing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.looking import existing_archive
from agents.commands.terminal import clean, console, plural, print_json

if TYPE_CHECKING:
    from datetime import datetime

    from nightdesk.archive import Archive
    from nightdesk.archive.boilerplate import LearnedLine

app = typer.Typer(
    help="Lines that recur in a source's articles and are dropped: list, undo, redo.",
    no_args_is_help=True,
)

_LEAST_PREFIX = 4
_SHOWN = 5

Source = Annotated[str, typer.Argument(help="The source, as its feed names it.")]
Line = Annotated[
    str, typer.Argument(help="The line: its words, its id, or the beginning of its id.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(
    source: Annotated[str | None, typer.Argument(help="Only lines of this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what was learned, what is dropped most first."""
    from nightdesk.archive import boilerplate
    from nightdesk.clock import SystemClock

    now = SystemClock().now()
    with existing_archive() as archive, archive.read() as conn:
        lines = boilerplate.listed(conn, source)
    if as_json:
        print_json([_plain(line, now) for line in lines[:limit]])
        return
    _table(lines[:limit], now)
    if not lines:
        typer.echo(f"Nothing was learned{f' of {clean(source)}' if source else ''} so far.")
    elif len(lines) > limit:
        typer.echo(f"{plural(len(lines), 'line')} in all; --limit shows more.")


@app.command("undo")
def undo(source: Source, line: Line) -> None:
    """Keep a line in the source's articles from now on.  What was dropped before stays dropped."""
    from nightdesk.clock import SystemClock

    with existing_archive() as archive:
        found = _set(archive, source, line, SystemClock().now())
    typer.echo(f"Kept from now on: {clean(found.words)}")
    typer.echo(
        f"It was dropped {plural(found.dropped, 'time')}; `nightdesk boilerplate redo` drops it again."
    )


@app.command("redo")
def redo(source: Source, line: Line) -> None:
    """Drop a line again that was undone."""
    with existing_archive() as archive:
        found = _set(archive, source, line, None)
    typer.echo(f"Dropped from now on, where it recurs: {clean(found.words)}")


def _set(archive: Archive, source: str, name: str, moment: datetime | None) -> LearnedLine:
    from nightdesk.archive import boilerplate

    with archive.begin() as conn:
        found = _find(boilerplate.listed(conn, source), source, name)
        boilerplate.set_undone(conn, source, found.line, moment)
    return found


def _find(lines: list[LearnedLine], source: str, name: str) -> LearnedLine:
    """Return the line of those words, of that id, or the only one whose id begins so."""
    from nightdesk.errors import ConfigurationError
    from nightdesk.text.recurring import key_of

    key = key_of(name)
    alike = [line for line in lines if line.line == key]
    if not alike and len(name) >= _LEAST_PREFIX:
        alike = [line for line in lines if line.line.hex().startswith(name.lower())]
    if len(alike) == 1:
        return alike[0]
    if alike:
        raise ConfigurationError(
            f"several lines of {source!r} begin with {name!r}",
            hint=", ".join(line.line.hex() for line in alike[:_SHOWN]),
        )
    raise ConfigurationError(
        f"no such line was learned of {source!r}",
        hint="`nightdesk boilerplate list` shows the sources and their lines with their ids",
    )


def _state(line: LearnedLine, now: datetime) -> str:
    if line.undone_at is not None:
        return "undone"
    return "dropped" if line.holds(now) else "lapsed"


def _plain(line: LearnedLine, now: datetime) -> dict[str, Any]:
    return {
        "id": line.line.hex(),
        "source": line.source,
        "line": line.words,
        "state": _state(line, now),
        "dropped": line.dropped,
        "learned_at": line.learned_at.isoformat(),
        "seen_at": line.seen_at.isoformat(),
        "undone_at": line.undone_at.isoformat() if line.undone_at else None,
    }


def _table(lines: list[LearnedLine], now: datetime) -> None:
    from rich.table import Table
    from rich.text import Text

    if not lines:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "source", "state"):
        table.add_column(heading, no_wrap=True)
    table.add_column("dropped", justify="right")
    for heading in ("learned", "last met"):
        table.add_column(heading, no_wrap=True)
    table.add_column("line", overflow="fold")
    for line in lines:
        table.add_row(
            line.line.hex(),
            Text(clean(line.source)),
            _state(line, now),
            f"{line.dropped:,}",
            f"{line.learned_at:%Y-%m-%d}",
            f"{line.seen_at:%Y-%m-%d}",
            Text(clean(" ".join(line.words.split()))),
        )
    console().print(table, soft_wrap=False)
