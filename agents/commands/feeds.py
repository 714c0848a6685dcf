"""`nightdesk feeds`: how each feed does, and what one would give before it is added."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agents.commands.terminal import clean, plural, print_json

app = typer.Typer(
    help="How feeds do, what one would give, and lists of feeds from and for other readers.",
    no_args_is_help=False,
    invoke_without_command=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_SHOWN = 10


@app.callback()
def _group(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_(as_json=False, failing=False)


@app.command("list")
def list_(
    failing: Annotated[
        bool, typer.Option("--failing", help="Only those whose last poll brought no document.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the feeds: health, since when, the last success, the next poll.  The same as `nightdesk feeds`."""
    from agents.commands.feeds_list import rows, show_rows

    found = [row for row in rows() if row["failing"] or not failing]
    if as_json:
        print_json(found)
    else:
        show_rows(found, failing=failing)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="The feed's id.")],
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many polls.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show one feed: what is remembered of it, and its latest polls."""
    from agents.commands.feeds_list import detail, show_detail

    found = detail(name, limit)
    if as_json:
        print_json(found)
    else:
        show_detail(found)


@app.command("try")
def try_(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="URL|FILE…",
            help="An address, a file (- is stdin), or the id of a declared feed.",
        ),
    ],
    allow_private: Annotated[
        bool,
        typer.Option("--allow-private", help="Also fetch from private and loopback addresses."),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 1 where one of them is no feed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
) -> None:
    """Show what a feed would give before it is added: its health, its entries, what would be rejected.

    Nothing is kept, and no poll is due the later for it.  Ends with 1 where an input is nothing that could be
    tried, and with --strict where it is no feed.
    """
    from agents.commands.feeds_trial import as_line, show_trial, try_all

    sound = True
    for tried in try_all(inputs, allow_private=allow_private):
        sound = sound and not tried.is_nothing and (tried.trial.is_feed or not strict)
        if as_json:
            typer.echo(as_line(tried))
        else:
            show_trial(tried, most=_SHOWN)
    raise typer.Exit(0 if sound else 1)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.opml", help="A list of feeds as OPML.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the bundle there, not to stdout.")
    ] = None,
) -> None:
    """Turn a list of feeds of another reader (OPML) into a bundle to check and apply; folders become tags."""
    from agents.commands.feeds_lists import bundle_of

    text, found = bundle_of(file)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    for url, reason in found.left_out:
        typer.echo(clean(f"left out: {url[:300]}: {reason}"), err=True)
    for url in found.without_login:
        hint = "give its login by `access: {basic: {env: NAME}}`"
        typer.echo(clean(f"taken without a login: {url[:300]}: {hint}"), err=True)
    typer.echo(f"{plural(len(found.feeds), 'feed')}, {len(found.left_out):,} left out", err=True)


@app.command("export")
def export() -> None:
    """Print the declared feeds as OPML, for other readers: one folder a tag."""
    from agents.commands.feeds_lists import opml_of_archive

    typer.echo(opml_of_archive().decode(), nl=False)
