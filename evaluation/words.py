"""What the commands that learn about words share: the reports of files, their texts, words that are dates.

Comes in: files of JSON lines.  Goes out: reports as they stand there, and the text of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from nightdesk.text.calendar import DAYS, MONTHS
from nightdesk.text.stems import stem

DATES: Final = frozenset(map(stem, (*DAYS, *MONTHS)))
"""The stems of days and months: neither names nor news."""


def rows(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield the reports of files of JSON lines."""
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def text_of(row: Mapping[str, Any]) -> str:
    """Return what a report says, title and description first."""
    return " ".join(filter(None, (row.get(k) for k in ("title", "description", "text"))))
