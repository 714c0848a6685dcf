"""`nightdesk doctor`: looks at everything that Nightdesk needs, changes nothing, says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from agents.commands.terminal import clean, console, plural, print_json

if TYPE_CHECKING:
    from agents.commands.checkup import Finding
    from nightdesk.settings import Settings

_LOOKS = {"ok": ("ok  ", "green"), "warn": ("warn", "yellow"), "fail": ("FAIL", "bold red")}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Examine this installation: settings, disk, archive, broker, port, feeds, account.

    Ends with 1 where a check fails; warnings alone end with 0.
    """
    findings = []
    for finding in _findings():
        findings.append(finding)
        if not as_json:
            _show(finding)
    failed = sum(finding.state == "fail" for finding in findings)
    warned = sum(finding.state == "warn" for finding in findings)
    if as_json:
        print_json({"ok": not failed, "checks": [finding.as_dict() for finding in findings]})
    else:
        ending = plural(failed, "failure"), plural(warned, "warning")
        console().print("\nAll is well." if not failed + warned else f"\n{ending[0]}, {ending[1]}.")
    raise typer.Exit(1 if failed else 0)


def _findings() -> Iterator[Finding]:
    from agents.commands.checkup import examine, fail
    from agents.commands.checkup_machine import (
        check_python,
        check_settings,
        check_state_dir,
        check_web_port,
    )
    from nightdesk.errors import ConfigurationError
    from nightdesk.settings import load_settings

    yield from examine([("python", check_python)])
    try:
        settings = load_settings()
    except ConfigurationError as error:
        yield fail("settings", error.message, error.hint)
        return
    yield from examine(
        [
            ("settings", lambda: check_settings(settings)),
            ("state folder", lambda: check_state_dir(settings)),
            ("web port", lambda: check_web_port(settings)),
        ]
    )
    yield from _state_findings(settings)


def _state_findings(settings: Settings) -> Iterator[Finding]:
    from agents.commands import checkup_state as state
    from agents.commands.checkup import examine, ok
    from nightdesk.archive import open_archive

    yield from examine([("broker", lambda: state.check_broker(settings))])
    if not state.archive_exists(settings):
        yield ok("archive", "does not exist yet: `nightdesk run` or `nightdesk apply` makes it")
        return
    with closing(open_archive(settings.archive_url)) as archive:
        first = list(examine([("archive", lambda: state.check_archive(settings, archive))]))
        yield from first
        if any(finding.state != "ok" for finding in first):
            return
        yield from examine(
            [
                ("feeds", lambda: state.check_feeds(archive)),
                ("access", lambda: state.check_access(archive)),
                ("receivers", lambda: state.check_receivers(archive)),
                ("dead letters", lambda: state.check_dead_letters(archive)),
                ("outbox", lambda: state.check_outbox(archive)),
                ("account", lambda: state.check_account(archive)),
            ]
        )


def _show(finding: Finding) -> None:
    from rich.text import Text

    word, colour = _LOOKS[finding.state]
    out = console()
    out.print(
        Text.assemble((word, colour), f"  {finding.check + ':':<14} ", clean(finding.message))
    )
    if finding.hint:
        out.print(Text.assemble(" " * 22, ("hint: ", "cyan"), clean(finding.hint)))
