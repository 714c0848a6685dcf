"""`nightdesk storyline suggest`: a first draft of a storyline, from reports that belong to it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nightdesk.storylines.examples import Example

app = typer.Typer(help="Draft storylines.", no_args_is_help=True)

MOST_BYTES = 20_000_000
"""Of one file.  A draft reads the first 200 reports."""

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


@app.callback()
def _group() -> None:
    # With a callback, a group of one command stays a group.
    pass


@app.command("suggest")
def suggest(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…", help="Reports: a text or HTML file each, or JSON lines; - reads stdin."
        ),
    ],
    name: Annotated[
        str | None, typer.Option("--id", help="The storyline's id.", show_default="of its title")
    ] = None,
) -> None:
    """Draft a storyline from example reports: YAML for `nightdesk check`, a reason with each proposal.

    What the examples share becomes exemplars, entities, cues, window and kind.  It is a beginning:
    read it, mend it, name its rivals.
    """
    from agents.commands.terminal import plural
    from nightdesk.errors import ConfigurationError
    from nightdesk.storylines.drafted import to_yaml
    from nightdesk.storylines.rarity import shipped_rarity
    from nightdesk.storylines.suggest import MOST_READ
    from nightdesk.storylines.suggest import suggest as draft_of

    if name is not None and not _ID.fullmatch(name):
        raise typer.BadParameter(
            "an id has small letters, digits, dots, dashes and underscores, at most 100",
            param_hint="--id",
        )
    examples = [example for file in files for example in _examples(file)]
    draft = draft_of(examples, rarity=shipped_rarity(), id_=name)
    if draft is None:
        raise ConfigurationError(
            "the examples hold no word that tells them from any other report",
            hint="give the reports' own text: a file each, or JSON lines with title and text",
        )
    text = to_yaml(draft, source=plural(len(examples), "report"))
    checked(text)
    sys.stdout.write(text)
    if len(examples) > MOST_READ:
        typer.echo(f"Only the first {MOST_READ} of {len(examples)} reports were read.", err=True)


def checked(text: str) -> None:
    """Raise ConfigurationError where `nightdesk check` refuses a draft: of odd texts anything may come."""
    from nightdesk.bundles import parse
    from nightdesk.errors import ConfigurationError

    for problem in parse(text).errors:
        raise ConfigurationError(
            f"no draft that `nightdesk check` accepts comes of the examples: {problem.message}",
            hint=problem.hint,
        )


def _examples(file: Path) -> Iterator[Example]:
    data = _read(file)
    origin = "stdin" if str(file) == "-" else file.name
    text = data.decode("utf-8-sig", "replace")
    if file.suffix.lower() in {".jsonl", ".ndjson", ".json"} or text.lstrip()[:1] == "{":
        yield from _records(text, origin)
    else:
        yield _plain(text, origin)


def _read(file: Path) -> bytes:
    from nightdesk.errors import ConfigurationError

    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with file.open("rb") as stream:
                data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {file}: {error.strerror}", hint="name files of reports, or - for stdin"
        ) from None
    if len(data) > MOST_BYTES:
        raise ConfigurationError(
            f"{file} is larger than {MOST_BYTES // 1_000_000} MB",
            hint="a few reports are enough: cut some out of it",
        )
    return data


def _plain(text: str, origin: str) -> Example:
    from nightdesk.bundles.no_text import not_text
    from nightdesk.errors import ConfigurationError
    from nightdesk.storylines.examples import example_of

    why = not_text(text) if text.strip() else "is empty"
    if why:
        raise ConfigurationError(
            f"{origin} {why}", hint="give reports as text or HTML in UTF-8, or as JSON lines"
        )
    return example_of(text, origin=origin)


def _records(text: str, origin: str) -> Iterator[Example]:
    from agents.commands.terminal import note
    from nightdesk.bundles.no_text import not_text
    from nightdesk.errors import ConfigurationError
    from nightdesk.records import read_record
    from nightdesk.storylines.examples import example_of

    # Not `splitlines`: a JSON string may hold a line separator (U+2028) as it is.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = read_record(line)
        except ValueError as error:
            raise ConfigurationError(
                f"{origin}:{number}: {error}",
                hint="each line is a JSON object with id, title and text",
            ) from None
        for odd in record.odd():
            note(f"{origin}:{number}: {odd}")
        example = example_of(
            record.text or "",
            title=record.title or "",
            description=record.description or "",
            origin=f"{origin}:{number}",
            language=record.lang,
            published_at=record.published_at(),
        )
        if why := not_text(f"{example.title}\n{example.description}\n{example.text}"):
            raise ConfigurationError(
                f"{origin}:{number} {why}",
                hint="take it out, or give the report as a reader sees it",
            )
        yield example
