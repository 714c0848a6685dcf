"""Where the articles of a back-test come from: an archive, or a file of JSON lines.

Comes in: an archive or a file, and a span of event time.  Goes out: pages of articles, oldest first.
Neither is ever held whole: the archive is read a page at a time, of a file only times and places of
its lines are kept, and the id of the latest report of each entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NamedTuple, Protocol

from nightdesk.archive import accounts, event_time
from nightdesk.archive.engine import Archive
from nightdesk.clock import SettableClock
from nightdesk.pipeline.bare import BareLoop
from nightdesk.records import BEFORE_ALL, Record, Succession, read_record
from schemas import Article, DeadLetter, Report

PAGE = 200
"""Articles that are read, and decided, at once."""

_MOST_REMARKS = 100


class Item(NamedTuple):
    """An article, and what its reader calls it: the archive's id, or the record's of a file."""

    name: str
    article: Article


@dataclass(frozen=True)
class Page:
    """Some articles in event-time order.  `read` counts what was read for them, left out or not.

    Where they are not `dated`, nobody knows when any of them happened: their times only keep the order.
    """

    items: tuple[Item, ...]
    read: int
    dated: bool = True


class Source(Protocol):
    """`total` is how many reports there are to be read; `first` and `last` their event times, if any."""

    total: int
    first: datetime | None
    last: datetime | None

    def pages(self) -> Iterator[Page]: ...


class ArchiveSource:
    """The articles of an archive, each as it stands now, from `since` on and before `until`."""

    def __init__(
        self, archive: Archive, *, since: datetime | None = None, until: datetime | None = None
    ) -> None:
        self._archive, self._since, self._until = archive, since, until
        with archive.read() as connection:
            self.total, self.first, self.last = event_time.extent(
                connection, since=since, until=until
            )

    def pages(self) -> Iterator[Page]:
        """Yield the articles; those that are stored meanwhile may come or not."""
        position = event_time.before(self._since)
        while True:
            with self._archive.read() as connection:
                found = event_time.page(connection, after=position, until=self._until, limit=PAGE)
            if not found:
                return
            position = event_time.Position(found[-1].event_time, found[-1].id)
            yield Page(tuple(Item(article.id, article) for article in found), len(found))


class Remark(NamedTuple):
    """A line that is no record, or was read in another way than it stands, and why."""

    line: int
    reason: str


class Remarks:
    """The first hundred remarks of one kind, and how many there are."""

    def __init__(self) -> None:
        self.first: list[Remark] = []
        self.count = 0

    def add(self, line: int, reason: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < _MOST_REMARKS:
            self.first.append(Remark(line, reason))


class _Line(NamedTuple):
    when: datetime
    offset: int
    number: int


class FileSource:
    """The reports of a file, normalised as the service would; `scratch` is theirs alone.

    A report without a date happened with the latest one before it in the file, else with the first that has
    one.  Where none is `dated`, all have the time `undated_at`, and none lies in any span.  `usable` counts
    all records and `extent` tells when the first and the last of them happened, in the span or not;
    `rejected` are lines that are no record, `odd` those that were read in another way than they stand, or
    became no article.
    """

    def __init__(
        self,
        file: BinaryIO,
        scratch: Archive,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        undated_at: datetime = BEFORE_ALL,
    ) -> None:
        self._file, self._scratch = file, scratch
        self.rejected, self.odd = Remarks(), Remarks()
        self.dated = False
        lines = sorted(self._index(undated_at))
        self.usable = len(lines)
        self._lines = [
            line
            for line in lines
            if (since is None or (self.dated and line.when >= since))
            and (until is None or (self.dated and line.when < until))
        ]
        self.total = len(self._lines)
        self.extent = self._extent(lines)
        self.first, self.last = self._extent(self._lines)

    def _extent(self, lines: Sequence[_Line]) -> tuple[datetime | None, datetime | None]:
        return (lines[0].when, lines[-1].when) if self.dated and lines else (None, None)

    def pages(self) -> Iterator[Page]:
        """Yield the articles: duplicates and reports without a word are left out."""
        clock = SettableClock(BEFORE_ALL)
        loop = BareLoop(self._scratch, clock, stages={"normalise"})
        succession = Succession()
        for start in range(0, self.total, PAGE):
            lines = self._lines[start : start + PAGE]
            clock.set(lines[-1].when)
            names: dict[str, str] = {}
            reports = [self._report(line, names, succession) for line in lines]
            articles = []
            for message in loop.run(reports):
                if message.topic == "articles":
                    articles.append(Article.model_validate_json(message.value))
                elif message.topic == "dead-letters":
                    letter = DeadLetter.model_validate_json(message.value)
                    at = letter.offset - start
                    self._lost(lines[at], names[reports[at].id], letter)
            items = tuple(Item(names[article.report], article) for article in articles)
            yield Page(items, len(lines), self.dated)
        loop.finish()

    def fates(self) -> Mapping[str, int]:
        """Return what became of the reports read so far: `new`, `revision`, `duplicate`, …"""
        with self._scratch.read() as connection:
            return accounts.totals(connection).get("normalise", {})

    def _index(self, undated_at: datetime) -> Iterator[_Line]:
        latest: datetime | None = None
        early: list[tuple[int, int]] = []
        offset = 0
        for number, line in enumerate(self._file, start=1):
            if line.strip() and (record := self._record(number, line)):
                published = record.published_at()
                if latest is None and published is not None:
                    self.dated = True
                    yield from (_Line(published, *place) for place in early)
                    early.clear()
                if published is not None:
                    latest = max(latest or published, published)
                if latest is None:
                    early.append((offset, number))
                else:
                    yield _Line(published or latest, offset, number)
            offset += len(line)
        yield from (_Line(undated_at, *place) for place in early)

    def _record(self, number: int, line: bytes) -> Record | None:
        try:
            record = read_record(line)
        except ValueError as error:
            self.rejected.add(number, str(error))
            return None
        for odd in record.odd():
            self.odd.add(number, f"{record.id}: {odd}")
        return record

    def _lost(self, line: _Line, name: str, letter: DeadLetter) -> None:
        why = f"became no article: {letter.reason.value}: {letter.detail}"
        self.odd.add(line.number, f"{name}: {why}")

    def _report(self, line: _Line, names: dict[str, str], succession: Succession) -> Report:
        self._file.seek(line.offset)
        record = read_record(self._file.readline())
        report, _ = succession.place(record.report(seen_at=line.when))
        names.setdefault(report.id, record.id)
        return report
