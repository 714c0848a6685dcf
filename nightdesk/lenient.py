"""Lines of other people's files: numbers for names, lists of paragraphs, moments in figures.

Comes in: the object of a line.  Goes out: the same with text, or nothing, in each field that is to hold text,
and an `Odd` for each field that was taken in another way than it stands.  Only an `id` is worth a line: it
stays as it is where it is neither text nor a number, to be refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, NamedTuple

_TEXTS = ("title", "description", "text")
_NAMES = ("id", "story", "source", "url", "lang")
_DATE = "published"

_FIGURES = re.compile(r"\d{9,13}(?:\.\d+)?")
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Reports of files are of these years: figures for others are no moments."""

_DEEPEST = 5
_SHOWN = 60


class Odd(NamedTuple):
    """What was made of a field, in words."""

    field: str
    said: str


def as_text(row: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Odd, ...]]:
    """Return the object with text in its fields, and what is odd about them."""
    plain, odd = dict(row), list[Odd]()
    for field in row.keys() & {*_TEXTS, *_NAMES, _DATE}:
        value = row[field]
        if value is None or isinstance(value, str):
            continue
        number = _number(value)
        if field in _TEXTS:
            plain[field], said = (
                (number, "is a number: taken as text") if number is not None else _joined(value)
            )
            odd.append(Odd(field, said))
        elif number is not None:
            plain[field] = number
        elif field != "id":
            plain[field] = None
            meant = "a date: taken as undated" if field == _DATE else "text: left out"
            odd.append(Odd(field, f"is {_shown(value)}, not {meant}"))
    return plain, tuple(sorted(odd))


def moment_in_figures(text: str) -> datetime | None:
    """Return the moment of so many seconds or milliseconds since 1970; None where no report is of then."""
    claim = text.strip()
    if not _FIGURES.fullmatch(claim):
        return None
    for unit in (1, 1_000):
        seconds = float(claim) / unit
        if _EARLIEST.timestamp() <= seconds < _LATEST.timestamp():
            return datetime.fromtimestamp(seconds, UTC)
    return None


def _number(value: object) -> str | None:
    """Return a number as text, a whole one without a point; None for anything else."""
    if isinstance(value, float) and isfinite(value):
        return str(int(value)) if value.is_integer() else str(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _joined(value: object) -> tuple[str | None, str]:
    """Return the texts of a list, a line each, and what is said of it; nothing of what is no list."""
    parts = list(_parts(value)) if isinstance(value, list) else []
    if not parts:
        return None, f"is {_shown(value)}, not text: left out"
    return "\n".join(parts), "is a list: its parts are taken for lines"


def _parts(values: list[Any], depth: int = 1) -> Iterator[str]:
    for value in values:
        number = _number(value)
        if isinstance(value, str):
            yield value
        elif number is not None:
            yield number
        elif isinstance(value, list) and depth < _DEEPEST:
            yield from _parts(value, depth + 1)


def _shown(value: object) -> str:
    """Return what stands there, the beginning of it where it is long."""
    whole = json.dumps(value)
    return whole if len(whole) <= _SHOWN else whole[: _SHOWN - 1] + "…"
