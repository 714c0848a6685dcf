"""Statements that read alike on both dialects: upserts and lookups, of many rows at a time.

In come rows as plain mappings; out goes as few round trips as the driver allows.  SQLite runs a
prepared statement once a row, in the process; PostgreSQL gets all rows in one statement, as arrays.
Rows are written in the order of their keys, so that two workers cannot lock each other in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Delete,
    Insert,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import sqlite

from nightdesk.archive.arrays import parameters, unnested

T = TypeVar("T")
Row = Mapping[str, Any]

CHUNK = 500
"""Most values of one IN list on SQLite.  Its own bound was 999 before 3.32."""


def _as_it_is(statement: Insert) -> Insert:
    return statement


class Write:
    """One INSERT of many rows, for both dialects.  Built by the three functions below.

    `on_conflict` makes of an INSERT one that says what becomes of rows which are there.  PostgreSQL's
    statements are made when they are first run: a desk on SQLite does without that dialect.
    """

    def __init__(self, table: Table, on_conflict: Callable[[Any], Any] = _as_it_is) -> None:
        self._table = table
        self._columns = list(table.c)
        self._keys = [c.name for c in table.primary_key.columns]
        self._on_conflict = on_conflict
        self._each: Insert = on_conflict(sqlite.insert(table))

    @cached_property
    def _single(self) -> Insert:
        from sqlalchemy.dialects import postgresql

        one: Insert = self._on_conflict(postgresql.insert(self._table))
        return one

    @cached_property
    def _many(self) -> Insert:
        from sqlalchemy.dialects import postgresql

        given = unnested(self._columns)
        names = [c.name for c in self._columns]
        many = postgresql.insert(self._table).from_select(names, select(*given.c))
        whole: Insert = self._on_conflict(many)
        return whole

    def run(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Insert `rows`, each with all columns.  Of several with one key the last wins: PostgreSQL
        refuses to touch a row twice in one statement."""
        if not rows:
            return
        by_key = {tuple(row[name] for name in self._keys): row for row in rows}
        ordered = [by_key[key] for key in sorted(by_key)]
        if conn.dialect.name == "sqlite":
            conn.execute(self._each, [dict(row) for row in ordered])
            return
        values = ([row[c.name] for c in self._columns] for row in ordered)
        conn.execute(self._many, parameters(self._columns, values))

    def run_one(self, conn: Connection, row: Row) -> bool:
        """Insert one row; tell whether there was anything to write."""
        statement = self._each if conn.dialect.name == "sqlite" else self._single
        return bool(conn.execute(statement, dict(row)).rowcount)


def insert_only(table: Table) -> Write:
    """An INSERT that raises `ArchiveConflict` where the row is there already."""
    return Write(table)


def insert_new(table: Table) -> Write:
    """An INSERT that leaves a row alone which is there already."""
    keys = [c.name for c in table.primary_key.columns]
    return Write(table, lambda given: given.on_conflict_do_nothing(index_elements=keys))


def insert_or_update(
    table: Table, *, keeping: Iterable[str] = (), adding: Iterable[str] = ()
) -> Write:
    """An INSERT that takes over a row which is there: all its columns but the key are replaced, save
    those of `keeping`; those of `adding` are added to."""
    keys = [c.name for c in table.primary_key.columns]
    kept, added = {*keys, *keeping}, frozenset(adding)
    names = [c.name for c in table.c if c.name not in kept]

    def replacing(given: Any) -> Any:
        new = given.excluded
        changes = {n: table.c[n] + new[n] if n in added else new[n] for n in names}
        return given.on_conflict_do_update(index_elements=keys, set_=changes)

    return Write(table, replacing)


