"""What is looked up by several columns is found by an index, on SQLite too."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, event, select

from nightdesk.archive import Archive
from nightdesk.archive.statements import Lookup
from nightdesk.archive.tables import alerts, delivery_attempts, left_alone, matches, revisions


@pytest.mark.parametrize(
    ("table", "columns", "items"),
    [
        (alerts, ("id", "sequence"), [("a", 1), ("a", 2), ("b", 1)]),
        (revisions, ("article", "revision"), [("a", 1)]),
        (matches, ("id", "version"), [("a", 1), ("b", 2)]),
        (delivery_attempts, ("delivery", "n"), [("a", 1), ("b", 2)]),
        (left_alone, ("subscription", "receiver"), [("a", "b")]),
    ],
)
@pytest.mark.parametrize("deleting", [True, False])
def test_no_whole_table_is_read(sqlite_archive: Archive, table, columns, items, deleting) -> None:
    begun = delete(table) if deleting else select(table)
    lookup = Lookup(begun, *(table.c[name] for name in columns))
    asked = []
    with sqlite_archive.begin() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        lookup.delete(connection, items) if deleting else list(lookup.fetch(connection, items))
        [(statement, values)] = asked
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    steps = [row[3] for row in plan]
    assert any(step.startswith(f"SEARCH {table.name} USING") for step in steps), steps
    assert f"SCAN {table.name}" not in steps
