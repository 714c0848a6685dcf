"""Boilerplate of sources: what is counted of their lines, and the lines that are dropped.

Counts are one packed row a source (`nightdesk.text.recurring.LineCounts`); a stage that read some holds
them until it commits, so that no worker counts over another.  A learned line keeps its words, and how
often it was dropped.  Sources stand folded (`nightdesk.archive.types.fold`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from nightdesk.archive.statements import Lookup, UpdateMany, insert_only, insert_or_update
from nightdesk.archive.tables import learned_lines, line_counts
from nightdesk.archive.types import fold

LAPSES_AFTER = timedelta(days=60)
"""A learned line that was not met for so long is no boilerplate any more, until it is learned again."""

_COUNTS = Lookup(
    select(line_counts.c.source, line_counts.c.payload)
    .order_by(line_counts.c.source)
    .with_for_update(),
    line_counts.c.source,
)
_ADD = insert_only(line_counts)
_SAVE = UpdateMany(line_counts, keys=["source"], sets=["seen_at", "payload"])
_LINES = Lookup(select(learned_lines), learned_lines.c.source)
_PUT = insert_or_update(
    learned_lines, keeping=["words", "learned_at", "undone_at"], adding=["dropped"]
)
_LIST = select(learned_lines).order_by(
    learned_lines.c.dropped.desc(), learned_lines.c.source, learned_lines.c.line
)
_SET_UNDONE = (
    update(learned_lines)
    .where(
        learned_lines.c.source == bindparam("of_source"),
        learned_lines.c.line == bindparam("of_line"),
    )
    .values(undone_at=bindparam("moment"))
)


class LearnedLine(NamedTuple):
    """A line of a source, first learned and last met when; `dropped` so often; from `undone_at` on kept."""

    source: str
    line: bytes
    words: str
    learned_at: datetime
    seen_at: datetime
    dropped: int
    undone_at: datetime | None

    def holds(self, when: datetime) -> bool:
        """Whether it is dropped from an article seen at `when`."""
        return self.undone_at is None and when - self.seen_at <= LAPSES_AFTER


def counts(conn: Connection, sources: Iterable[str]) -> dict[str, bytes]:
    """Return folded source -> packed counts, where there are some; other workers wait for the commit."""
    return {name: bytes(payload) for name, payload in _COUNTS.fetch(conn, map(fold, sources))}


def save_counts(
    conn: Connection, changed: Sequence[tuple[str, datetime, bytes]], known: Iterable[str]
) -> None:
    """Store (folded source, seen_at, packed counts); of `known` sources some were read.

    Raises ArchiveConflict where another worker has stored the first ones of a source meanwhile.
    """
    old = set(known)
    _SAVE.run(conn, [row for row in changed if row[0] in old])
    _ADD.run(
        conn,
        [
            {"source": source, "seen_at": seen_at, "payload": payload}
            for source, seen_at, payload in changed
            if source not in old
        ],
    )


def lines(conn: Connection, sources: Iterable[str]) -> list[LearnedLine]:
    """Return all lines that were ever learned of these sources, in no order."""
    return [_line(row) for row in _LINES.fetch(conn, map(fold, sources))]


def put(conn: Connection, changed: Sequence[LearnedLine]) -> None:
    """Store lines, new or met again; `dropped` is how often since they were read.

    Of a line that is known, its words, when it was learned, and whether it is undone stay.
    """
    _PUT.run(conn, [one._asdict() for one in changed])


def listed(conn: Connection, source: str | None = None) -> list[LearnedLine]:
    """Return what was learned, of one source or of all, what is dropped most first."""
    statement = _LIST
    if source is not None:
        statement = statement.where(learned_lines.c.source == fold(source))
    return [_line(row) for row in conn.execute(statement)]


def set_undone(conn: Connection, source: str, line: bytes, moment: datetime | None) -> bool:
    """Keep a line from `moment` on, or with None drop it again; tell whether there is such a line."""
    values = {"of_source": fold(source), "of_line": line, "moment": moment}
    return bool(conn.execute(_SET_UNDONE, values).rowcount)


def _line(row: tuple[object, ...]) -> LearnedLine:
    found = LearnedLine(*row)  # type: ignore[arg-type]
    return found._replace(line=bytes(found.line))