class UpdateMany:
    """`UPDATE table SET … WHERE keys = …` for many rows, each with values of its own."""

    def __init__(self, table: Table, *, keys: Sequence[str], sets: Sequence[str]) -> None:
        self._width = len(keys)
        self._columns = [table.c[name] for name in (*keys, *sets)]
        self._names = [f"new_{name}" for name in (*keys, *sets)]
        new = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in (*keys, *sets)}
        self._each = (
            update(table)
            .where(*(table.c[name] == new[name] for name in keys))
            .values({name: new[name] for name in sets})
        )
        given = unnested(self._columns)
        self._many = (
            update(table)
            .where(*(table.c[name] == given.c[name] for name in keys))
            .values({name: given.c[name] for name in sets})
        )

    def run(self, conn: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Update; each row is (*keys, *sets).  Of several with one key the last wins."""
        if not rows:
            return
        by_key = {tuple(row[: self._width]): tuple(row) for row in rows}
        ordered = [by_key[key] for key in sorted(by_key)]
        if conn.dialect.name == "sqlite":
            each = [dict(zip(self._names, row, strict=True)) for row in ordered]
            conn.execute(self._each, each)
        else:
            conn.execute(self._many, parameters(self._columns, ordered))


class Lookup:
    """A SELECT or DELETE over the rows whose `columns` are among given values (tuples, if several)."""

    def __init__(self, statement: Select[Any] | Delete, *columns: Column[Any]) -> None:
        self._columns, self._several = columns, len(columns) > 1
        target = tuple_(*columns) if self._several else columns[0]
        given = unnested(columns)
        self._each = statement.where(target.in_(bindparam("items", expanding=True)))
        if self._several:
            # SQLite asks no index for tuples in a list of values, and reads the whole table: 56 ms for 24 of
            # 50,000 rows, .14 with the index of the first column.
            first = columns[0].in_(bindparam("firsts", expanding=True))
            self._each = self._each.where(first)
        self._many = statement.where(target.in_(select(*given.c)))

    def fetch(self, conn: Connection, items: Iterable[Any], **values: Any) -> Iterator[Any]:
        """Yield the rows; each item is asked for once.  `values` are the statement's other parameters."""
        for part in self._parts(conn, items):
            yield from conn.execute(self._statement(conn), part | values)

    def delete(self, conn: Connection, items: Iterable[Any]) -> None:
        """Delete the rows."""
        for part in self._parts(conn, items):
            conn.execute(self._statement(conn), part)

    def _statement(self, conn: Connection) -> Select[Any] | Delete:
        return self._each if conn.dialect.name == "sqlite" else self._many

    def _parts(self, conn: Connection, items: Iterable[Any]) -> Iterator[dict[str, Any]]:
        once = dict.fromkeys(items)
        if conn.dialect.name == "sqlite":
            for part in chunks(once):
                given = {"items": part}
                if self._several:
                    given["firsts"] = list(dict.fromkeys(item[0] for item in part))
                yield given
        elif once:
            rows = once if self._several else ((item,) for item in once)
            yield parameters(self._columns, rows)


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Yield `items` in lists of at most `size`."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def among(target: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return `target IN :items`, for `fetch_in` and for statements over a few hundred values."""
    return target.in_(bindparam("items", expanding=True))


def fetch_in(conn: Connection, statement: Select[Any], items: Iterable[Any]) -> Iterator[Any]:
    """Run a SELECT that holds `among` over `items`, each asked for once.  `Lookup` is quicker for many."""
    for part in chunks(dict.fromkeys(items)):
        yield from conn.execute(statement, {"items": part})


def earlier(at: Column[Any], id_: Column[Any], position: tuple[Any, str]) -> ColumnElement[bool]:
    """Return the condition that a row comes after `position`, a moment and an id, in a list with the latest
    moment first, and the highest id first among equals.  An index of the moment serves it."""
    moment, name = position
    return and_(at <= moment, or_(at < moment, and_(at == moment, id_ < name)))


def delete_some(conn: Connection, table: Table, where: ColumnElement[bool], limit: int) -> int:
    """Delete at most `limit` rows that `where` holds for; return how many."""
    key = list(table.primary_key.columns)
    target = key[0] if len(key) == 1 else tuple_(*key)
    doomed = select(*key).where(where).limit(limit)
    return conn.execute(delete(table).where(target.in_(doomed))).rowcount
