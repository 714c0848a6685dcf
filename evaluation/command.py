"""What the commands of this room share: a failure is one message and a hint, never a traceback."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from nightdesk.errors import NightdeskError

_MOST_NOTES = 10


def run(main: Callable[[], None]) -> None:
    """Run a command and end the process: 0 when done, 1 for a failure, 130 for Ctrl-C."""
    try:
        main()
        sys.stdout.flush()
    except NightdeskError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # whoever reads has seen enough; the interpreter must not flush again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def whole(text: str) -> int:
    """Read a number from 1 up, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"not a whole number from 1 up: {text!r}")
    return int(text)


def note(notes: Iterable[str]) -> None:
    """Tell on stderr what was left out, the first few by name."""
    told = list(dict.fromkeys(notes))
    for line in told[:_MOST_NOTES]:
        sys.stderr.write(f"note: {line}\n")
    if len(told) > _MOST_NOTES:
        sys.stderr.write(f"note: and {len(told) - _MOST_NOTES} more\n")


def print_json(rows: list[dict[str, Any]]) -> None:
    """Print `{"rows": […]}`, a row a line."""
    lines = ",\n ".join(json.dumps(row) for row in rows)
    sys.stdout.write(f'{{"rows": [\n {lines}\n]}}\n')
