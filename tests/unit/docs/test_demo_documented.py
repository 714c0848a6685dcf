"""What is said of the demo is true of it: how many outlets there are, and that its account adds up.

Whether the README shows a real evening is looked at where one is run: `tests/unit/demo/test_demo_evening.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from demo.reports import load_outlets
from tests.support.readme import sample

ROOT = Path(__file__).parents[3]
NUMBERS = {6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve"}


@pytest.mark.parametrize(
    "page", ["README.md", "CHANGELOG.md", "Makefile", "demo/__init__.py", "demo/__main__.py"]
)
def test_the_outlets_are_counted(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    told = re.findall(r"(\w+) fictional (\w+)", text)
    assert told == [(NUMBERS[len(load_outlets())], "outlets")]


def test_the_account_in_the_readme_adds_up() -> None:
    events, rows = sample()
    assert [row.split()[0] for row in rows] == [
        "poll",
        "normalise",
        "nominate",
        "decide",
        "alert",
        "deliver",
    ]
    for row in rows:
        left, right = (sum(map(int, re.findall(r"\d+", side))) for side in row.split("="))
        assert left == right, row
    assert len(events) == 3
