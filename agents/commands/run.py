"""`nightdesk run`: the long-lived service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agents.runtime import Runtime
    from nightdesk.archive.definitions import Definitions
    from nightdesk.bundles.plan import Plan
    from schemas import Bundle

_TRIES = 12
"""How often a start waits for the archive's lock, ten seconds a time, to apply its bundle.

10,000 new definitions take the worker that is first 0.8 s on SQLite and 20 s on PostgreSQL.
"""


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
            apply_bundle(runtime, bundle, prune=prune)
        except BaseException:
            runtime.close()
            raise
    raise typer.Exit(run_worker(runtime))


def apply_bundle(runtime: Runtime, path: Path, *, prune: bool = False) -> None:
    """Make the archive's definitions those of the bundle, without asking: its giver has decided.

    Any number of workers may do so at once, of the same bundle or of several.  Raises
    ConfigurationError for a bundle with errors, and ArchiveError.
    """
    import structlog

    from agents.commands.check import read_bundle, show_problems
    from agents.commands.terminal import console
    from nightdesk.archive import definitions
    from nightdesk.bundles.archived import ArchivedArticles
    from nightdesk.bundles.plan import Action, ids_of, logins_of
    from nightdesk.errors import ConfigurationError

    with runtime.archive.read() as connection:
        known = definitions.current(connection)
        loaded = read_bundle(
            path,
            None if prune else ids_of(known),
            logins=logins_of(known),
            articles=ArchivedArticles(connection, known),
        )
    show_problems(loaded, console(stderr=True))
    if loaded.bundle is None:
        raise ConfigurationError(
            f"{loaded.file} has errors; nothing was started",
            hint="mend them, and look with `nightdesk check` until it is sound",
        )
    planned = _plan_and_apply(runtime, loaded.bundle, known, prune=prune)
    structlog.get_logger(__name__).info(
        "bundle_applied",
        file=loaded.file,
        created=planned.count(Action.CREATE),
        updated=planned.count(Action.UPDATE),
        retired=planned.count(Action.RETIRE),
        unchanged=planned.count(Action.UNCHANGED),
    )


def _plan_and_apply(runtime: Runtime, bundle: Bundle, known: Definitions, *, prune: bool) -> Plan:
    """Apply the bundle to what is in force at that moment; return what that changed."""
    import structlog

    from nightdesk.archive import definitions
    from nightdesk.archive.errors import ArchiveLocked
    from nightdesk.bundles import apply
    from nightdesk.bundles.plan import plan

    for left in reversed(range(_TRIES)):
        try:
            with runtime.archive.begin() as connection:
                # Planned while nobody else can change anything: a worker that was started together
                # with this one may have applied the same since the bundle was read.
                definitions.hold(connection)
                current = definitions.current(connection, before=known)
                planned = plan(current, bundle, prune=prune)
                apply.apply(connection, planned, author="nightdesk run", now=runtime.clock.now())
            return planned
        except ArchiveLocked as error:
            if not left:
                raise
            structlog.get_logger(__name__).warning("bundle_waits", trouble=error.message)
    raise AssertionError("the last try returns or raises")
