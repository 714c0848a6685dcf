"""What a back-test needs of the world: scratch archives, files to read, a bar that shows how far it is."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from agents.commands.terminal import console
from nightdesk.archive import Archive, open_archive
from nightdesk.backtest import ArchiveSource, FileSource, Source, Trial
from nightdesk.errors import ConfigurationError
from nightdesk.records import BEFORE_ALL

if TYPE_CHECKING:
    from rich.progress import Progress

    from schemas.storyline import Window


def source_of(
    stack: ExitStack,
    archive: Archive | None,
    file: Path | None,
    since: datetime | None,
    until: datetime | None,
    window: Window,
) -> Source:
    """Return the file's reports, or the archive's articles where no file is named.

    A file without any date is not held against a storyline's `window`.
    """
    if file is not None:
        stream = stack.enter_context(_opened(file))
        inside = window.since or window.until or BEFORE_ALL
        return FileSource(stream, scratch(stack), since=since, until=until, undated_at=inside)
    assert archive is not None
    return ArchiveSource(archive, since=since, until=until)


def scratch(stack: ExitStack) -> Archive:
    """Return an empty archive that is gone with `stack`; on the disk, for it may grow large."""
    folder = stack.enter_context(TemporaryDirectory(prefix="nightdesk-backtest-"))
    archive = open_archive(f"sqlite:///{folder}/scratch.sqlite")
    stack.callback(archive.close)
    archive.migrate()
    return archive


def run(source: Source, trials: Sequence[Trial]) -> float:
    """Take every page through every trial; return the seconds that it took."""
    begun = time.perf_counter()
    read = 0
    with _progress() as progress:
        task = progress.add_task("", total=source.total, speed="")
        for page in source.pages():
            for trial in trials:
                trial.take(page)
            read += page.read
            speed = read / (time.perf_counter() - begun)
            progress.update(task, advance=page.read, speed=f"{speed:,.0f}/s")
    return time.perf_counter() - begun


def _progress() -> Progress:
    """Return a bar on stderr that goes away at the end, and says nothing where nobody watches."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("reading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """Open a file that can be read twice: a pipe, which cannot, is copied first."""
    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {file}: {error.strerror}",
            hint="name a file of JSON lines, or - for stdin",
        ) from None
    with ExitStack() as stack:
        if str(file) != "-":
            stack.enter_context(stream)
            if stream.seekable():
                yield stream
                return
        copy = stack.enter_context(TemporaryFile())
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy
