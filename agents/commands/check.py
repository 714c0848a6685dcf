"""`nightdesk check`: every problem of a bundle at once, where it stands and how to mend it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.commands.terminal import clean, console, plural, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from nightdesk.bundles import Articles, Loaded, Problem
    from nightdesk.storylines.rarity import Rarity

_SNIPPET_WIDTH = 100
_LOGIN = re.compile(r"(?<=://)[^/?#\s@]*(?:@[^/?#\s@]*)*(?=@)")
_COLOURS = {"error": "bold red", "warning": "yellow"}


def check(
    bundle: Annotated[Path, typer.Argument(help="The bundle's YAML file; - reads stdin.")],
    archive: Annotated[
        bool,
        typer.Option(
            "--archive", help="Also look up what it names of the archive; change nothing."
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 1 for a warning, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a bundle: all problems at once, with place and hint.

    Ends with 1 where there is an error.  Warnings alone end with 0, unless --strict.
    """
    loaded = _beside_the_archive(bundle) if archive else read_bundle(bundle, compare=True)
    sound = loaded.bundle is not None and not (strict and loaded.warnings)
    if as_json:
        print_json(
            {
                "file": loaded.file,
                "ok": sound,
                "errors": len(loaded.errors),
                "warnings": len(loaded.warnings),
                "problems": [problem.as_dict() for problem in loaded.problems],
            }
        )
    else:
        show_problems(loaded, console())
        _show_summary(loaded, console())
    raise typer.Exit(0 if sound else 1)


def _beside_the_archive(path: Path) -> Loaded:
    from agents.commands.looking import existing_archive
    from nightdesk.archive import definitions
    from nightdesk.bundles.archived import ArchivedArticles
    from nightdesk.bundles.plan import ids_of, logins_of
    from nightdesk.pipeline.rarity import in_force

    with existing_archive() as archive, archive.read() as conn:
        current = definitions.current(conn)
        articles = ArchivedArticles(conn, current)
        return read_bundle(
            path,
            ids_of(current),
            logins=logins_of(current),
            articles=articles,
            rarity=in_force(conn),
            compare=True,
        )


def read_bundle(
    path: Path,
    known: dict[str, frozenset[str]] | None = None,
    *,
    logins: frozenset[str] = frozenset(),
    articles: Articles | None = None,
    rarity: Rarity | None = None,
    compare: bool = False,
) -> Loaded:
    """Load the bundle at `path`, `-` for stdin, with what has run out by now.

    `rarity` is how much words tell, that of the archive where there is one.
    """
    from nightdesk.bundles import load, parse
    from nightdesk.bundles.source import MAX_BYTES
    from nightdesk.clock import SystemClock

    now = SystemClock().now()
    if str(path) == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
        return parse(
            data,
            file="<stdin>",
            now=now,
            known=known,
            logins=logins,
            articles=articles,
            rarity=rarity,
            compare=compare,
        )
    return load(
        path,
        now=now,
        known=known,
        logins=logins,
        articles=articles,
        rarity=rarity,
        compare=compare,
    )


def show_problems(loaded: Loaded, out: Console) -> None:
    """Print each problem with its line and a caret below the place."""
    from rich.text import Text

    for problem in loaded.problems:
        place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
        out.print(
            Text.assemble(
                (f"{clean(place)}: ", "bold"),
                (f"{problem.severity}: ", _COLOURS[problem.severity]),
                clean(problem.message),
                (f"  [{clean(problem.where)}]" if problem.where else "", "dim"),
            )
        )
        _show_snippet(loaded, problem, out)
        out.print(Text.assemble(("  hint: ", "cyan"), clean(problem.hint)))
        out.print()


def _show_snippet(loaded: Loaded, problem: Problem, out: Console) -> None:
    from rich.cells import cell_len
    from rich.text import Text

    if not 0 < problem.line <= len(loaded.lines):
        return
    line = _LOGIN.sub(_hidden, loaded.lines[problem.line - 1].replace("\t", " "))
    at = problem.column - 1
    # A pasted article is one long line: show the part around the place.
    start = max(0, at - _SNIPPET_WIDTH // 2) if len(line) > _SNIPPET_WIDTH else 0
    shown = clean(line[start : start + _SNIPPET_WIDTH])
    lead = "…" if start else ""
    number = str(problem.line)
    before = " " * cell_len(lead + shown[: at - start])
    out.print(Text.assemble((f"  {number} │ ", "dim"), lead + shown))
    out.print(
        Text.assemble(
            (f"  {' ' * len(number)} │ ", "dim"), before, ("^", _COLOURS[problem.severity])
        )
    )


def _hidden(login: re.Match[str]) -> str:
    return "*" * len(login[0])


def _show_summary(loaded: Loaded, out: Console) -> None:
    from rich.text import Text

    from nightdesk.bundles.contract import SECTIONS

    counts = [plural(len(loaded.errors), "error"), plural(len(loaded.warnings), "warning")]
    if loaded.bundle is None:
        out.print(Text(f"{clean(loaded.file)}: {', '.join(counts)}", "bold red"))
        return
    parts = [
        plural(len(getattr(loaded.bundle, section)), section.removesuffix("s"))
        for section in SECTIONS
    ]
    found = f", {counts[1]}" if loaded.warnings else ""
    out.print(
        Text.assemble((f"{clean(loaded.file)}: sound{found}", "green"), f" ({', '.join(parts)})")
    )
