"""`nightdesk backtest`: what a storyline would have caught, before anybody is told by it."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.commands.looking import (
    archive_to_read,
    definitions_in_force,
    encoder_in_use,
    rarity_in_force,
    read_drafts,
    storyline_named,
)
from agents.commands.moments import check_span, moment
from agents.commands.terminal import console, note, plural, print_json

if TYPE_CHECKING:
    from nightdesk.archive import Archive
    from nightdesk.backtest import Source
    from schemas import Bundle, Storyline


_EACH_LINE = 'each line should be a JSON object with an "id" and a title or a text'
_MOST_NOTES = 10


def backtest(
    bundle: Annotated[
        Path, typer.Argument(metavar="STORYLINE.yaml", help="The draft's bundle; - reads stdin.")
    ],
    storyline: Annotated[
        str | None, typer.Option(help="Which one, where the bundle has several.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only what happened from 2026-03-01 on, or since 7d ago.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only what happened until 2026-03-05, that day included.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Reports as JSON lines, not the archive's; - reads stdin.")
    ] = None,
    samples: Annotated[
        int, typer.Option(min=0, max=1_000, help="At most so many examples of each kind.")
    ] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, nothing left out.")] = False,
) -> None:
    """Back-test a storyline: what it would have caught in the archive, or in a file of reports.

    Articles are decided in the order in which they happened, beginning with an empty memory, and
    beside the version that is in force.  Nothing is written into the archive.
    """
    from agents.commands.backtest_run import run, scratch, source_of
    from agents.commands.backtest_view import show
    from nightdesk.backtest import Trial
    from nightdesk.backtest.data import Tested, as_data
    from nightdesk.backtest.rivals import rivals_of
    from nightdesk.clock import SystemClock
    from nightdesk.errors import ConfigurationError

    now = SystemClock().now()
    start = moment(since, "since", now=now)
    end = moment(until, "until", now=now, end=True)
    check_span(start, end)
    if str(bundle) == str(file) == "-":
        raise typer.BadParameter("the bundle and --file cannot both be stdin")
    with ExitStack() as stack:
        archive = stack.enter_context(archive_to_read(required=file is None))
        current = definitions_in_force(archive)
        drafts = read_drafts(bundle, archive, current)
        draft = _chosen(drafts, storyline, bundle)
        source = source_of(stack, archive, file, start, end, draft.window)
        if not source.total:
            _nothing_to_read(source, archive, file, start, end)
        held = [stored.definition for stored in current.storylines.values()]
        rarity, encoder = rarity_in_force(archive), encoder_in_use()
        rivals = rivals_of(draft, list(drafts.storylines), held)
        trial = Trial(scratch(stack), draft, rivals, rarity, encoder)
        in_force = current.storylines.get(draft.id)
        beside = None
        if in_force is not None and in_force.definition != draft:
            old = in_force.definition
            beside = Trial(scratch(stack), old, rivals_of(old, held), rarity, encoder)
        seconds = run(source, [trial, beside] if beside else [trial])
        tested = Tested(
            outcome=trial.outcome(),
            version=in_force.version if in_force else None,
            in_force=beside.outcome() if beside else None,
            source=source,
            place=archive.address if file is None and archive else str(file),
            seconds=seconds,
        )
        _tell_odd(source)
        if not tested.outcome.articles:
            raise ConfigurationError(
                f"none of the {plural(source.total, 'report')} of {tested.place} holds a word to read",
                hint=_EACH_LINE,
            )
        if as_json:
            print_json(as_data(tested, samples=samples))
        else:
            show(tested, console(), samples=samples)


def _chosen(drafts: Bundle, name: str | None, file: Path) -> Storyline:
    from nightdesk.errors import ConfigurationError

    known = list(drafts.storylines)
    if name is not None:
        return storyline_named(name, known, str(file))
    if len(known) == 1:
        return known[0]
    if not known:
        raise ConfigurationError(
            f"{file} declares no storyline", hint="declare one under `storylines:`"
        )
    ids = ", ".join(sorted(found.id for found in known)[:10])
    raise ConfigurationError(
        f"{file} declares {len(known)} storylines", hint=f"choose one with --storyline: {ids}"
    )


def _tell_odd(source: Source) -> None:
    """Note what a file's owner may want to mend, the first lines by name."""
    from nightdesk.backtest import FileSource

    if not isinstance(source, FileSource):
        return
    no_record = [(line, f"no record: {reason}") for line, reason in source.rejected.first]
    told = sorted([*no_record, *source.odd.first])[:_MOST_NOTES]
    for line, reason in told:
        note(f"line {line}, {reason}")
    more = source.rejected.count + source.odd.count - len(told)
    if more:
        note(f"and {more:,} more: --json names the first hundred of each kind")


def _nothing_to_read(
    source: Source,
    archive: Archive | None,
    file: Path | None,
    start: datetime | None,
    end: datetime | None,
) -> None:
    """Raise ConfigurationError that says why there is no report, and what there is instead."""
    from nightdesk.backtest import ArchiveSource, FileSource
    from nightdesk.errors import ConfigurationError

    if isinstance(source, FileSource):
        if source.rejected.count and source.usable == 0:
            line, reason = source.rejected.first[0]
            raise ConfigurationError(
                f"{file} holds no report: line {line} is {reason}",
                hint=_EACH_LINE,
            )
        if source.usable == 0:
            raise ConfigurationError(
                f"{file} is empty", hint="name a file of JSON lines, one report each"
            )
        if not source.dated:
            raise ConfigurationError(
                f"no report of {file} has a date, so none is known to have happened in any span of time",
                hint="leave --since and --until out, or give the reports dates (`published`)",
            )
        whole: tuple[datetime | None, datetime | None] = source.extent
    else:
        assert archive is not None
        everything = ArchiveSource(archive)
        if not everything.total:
            raise ConfigurationError(
                f"{archive.address} holds no articles yet",
                hint="let `nightdesk run` collect some, or name a file of reports with --file",
            )
        whole = (everything.first, everything.last)
    first, last = (f"{when:%Y-%m-%d %H:%M}" if when else "" for when in whole)
    asked = " ".join(
        f"{word} {when:%Y-%m-%d %H:%M}"
        for word, when in (("since", start), ("before", end))
        if when is not None
    )
    raise ConfigurationError(
        f"nothing happened {asked} (UTC) in {file or (archive and archive.address)}",
        hint=f"what there is happened from {first} to {last}",
    )
