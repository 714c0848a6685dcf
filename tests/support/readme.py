"""The README's picture of an evening of the demo, and the demo's own account, in one shape to compare."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"
_TIME = re.compile(r"^ *\d+\.\d s +")
_OF_OTHERS = re.compile(r" \(\w+\)")


def sample() -> tuple[list[str], list[str]]:
    """Return the events that the README shows, times and what is left out left off, and its account."""
    text = README.read_text("utf-8").split("## What it looks like")[1].split("\n## ")[0]
    events: list[str] = []
    for line in text.split("    …\n")[0].strip("\n").splitlines():
        if _TIME.match(line):
            events.append("")
        events[-1] += " " + _TIME.sub("", line)
    return [_plain(event).removesuffix("…").strip() for event in events], account(text)


def account(said: str) -> list[str]:
    """Return the identities of an account, each as `stage 49 received = 13 nominated + 36 not nominated`.

    Rows that were wrapped are put together; a row without a stage is of the last one.
    """
    rows: list[list[str]] = []
    sign = 0
    table = said.split("Every message is accounted for")[1]
    for line in table.partition("Every report")[0].splitlines():
        if " = " in line:
            sign = line.index(" = ")
            named = re.match(r" {1,5}(\w+) ", line[:sign])
            stage = named[1] if named else rows[-1][0]
            rows.append([stage, line[named.end() if named else 0 : sign], line[sign + 3 :]])
        elif rows and "─" not in line:
            rows[-1][1] += " " + line[:sign]
            rows[-1][2] += " " + line[sign:]
    return [_plain(f"{stage} {left} = {right}") for stage, left, right in rows]


def _plain(text: str) -> str:
    return " ".join(_OF_OTHERS.sub("", " ".join(text.split())).split())
