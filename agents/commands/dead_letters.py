"""`nightdesk dead-letters`: look at what no stage could use, and send it again once that is mended."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.looking import existing_archive as _archive
from agents.commands.terminal import clean, console, plural, print_json

if TYPE_CHECKING:
    from nightdesk.archive import Archive
    from schemas import DeadLetter, DeadLetterReason

app = typer.Typer(
    help="Messages that a stage could not use: list, show, retry.", no_args_is_help=True
)

_MOST = 100_000
"""Letters retried by one command: more come back with the next."""

Stage = Annotated[str | None, typer.Option(help="Only of this stage, such as normalise.")]
Reason = Annotated[str | None, typer.Option(help="Only for this reason, such as not_json.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(
    stage: Stage = None,
    reason: Reason = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    include_retried: Annotated[
        bool, typer.Option("--include-retried", help="Also those sent again already.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List dead letters, last died first."""
    from nightdesk.archive import deadletters

    wanted = _reason(reason)
    with _archive() as archive, archive.read() as conn:
        letters = deadletters.list_letters(
            conn, stage=stage, reason=wanted, limit=limit, include_retried=include_retried
        )
        waiting = sum(
            n
            for (of_stage, of_reason), n in deadletters.counts(conn).items()
            if stage in (None, of_stage) and wanted in (None, of_reason)
        )
    if as_json:
        print_json([_plain(letter) for letter in letters])
        return
    _table(letters)
    if not letters:
        typer.echo("No dead letters" + (" like that." if stage or reason else "."))
    elif waiting > len(letters):
        typer.echo(f"{plural(waiting, 'letter')} in all; --limit shows more.")


@app.command("show")
def show(
    letter: Annotated[str, typer.Argument(help="The letter's id, or its beginning.")],
    as_json: AsJson = False,
) -> None:
    """Show one dead letter whole: why it died, where it stood, what it says."""
    with _archive() as archive:
        found = _find(archive, letter)
    if as_json:
        print_json(_plain(found) | {"message": _decoded(found)})
        return
    out = console()
    for name, value in (
        ("id", found.id),
        ("died at", found.died_at.isoformat()),
        ("stage", found.stage),
        ("stood at", f"{found.topic}, partition {found.partition}, offset {found.offset}"),
        ("key", found.key),
        ("reason", found.reason.value),
        ("detail", found.detail),
        ("hint", found.hint),
    ):
        out.print(f"{name + ':':<10} {clean(str(value))}")
    out.print()
    _show_message(_decoded(found))


@app.command("retry")
def retry(
    letters: Annotated[
        list[str] | None, typer.Argument(help="Ids of letters, or their beginnings.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that were not retried, or all that the options name.")
    ] = False,
    stage: Stage = None,
    reason: Reason = None,
) -> None:
    """Send dead letters again, each to the topic it came from, with its own key and bytes.

    A delivery that failed is opened again instead: its receiver is tried anew.  A running worker
    sends them within seconds; without one, they wait until one runs.
    """
    from agents.commands.retrying import send_again
    from nightdesk.archive import deadletters
    from nightdesk.clock import SystemClock

    if bool(letters) == everything:
        raise typer.BadParameter("name letters, or give --all, but not both")
    if letters and (stage or reason):
        raise typer.BadParameter("--stage and --reason narrow --all; leave them out with ids")
    wanted = _reason(reason)
    with _archive() as archive:
        found = [_find(archive, name) for name in letters or ()]
        # Two names may mean one letter: it is sent, and counted, once.
        chosen = list({letter.id: letter for letter in found}.values())
        with archive.begin() as conn:
            if everything:
                chosen = deadletters.list_letters(conn, stage=stage, reason=wanted, limit=_MOST)
            done = send_again(conn, chosen, SystemClock().now())
    typer.echo(f"{plural(done.sent, 'letter')} on the way again.")
    if done.moot:
        typer.echo(
            f"{plural(done.moot, 'letter')} had nothing left to send: sent again before, or delivered"
            " meanwhile.  What died again has a letter of its own."
        )


def _reason(name: str | None) -> DeadLetterReason | None:
    from schemas import DeadLetterReason

    if name is None:
        return None
    try:
        return DeadLetterReason(name)
    except ValueError:
        known = ", ".join(reason.value for reason in DeadLetterReason)
        raise typer.BadParameter(f"no reason is called {name!r}; there are {known}") from None


def _find(archive: Archive, name: str) -> DeadLetter:
    """Return the letter of that id, or the only one whose id begins so."""
    from nightdesk.archive import deadletters
    from nightdesk.errors import NightdeskError

    with archive.read() as conn:
        if found := deadletters.get(conn, name):
            return found
        recent = deadletters.list_letters(conn, limit=_MOST, include_retried=True)
    alike = [letter for letter in recent if len(name) >= 4 and letter.id.startswith(name)]
    if len(alike) == 1:
        return alike[0]
    many = ", ".join(letter.id for letter in alike[:5])
    raise NightdeskError(
        f"no dead letter {name!r}" if not alike else f"several dead letters begin with {name!r}",
        hint=many or "`nightdesk dead-letters list` shows those there are",
    )


def _decoded(letter: DeadLetter) -> Any:
    """Return the message as JSON data where it is JSON, else as text, else as escaped bytes."""
    import json

    data = base64.b64decode(letter.value)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode("utf-8", "backslashreplace")


def _show_message(message: Any) -> None:
    if isinstance(message, str):
        typer.echo(clean(message) if message else "(an empty message)")
    else:
        print_json(message)


def _plain(letter: DeadLetter) -> dict[str, Any]:
    data: dict[str, Any] = letter.model_dump(mode="json")
    return data


def _table(letters: list[DeadLetter]) -> None:
    from rich.table import Table
    from rich.text import Text

    if not letters:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "died at", "stage", "reason", "detail"):
        table.add_column(heading, no_wrap=heading != "detail", overflow="fold")
    for letter in letters:
        table.add_row(
            letter.id,
            f"{letter.died_at:%Y-%m-%d %H:%M:%S}",
            letter.stage,
            letter.reason.value,
            Text(clean(" ".join(letter.detail.split()))),
        )
    console().print(table, soft_wrap=False)
