"""A problem of a bundle: where it stands, what is wrong, and how to mend it.

Comes in: what the reading, the contracts and the cross checks find.  Goes out: `Problem`, which the
command line, the API and an editor show alike.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]
"""Keys and list positions from the document's root: ("storylines", 2, "entities", 0, "any_of")."""


@dataclass(frozen=True)
class Finding:
    """A problem before its place is known: `path` says what of the document it speaks of.

    `on_key` puts it on the name of the field rather than on its value.
    """

    path: Path
    message: str
    hint: str
    severity: Severity = "error"
    on_key: bool = False


@dataclass(frozen=True)
class Problem:
    """One problem.  `line` and `column` count from 1, and are 0 where the whole file is meant.

    `where` is the path in words, `storylines[2].entities[0].any_of`, empty for the whole document.
    """

    file: str
    line: int
    column: int
    where: str
    message: str
    hint: str
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        where = f"{self.where}: " if self.where else ""
        return f"{place}: {self.severity}: {where}{self.message}\n  hint: {self.hint}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the problem as plain data, for JSON."""
        return asdict(self)


def in_words(path: Path) -> str:
    """Return `path` as users write it: `storylines[2].entities[0].any_of`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the one of `known` that `name` was probably meant to be, or None."""
    found = difflib.get_close_matches(name[:200], sorted(known), 1, 0.6)
    return found[0] if found else None


def shorten(text: object, length: int = 60) -> str:
    """Return `text` quoted on one line, cut to `length` characters."""
    flat = " ".join(str(text).split())
    return repr(flat if len(flat) <= length else flat[: length - 1] + "…")
