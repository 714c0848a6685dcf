"""`nightdesk replay`: a file of reports through the very same stages, without network or stream."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console


def replay(
    file: Annotated[Path, typer.Argument(help="Reports as JSON lines; - reads stdin.")],
    bundle: Annotated[
        Path, typer.Option("--bundle", "-b", help="The bundle whose storylines to follow.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Replay reports from a file: what would have matched, and what alerts it would have raised.

    A line holds id, title, description, text, published, source, url and lang; any but id may be
    missing.  Time is the file's own.  What cannot be used is noted on stderr.  Ends with 1 where the
    account does not balance.
    """
    from agents.commands.check import read_bundle, show_problems
    from agents.commands.looking import encoder_in_use
    from agents.commands.terminal import console, note
    from nightdesk.archive.engine import open_archive
    from nightdesk.bundles.resolve import NoArticles
    from nightdesk.errors import ConfigurationError
    from nightdesk.replay import Replay

    nowhere = NoArticles("a replay looks into no archive, and this exemplar only names an article")
    loaded = read_bundle(bundle, articles=nowhere)
    if loaded.bundle is None:
        show_problems(loaded, console(stderr=True))
        raise ConfigurationError(
            f"{loaded.file} has errors; nothing was replayed",
            hint="mend them, and look with `nightdesk check` until it is sound",
        )
    encoder = encoder_in_use()
    archive = open_archive("sqlite://")
    try:
        archive.migrate()
        replaying = Replay(archive, loaded.bundle, encoder)
        with _open(file) as lines:
            show = _print_json if as_json else _Teller(console()).tell
            for event in replaying.events(lines):
                if event["type"] == "note":
                    where = f"line {event['line']}, {event['article']}: " if "line" in event else ""
                    note(f"{where}{event['reason']}")
                else:
                    show(event)
            summary = replaying.summary()
            show(summary)
    finally:
        archive.close()
    raise typer.Exit(0 if summary["balanced"] else 1)


class _Lines:
    """The lines of a file or of stdin, as bytes, closed at the end."""

    def __init__(self, stream: Any, *, ours: bool) -> None:
        self._stream, self._ours = stream, ours

    def __enter__(self) -> Iterable[bytes]:
        lines: Iterable[bytes] = self._stream
        return lines

    def __exit__(self, *_: object) -> None:
        if self._ours:
            self._stream.close()


def _open(file: Path) -> _Lines:
    from nightdesk.errors import ConfigurationError

    if str(file) == "-":
        return _Lines(sys.stdin.buffer, ours=False)
    try:
        return _Lines(file.open("rb"), ours=True)
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {file}: {error.strerror}",
            hint="name a file of JSON lines, or - for stdin",
        ) from None


def _print_json(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")


class _Teller:
    """Tells events to a person."""

    def __init__(self, out: Console) -> None:
        self._out = out

    def tell(self, event: dict[str, Any]) -> None:
        from rich.text import Text

        from agents.commands.terminal import clean

        kind = event["type"]
        if kind == "match":
            colour = "green" if event["decision"] == "fits" else "yellow"
            self._out.print(
                Text.assemble(
                    (f"{event['decision']:>8} ", colour),
                    f"{event['probability']:.2f}  ",
                    (event["storyline"], "bold"),
                    f"  {clean(event['article'])}",
                )
            )
        elif kind == "alert":
            articles = ", ".join(clean(article) for article in event["articles"])
            sources = f"{event['sources']} source{'s' if event['sources'] != 1 else ''}"
            self._out.print(
                Text.assemble(
                    ("   alert ", "bold red"),
                    f"{event['kind']}  ",
                    (event["storyline"], "bold"),
                    f"  {sources}: {articles}",
                )
            )
        elif kind == "rejected":
            self._out.print(Text(f"rejected line {event['line']}: {clean(event['reason'])}", "red"))
        else:
            self._summary(event)

    def _summary(self, event: dict[str, Any]) -> None:
        from rich.text import Text

        for identity in event["identities"]:
            sign, colour = ("=", "green") if identity["holds"] else ("≠", "bold red")
            self._out.print(
                Text.assemble(
                    f"{identity['stage']:>10}  {identity['left_terms']} {identity['left']} ",
                    (sign, colour),
                    f" {identity['right']} {identity['right_terms']}",
                )
            )
