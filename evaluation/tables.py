"""Writes the tables of docs/quality.md: all that this room measures, over a folder of files.

    python -m evaluation.tables FOLDER [--bundle examples/bundle.yaml] [--write docs/quality.md]

Comes in: a folder of JSONL files, and a bundle whose storylines are tried on those without labels.  Goes
out: Markdown on stdout, or in the place of what stands between the two marks of a page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.command import run
from evaluation.machine import machine
from evaluation.markdown import write
from evaluation.reports import DataError
from evaluation.survey import survey
from nightdesk.bundles.load import load
from schemas import Storyline

BEGIN = "<!-- tables begin: written by python -m evaluation.tables -->"
END = "<!-- tables end -->"


def place(page: str, tables: str) -> str:
    """Return `page` with `tables` between its marks.  Raises DataError where it has not both."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise DataError(
            "the page has no place for tables", hint=f"give it a line {BEGIN} and a line {END}"
        )
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def _storylines(bundle: Path | None) -> tuple[Storyline, ...]:
    if bundle is None:
        return ()
    loaded = load(bundle)
    if loaded.bundle is None:
        raise DataError(
            f"{bundle} cannot be used: {loaded.errors[0].message}",
            hint=f"nightdesk check {bundle}",
        )
    return loaded.bundle.storylines


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the folder named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.tables", description="Write the tables of docs/quality.md."
    )
    parser.add_argument("folder", type=Path, help="a folder of JSONL files")
    parser.add_argument("--bundle", type=Path, help="storylines for files without labels")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page to write them into")
    options = parser.parse_args(arguments)
    storylines = _storylines(options.bundle)
    page = ""
    if options.write:
        try:
            page = options.write.read_text("utf-8")
        except OSError as error:
            raise DataError(
                f"{options.write} cannot be read: {error.strerror}", hint="name a page"
            ) from error
        place(page, "")
    tables = write(survey(options.folder, storylines), machine=machine())
    if options.write:
        options.write.write_text(place(page, tables), "utf-8")
    else:
        sys.stdout.write(tables)


if __name__ == "__main__":
    run(main)
