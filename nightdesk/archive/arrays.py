"""PostgreSQL's arrays as text: how the values of many rows travel as one parameter a column.

A statement over a thousand rows is then a short one, always the same, and `unnest` makes rows of the
arrays.  The driver sends executemany as a round trip a row, and scans what it sends character by
character; arrays of its own making it builds so, too.  Hence the text is made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Column, FromClause, Text, bindparam, cast, column, func

from nightdesk.archive.types import clean


def unnested(columns: Sequence[Column[Any]]) -> FromClause:
    """Return `unnest(…) AS given(…)`, with the parameter `many_<name>` for each column."""
    arrays = [
        cast(bindparam(f"many_{c.name}", type_=Text()), ARRAY(c.type, dimensions=1))
        for c in columns
    ]
    names = [column(c.name, c.type) for c in columns]
    return func.unnest(*arrays).table_valued(*names, name="given").render_derived()


def parameters(columns: Sequence[Column[Any]], rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Return the parameters of `unnested(columns)` for rows of values in the order of the columns."""
    by_column = list(zip(*rows, strict=True)) or [() for _ in columns]
    return {f"many_{c.name}": array(values) for c, values in zip(columns, by_column, strict=True)}


def array(values: Iterable[Any]) -> str:
    """Return values as one array literal (PostgreSQL manual, 8.15.2), words cleaned."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + clean(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bytes):
        return '"\\\\x' + value.hex() + '"'
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        return f'"{value.isoformat()}"'
    return repr(value) if not isinstance(value, bool) else str(value).lower()
