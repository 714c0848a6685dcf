"""`python -m demo [--keep]`: the demo, nine fictional outlets on loopback, on this terminal.

NIGHTDESK_DEMO_KEEP=1 is the same as --keep.
"""

from __future__ import annotations

import argparse
import os
import sys

from rich.console import Console

from demo.show import run_show

_PLAIN_WIDTH = 110


def main() -> int:
    """Run the demo and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument(
        "--keep", action="store_true", help="let service and servers run on after the summary"
    )
    parser.add_argument("--plain", action="store_true", help="plain lines, even on a terminal")
    arguments = parser.parse_args()
    keep = arguments.keep or os.environ.get("NIGHTDESK_DEMO_KEEP", "") not in {"", "0"}
    console = Console()
    if arguments.plain or not console.is_terminal:
        # Tables in a log are read at their full width, wherever the log is read.
        console = Console(force_terminal=False, no_color=True, width=_PLAIN_WIDTH)
    return run_show(console, keep=keep)


if __name__ == "__main__":
    sys.exit(main())
