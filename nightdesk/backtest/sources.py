"""Where the articles of a back-test come from: an archive, or a file of JSON lines.

Comes in: an archive or a file, and a span of event time.  Goes out: pages of articles, oldest first.
Neither is ever held whole: the archive is read a page at a time, of a file only times and places of
its lines are kept, and the id of the latest report of each entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NamedTuple, Protocol

from nightdesk.archive import accounts, event_time
from nightdesk.archive.engine import Archive
from nightdesk.clock import SettableClock
from nightdesk.pipeline.bare import BareLoop
from nightdesk.records import BEFORE_ALL, Record, Succession, read_record
from schemas import Article, Report

PAGE = 200
"""Articles that are read, and decided, at once."""

_MOST_REJECTED = 100


class Item(NamedTuple):
    """An article, and what its reader calls it: the archive's id, or the record's of a file."""

    name: str
    article: Article


@dataclass(frozen=True)
class Page:
    """Some articles in event-time order.  `read` counts what was read for them, left out or not."""

    items: tuple[Item, ...]
    read: int


class Source(Protocol):
    """`total` is how many reports there are to be read; `first` and `last` their event times."""

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


class Rejected(NamedTuple):
    """A line that is no record, and why."""

    line: int
    reason: str


class _Line(NamedTuple):
    when: datetime
    offset: int


class FileSource:
    """The reports of a file, normalised as the service would; `scratch` is theirs alone.

    A report without a date happened with the latest one before it in the file.  `usable` counts all
    records and `extent` tells when the first and the last of them happened, in the span or not;
    `rejected` names the first hundred lines that are no record, `unusable` counts them.
    """

    def __init__(
        self,
        file: BinaryIO,
        scratch: Archive,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self._file, self._scratch = file, scratch
        self.rejected: list[Rejected] = []
        self.unusable = 0
        lines = sorted(self._index())
        self.usable = len(lines)
        self.extent = (lines[0].when, lines[-1].when) if lines else (None, None)
        self._lines = [
            line
            for line in lines
            if (since is None or line.when >= since) and (until is None or line.when < until)
        ]
        self.total = len(self._lines)
        self.first = self._lines[0].when if self._lines else None
        self.last = self._lines[-1].when if self._lines else None

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
            articles = [
                Article.model_validate_json(message.value)
                for message in loop.run(reports)
                if message.topic == "articles"
            ]
            yield Page(tuple(Item(names[a.report], a) for a in articles), len(lines))
        loop.finish()

    def fates(self) -> Mapping[str, int]:
        """Return what became of the reports read so far: `new`, `revision`, `duplicate`, …"""
        with self._scratch.read() as connection:
            return accounts.totals(connection).get("normalise", {})

    def _index(self) -> Iterator[_Line]:
        latest, offset = BEFORE_ALL, 0
        for number, line in enumerate(self._file, start=1):
            if line.strip() and (record := self._record(number, line)):
                published = record.published_at()
                latest = max(latest, published or latest)
                yield _Line(published or latest, offset)
            offset += len(line)

    def _record(self, number: int, line: bytes) -> Record | None:
        try:
            return read_record(line)
        except ValueError as error:
            self.unusable += 1
            if len(self.rejected) < _MOST_REJECTED:
                self.rejected.append(Rejected(number, str(error)))
            return None

    def _report(self, line: _Line, names: dict[str, str], succession: Succession) -> Report:
        self._file.seek(line.offset)
        record = read_record(self._file.readline())
        report, _ = succession.place(record.report(seen_at=line.when))
        names.setdefault(report.id, record.id)
        return report
