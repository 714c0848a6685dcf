"""The command line, `nightdesk`: which commands there are, and how any failure is told.

Comes in: arguments.  Goes out: an exit code, 0 for done, 1 for a failure, 2 for wrong usage, 130
for Ctrl-C.  Commands live in `agents.commands`, one small module each, and import what is heavy only
once they run, so that `--help` answers at once.  No failure ends in a traceback unless `--debug`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from agents.commands import (
    alerts,
    apply,
    audit,
    backtest,
    boilerplate,
    check,
    dead_letters,
    deliveries,
    doctor,
    edits,
    emerging,
    explain,
    feeds,
    rarity,
    replay,
    serve,
    storyline,
    subscriptions,
    tokens,
    topics,
    why,
)
from agents.commands import run as run_service

app = typer.Typer(
    name="nightdesk",
    help="Watches news feeds and tells people when a report fits a storyline that they follow.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run_service.run)
app.command("serve")(serve.serve)
app.command("replay")(replay.replay)
app.command("check")(check.check)
app.command("apply")(apply.apply)
app.add_typer(feeds.app, name="feeds")
app.add_typer(storyline.app, name="storyline")
app.add_typer(alerts.app, name="alerts")
app.command("explain")(explain.explain)
app.command("backtest")(backtest.backtest)
app.command("why")(why.why)
app.command("edits")(edits.edits)
app.add_typer(emerging.app, name="emerging")
app.add_typer(rarity.app, name="rarity")
app.add_typer(boilerplate.app, name="boilerplate")
app.add_typer(tokens.app, name="tokens")
app.command("audit")(audit.audit)
app.command("topics")(topics.topics)
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(dead_letters.app, name="dead-letters")
app.command("doctor")(doctor.doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        from nightdesk import __version__

        typer.echo(f"nightdesk {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of a failure.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    # `debug` is read by `run`, which is still there when an exception has left all this.
    del debug, version


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; what is said goes to stdout and stderr."""
    try:
        app(args=list(arguments), prog_name="nightdesk")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _leave_quietly()
    except Exception as error:
        if "--debug" in arguments:
            raise
        return _tell(error)
    return 0


def _tell(error: Exception) -> int:
    """Say what failed and what to do: errors of ours, of the broker's too, carry both."""
    from agents.commands.terminal import clean

    hint = getattr(error, "hint", None)
    if hint is None:
        message = f"{type(error).__name__}: {error}"
        hint = "this is a fault of Nightdesk: run it again as `nightdesk --debug …`, and report it"
    else:
        message = str(getattr(error, "message", None) or (error.args or [error])[0])
    for label, text in (("error", message), (" hint", hint)):
        if text:
            typer.secho(f"{label}: ", fg="red" if label == "error" else "cyan", nl=False, err=True)
            typer.echo(clean(str(text)), err=True)
    return 1


def _leave_quietly() -> int:
    """The reader of our output has left (`| head`): keep Python from telling so at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def main() -> None:
    """Entry point of `nightdesk`."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
