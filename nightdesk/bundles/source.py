"""A bundle's text: bytes in, Unicode out, or the reason why there is none.

Bounds what is read before anything looks at it, and names what cannot be text at all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from nightdesk.text.normalise import LONGEST_TEXT

MAX_BYTES = 10_000_000
"""A desk of 10,000 feeds and 1,000 storylines with full-text exemplars takes about 8 MB."""


@dataclass(eq=False)
class Unreadable(Exception):
    """The file holds no text that could be a bundle; `line` and `column` where that is known."""

    message: str
    hint: str
    line: int = 0
    column: int = 0


def read_bytes(path: Path) -> bytes:
    """Return the file's bytes.  Raises Unreadable for what is missing, no file, locked or too large."""
    try:
        if path.is_dir():
            raise Unreadable(
                "this is a folder, not a bundle", f"name a file inside it: {path}/….yaml"
            )
        # Devices and pipes (/dev/stdin, process substitution) are fine; their size is not known.
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Unreadable("there is no such file", _beside(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreadable(f"cannot be read: {reason}", "look at the path and its rights") from None
    return data


def decode(data: bytes) -> str:
    """Return `data` as text.  Raises Unreadable where it is too large, binary or not UTF-8."""
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"larger than {MAX_BYTES // 1_000_000} MB",
            f"shorten exemplars, of which the first {LONGEST_TEXT:,} characters count; or split the file"
            " into several bundles, and apply them one after the other without --prune",
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("the text is UTF-16, not UTF-8", "save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        raise Unreadable(
            f"not UTF-8: byte 0x{data[error.start]:02x} cannot stand here",
            "save the file as UTF-8 (it may be Windows-1252 or Latin-1 now)",
            line,
            column,
        ) from None
    return unify_line_ends(text)


def unify_line_ends(text: str) -> str:
    """Return `text` with the line ends of Windows and old Macs turned into newlines."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Lines:
    """Lines as editors count them.  YAML would also break lines at U+0085, U+2028 and U+2029."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, index: int) -> tuple[int, int]:
        """Return line and column, from 1, of the character at `index`."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


def _place(data: bytes, at: int) -> tuple[int, int]:
    before = unify_line_ends(data[:at].decode("utf-8-sig", "replace"))
    return Lines(before).place(len(before))


def _beside(path: Path) -> str:
    try:
        others = sorted(p.name for p in path.parent.iterdir() if p.suffix in {".yaml", ".yml"})
    except OSError:
        return f"there is no folder {path.parent} either: look at the path"
    if not others:
        return f"look at the path: no YAML file lies in {path.parent}"
    return f"in {path.parent} lie {', '.join(others[:5])}"
