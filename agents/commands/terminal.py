"""What commands print with: one look, safe for any text, plain where nobody watches.

Colour goes away where the output is no terminal or NO_COLOR is set; lines are never wrapped in a
pipe; control characters and halves of characters in other people's words never reach the terminal.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """Return `text` without characters that steer a terminal, turn its writing around, or are none."""
    return _CONTROL.sub("�", text)


def console(*, stderr: bool = False) -> Console:
    """Return a console on the present stdout or stderr."""
    from rich.console import Console

    watched = (sys.stderr if stderr else sys.stdout).isatty()
    # A pipe has no width: tables there are as wide as they need.
    width = None if watched or "COLUMNS" in os.environ else 200
    return Console(
        stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True, width=width
    )


def note(words: str) -> None:
    """Say on stderr what the owner of a file may want to mend: what comes of it goes to stdout."""
    console(stderr=True).print(clean(f"note: {words}"), style="yellow")


def interactive() -> bool:
    """Whether somebody sits there who can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def print_json(data: Any) -> None:
    """Print one JSON document; characters that `clean` would take away are written as escapes."""
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write(_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def human_bytes(size: float) -> str:
    """Return a size in words: `812 B`, `3.4 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"


def moment_words(moment: datetime | None) -> str:
    """Return a moment in UTC, to the minute: `2026-03-01 18:00 UTC`; `-` where there is none."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "-"


def plural(count: int, noun: str) -> str:
    """Return `1 error`, `2 errors`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def whoami() -> str:
    """Return the name of who runs the command, as author of what is changed."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user id may have no name.
        return "nightdesk"
