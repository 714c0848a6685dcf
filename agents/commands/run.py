"""`nightdesk run`: the long-lived service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agents.runtime import Runtime


def run(
    bundle: Annotated[
        Path | None, typer.Option("--bundle", "-b", help="Apply this bundle first.")
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Retire what the archive holds and the bundle lacks.")
    ] = False,
) -> None:
    """Run the service: poll, decide, alert, deliver, until Ctrl-C or SIGTERM.

    Settings come from the environment: docs/settings.md.
    """
    from agents.logs import configure_logging
    from agents.runtime import Runtime
    from agents.worker import run_worker
    from nightdesk.settings import load_settings

    settings = load_settings()
    configure_logging(settings)
    runtime = Runtime(settings)
    if bundle is not None:
        try:
            _apply(runtime, bundle, prune=prune)
        except BaseException:
            runtime.close()
            raise
    raise typer.Exit(run_worker(runtime))


def _apply(runtime: Runtime, path: Path, *, prune: bool) -> None:
    """Make the archive's definitions those of the bundle, without asking: its giver has decided."""
    import structlog

    from agents.commands.check import read_bundle, show_problems
    from agents.commands.terminal import console
    from nightdesk.archive import definitions
    from nightdesk.bundles import apply
    from nightdesk.bundles.archived import ArchivedArticles
    from nightdesk.bundles.plan import Action, ids_of, plan
    from nightdesk.errors import ConfigurationError

    with runtime.archive.begin() as connection:
        current = definitions.current(connection)
        loaded = read_bundle(
            path,
            None if prune else ids_of(current),
            articles=ArchivedArticles(connection, current),
        )
        show_problems(loaded, console(stderr=True))
        if loaded.bundle is None:
            raise ConfigurationError(
                f"{loaded.file} has errors; nothing was started",
                hint="mend them, and look with `nightdesk check` until it is sound",
            )
        planned = plan(current, loaded.bundle, prune=prune)
        apply.apply(connection, planned, author="nightdesk run", now=runtime.clock.now())
    structlog.get_logger(__name__).info(
        "bundle_applied",
        file=loaded.file,
        created=planned.count(Action.CREATE),
        updated=planned.count(Action.UPDATE),
        retired=planned.count(Action.RETIRE),
        unchanged=planned.count(Action.UNCHANGED),
    )
