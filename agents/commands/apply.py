"""`nightdesk apply`: what a bundle would change in the archive, and then the change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.commands.check import read_bundle, show_problems
from agents.commands.terminal import clean, console, interactive, whoami

if TYPE_CHECKING:
    from rich.console import Console

    from nightdesk.bundles.plan import Change, Plan

_LINES_SHOWN = 60
_SIGNS = {"create": ("+", "green"), "update": ("~", "yellow"), "retire": ("-", "red")}


def apply(
    bundle: Annotated[Path, typer.Argument(help="The bundle's YAML file; - reads stdin.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Retire what the archive holds and the bundle lacks.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan, change nothing.")
    ] = False,
    author: Annotated[
        str | None, typer.Option(help="Who changes the definitions.", show_default="you")
    ] = None,
) -> None:
    """Apply a bundle: show what would change, ask, change it.

    Running workers take the new definitions over within seconds.  A bundle that has an error
    changes nothing.
    """
    from agents.runtime import open_worker_archive
    from nightdesk.archive import definitions
    from nightdesk.bundles import apply as bundles_apply
    from nightdesk.bundles.archived import ArchivedArticles
    from nightdesk.bundles.plan import ids_of, logins_of, plan
    from nightdesk.clock import SystemClock
    from nightdesk.errors import ConfigurationError
    from nightdesk.pipeline.rarity import in_force
    from nightdesk.settings import load_settings

    archive = open_worker_archive(load_settings())
    try:
        with archive.read() as conn:
            current = definitions.current(conn)
            # What a prune retires can no longer be referred to.
            loaded = read_bundle(
                bundle,
                None if prune else ids_of(current),
                logins=logins_of(current),
                articles=ArchivedArticles(conn, current),
                rarity=in_force(conn),
                compare=True,
            )
        show_problems(loaded, console(stderr=True))
        if loaded.bundle is None:
            raise ConfigurationError(
                f"{loaded.file} has errors; nothing was applied",
                hint="mend them, and look with `nightdesk check` until it is sound",
            )
        planned = plan(current, loaded.bundle, prune=prune)
        out = console()
        _show(planned, out)
        if not planned.effective or dry_run:
            return
        if not yes:
            _ask()
        with archive.begin() as conn:
            done = bundles_apply.apply(
                conn, planned, author=author or whoami(), now=SystemClock().now()
            )
        out.print(f"Applied: {_summary(planned)}.")
        if others := len(planned.effective) - len(done):
            out.print(f"{others} of these changes were made by somebody else meanwhile.")
    finally:
        archive.close()


def _ask() -> None:
    from nightdesk.errors import ConfigurationError

    if not interactive():
        raise ConfigurationError(
            "nobody is there to ask, so nothing was applied",
            hint="add --yes to apply without asking, or --dry-run to only look",
        )
    if not typer.confirm("Apply these changes?"):
        typer.echo("Nothing was applied.")
        raise typer.Exit(1)


def _show(planned: Plan, out: Console) -> None:
    from rich.text import Text

    from nightdesk.bundles.apply import KINDS
    from nightdesk.bundles.plan import Action

    for change in planned.effective:
        sign, colour = _SIGNS[change.action]
        version = f" (version {change.version})" if change.version else ""
        what = f"{sign} {change.action} {KINDS[change.section]} {change.id}{version}"
        out.print(Text(what, f"bold {colour}"))
        _show_diff(change, out)
    kept = planned.count(Action.KEPT)
    if kept:
        out.print(
            f"{kept} that only the archive holds {'is' if kept == 1 else 'are'} kept;"
            " --prune would retire them."
        )
    if not planned.effective:
        out.print("Nothing to change.")
    else:
        out.print(f"Plan: {_summary(planned)}.")


def _show_diff(change: Change, out: Console) -> None:
    from rich.text import Text

    from nightdesk.bundles.render import diff_lines

    if change.after is None:
        return
    colours = {"+": "green", "-": "red", "@": "cyan"}
    lines = list(diff_lines(change))
    for line in lines[:_LINES_SHOWN]:
        out.print(Text(f"    {clean(line)}", colours.get(line[:1], "dim")))
    if len(lines) > _LINES_SHOWN:
        out.print(Text(f"    … and {len(lines) - _LINES_SHOWN} lines more", "dim"))


def _summary(planned: Plan) -> str:
    from nightdesk.bundles.plan import Action

    words = {Action.CREATE: "created", Action.UPDATE: "updated", Action.RETIRE: "retired"}
    words[Action.UNCHANGED] = "unchanged"
    parts = [f"{planned.count(action)} {word}" for action, word in words.items()]
    return ", ".join(part for part in parts if not part.startswith("0 "))
