"""`nightdesk audit`: who changed what by the API, and who was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agents.commands.looking import existing_archive
from agents.commands.moments import moment
from agents.commands.terminal import clean, console, print_json

if TYPE_CHECKING:
    from nightdesk.archive.audit import Entry


def audit(
    since: Annotated[
        str | None, typer.Option(help="Only from 2026-03-01 on, or since 7d ago.")
    ] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this token or user did.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="Only what was done to these: storyline, alert, token, …")
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Only what was done to this id.")] = None,
    refused: Annotated[
        bool, typer.Option("--refused", help="Only what was asked for and refused.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the audit log, newest first: when, who, what, to which, and what was refused."""
    from nightdesk.archive import audit as log
    from nightdesk.clock import SystemClock

    start = moment(since, "since", now=SystemClock().now())
    with existing_archive() as archive, archive.read() as conn:
        entries = log.newest(
            conn,
            limit=limit,
            since=start,
            actor=actor,
            kind=kind,
            subject=subject,
            refused=True if refused else None,
        )
    if as_json:
        print_json([_plain(entry) for entry in entries])
    elif entries:
        _table(entries)
    else:
        typer.echo("Nothing was done like that.")


def _plain(entry: Entry) -> dict[str, object]:
    return {
        "n": entry.n,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "kind": entry.kind,
        "subject": entry.subject,
        "detail": entry.detail,
    }


def _table(entries: list[Entry]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for title in ("when (UTC)", "who", "what", "of", "detail"):
        table.add_column(title)
    for entry in entries:
        style = "red" if entry.action == "refused" else ""
        table.add_row(
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            clean(entry.actor),
            Text(clean(entry.action), style),
            clean(f"{entry.kind} {entry.subject}".strip()),
            clean(entry.detail),
        )
    console().print(table)
