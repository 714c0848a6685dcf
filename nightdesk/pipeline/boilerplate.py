"""What a batch learns of its sources' boilerplate, and drops: part of the stage's own transaction.

Comes in: reports in the order of the stream.  Goes out: each without the lines that its source's earlier
articles taught, and what it teaches itself.  Articles count one by one, so that batches change nothing;
revisions, copies and what was sent twice do not count.  Identity does not move: keys and content hash
are those of the text with all its lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.archive import boilerplate
from nightdesk.archive.boilerplate import LearnedLine
from nightdesk.archive.types import fold
from nightdesk.text.normalise import NormalisedReport
from nightdesk.text.recurring import Candidates, LineCounts, candidates, key_of, without
from schemas import Report

MOST_LEARNED = 64
"""Lines of a source that are dropped at a time."""


class Boilerplate:
    """The lines of some sources, read once and written once.  Not for use beyond its transaction."""

    def __init__(self, connection: Connection, sources: Iterable[str]) -> None:
        self._connection = connection
        once = sorted(set(map(fold, sources)))
        packed = boilerplate.counts(connection, once)
        self._read = packed.keys()
        self._counts = {source: LineCounts.from_bytes(of) for source, of in packed.items()}
        self._lines: dict[str, dict[bytes, LearnedLine]] = {source: {} for source in once}
        for line in boilerplate.lines(connection, once):
            # From here on `dropped` counts this batch alone.
            self._lines[line.source][line.line] = line._replace(dropped=0)
        self._counted: dict[str, datetime] = {}
        self._changed: dict[tuple[str, bytes], None] = {}

    def take(
        self, report: Report, normalised: NormalisedReport, *, learn: bool
    ) -> tuple[NormalisedReport, int]:
        """Return the report without its source's boilerplate, and how many lines were dropped.

        With `learn` its own lines count from then on: it is a new article, and no revision of one.
        """
        title, text, summary = normalised.title, normalised.text, normalised.description
        found = candidates(text, title)
        kept, gone = self._without(report, text, found)
        if summary == text:
            short, also_gone = kept, gone
        else:
            # A line alone is all that there is, and stays.
            some = candidates(summary, title) if "\n" in summary else ()
            short, also_gone = self._without(report, summary, some)
        if learn:
            self._learn(report, found, len(text))
        dropped = gone | also_gone
        for key in sorted(dropped):
            line = self._lines[fold(report.source)][key]
            seen_at = max(report.seen_at, line.seen_at)
            self._note(line._replace(seen_at=seen_at, dropped=line.dropped + 1))
        if dropped:
            normalised = replace(normalised, text=kept, description=short)
        return normalised, len(dropped)

    def _without(
        self, report: Report, text: str, found: Candidates
    ) -> tuple[str, frozenset[bytes]]:
        lines = self._lines[fold(report.source)]
        if not lines:
            return text, frozenset()
        return without(text, found, lambda key: key in lines and lines[key].holds(report.seen_at))

    def _learn(self, report: Report, found: Candidates, size: int) -> None:
        source, now = fold(report.source), report.seen_at
        counts = self._counts.setdefault(source, LineCounts())
        lines = self._lines[source]
        for key, line in counts.count(found, size, now.toordinal()).items():
            known = lines.get(key)
            if known is None or not (known.undone_at or known.holds(now)):
                if sum(one.holds(now) for one in lines.values()) < MOST_LEARNED:
                    new = known or LearnedLine(source, key, line, now, now, 0, None)
                    self._note(new._replace(seen_at=now))
            elif now > known.seen_at:
                self._note(known._replace(seen_at=now))
        self._counted[source] = max(now, self._counted.get(source, now))

    def is_boilerplate(self, source: str) -> Callable[[str], bool]:
        """Return what tells of a line whether it was ever learned of the source."""
        lines = self._lines[fold(source)]
        return lambda line: bool(lines) and key_of(line) in lines

    def save(self) -> None:
        """Write what has changed.  Raises ArchiveConflict, as `archive.boilerplate.save_counts` does."""
        boilerplate.save_counts(
            self._connection,
            [(name, when, self._counts[name].to_bytes()) for name, when in self._counted.items()],
            self._read,
        )
        boilerplate.put(
            self._connection, [self._lines[source][key] for source, key in self._changed]
        )

    def _note(self, line: LearnedLine) -> None:
        self._lines[line.source][line.line] = line
        self._changed[line.source, line.line] = None
