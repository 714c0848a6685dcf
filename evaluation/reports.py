"""Labelled reports: a JSONL file becomes articles as Nightdesk itself would see them.

Comes in: JSON lines (id, title, description, text, published, source, url, lang, story; any but id may be
null or missing).  Goes out: `LabelledReport`s in file order, normalised by the very code of the
service, and a note on each line that had to be left out, or was read in another way than it stands.
Nothing else of the file is trusted: identity is the line's own id, so that two reports of one address are
judged as two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nightdesk.errors import NightdeskError, PoisonMessage
from nightdesk.records import BEFORE_ALL, Record, read_record
from nightdesk.text.normalise import normalise
from schemas import Article, Exemplar

_GZIP = b"\x1f\x8b"


class DataError(NightdeskError):
    """A file cannot be evaluated: it cannot be read, or holds nothing to judge."""


class LabelledRecord(Record):
    """One line: what a replay takes, and the name of the story that it belongs to."""

    story: str | None = None


@dataclass(frozen=True)
class LabelledReport:
    """`when` is the publisher's date, if the file has one that can be read."""

    article: Article
    story: str | None
    when: datetime | None

    @property
    def id(self) -> str:
        """The id in the file."""
        return self.article.id

    @property
    def exemplar(self) -> Exemplar:
        """The report as an exemplar of a storyline."""
        article = self.article
        return Exemplar(
            title=article.title,
            description=article.description,
            text=article.text,
            published=self.when,
        )


@dataclass(frozen=True)
class Corpus:
    """The reports of one file, in its order, and what was left out, in words."""

    name: str
    reports: tuple[LabelledReport, ...]
    notes: tuple[str, ...] = ()


def load(path: Path, *, undated: bool = False) -> Corpus:
    """Read a file; `undated` drops all dates.  Raises DataError where no line can be used."""
    try:
        with path.open("rb") as lines:
            if lines.peek(2)[:2] == _GZIP:
                raise DataError(f"{path} is packed by gzip", hint=f"gunzip --keep {path}")
            return corpus_of(path.stem, lines, undated=undated)
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}",
            hint="name a file of JSON lines, one report each",
        ) from error


def corpus_of(name: str, lines: Iterable[bytes], *, undated: bool = False) -> Corpus:
    """Read lines; `undated` drops all dates.  Raises DataError where no line can be used."""
    notes: list[str] = []
    records = _records(lines, notes, dates=not undated)
    if undated:
        records = [record.model_copy(update={"published": None}) for record in records]
    reports = _reports(records, notes)
    if not reports:
        raise DataError(
            f"{name} holds no report" + (f"; {notes[0]}" if notes else ": it is empty"),
            hint='each line should be a JSON object with an "id" and a title or a text',
        )
    return Corpus(name, tuple(reports), tuple(notes))


def _records(lines: Iterable[bytes], notes: list[str], *, dates: bool) -> list[LabelledRecord]:
    found: dict[str, LabelledRecord] = {}
    for number, line in enumerate(lines, start=1):
        plain = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not plain.strip():
            continue
        try:
            record = read_record(plain, LabelledRecord)
        except ValueError as error:
            notes.append(f"line {number} is left out: {error}")
        else:
            if record.id in found:
                notes.append(f"line {number} is left out: a report {record.id!r} stands before it")
                continue
            found[record.id] = record
            notes.extend(f"report {record.id!r}: {odd}" for odd in record.odd(dates=dates))
    return list(found.values())


def _reports(records: Sequence[LabelledRecord], notes: list[str]) -> list[LabelledReport]:
    last = max((when for record in records if (when := record.published_at())), default=BEFORE_ALL)
    reports = []
    for record in records:
        when = record.published_at()
        report = record.report(seen_at=when or last)
        try:
            article = normalise(report).article(report, name=record.id)
        except PoisonMessage:
            notes.append(f"report {record.id!r} is left out: it holds no word")
        else:
            story = (record.story or "").strip() or None
            reports.append(LabelledReport(article, story, when))
    return reports
