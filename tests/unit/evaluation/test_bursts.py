"""Bursts are told from how few weeks a word's reports are of, beside chance."""

from __future__ import annotations

import json
import subprocess
import sys
from math import log
from pathlib import Path

import pytest

from evaluation.bursts import bursts, table_of

WEEKS = [(2016, week) for week in range(1, 21)]
NEWS = [(week, "Police say the ferry is late") for week in WEEKS for _ in range(5)]


def test_a_word_of_one_week_bursts_and_one_of_all_weeks_does_not() -> None:
    told = [*NEWS[:95], *[((2016, 20), "Police say the Quornel virus spreads")] * 5]
    found = bursts(told, least=5)
    by_chance = 20 * (1 - 0.95**5)
    assert found["quorn"] == pytest.approx(log(by_chance) * 5 / 20)
    assert found["polic"] == pytest.approx(0.0, abs=0.01)


def test_of_one_week_alone_nothing_bursts() -> None:
    assert set(bursts([((2016, 1), "The Quornel virus spreads")] * 9, least=1).values()) == {0.0}


def test_many_reports_of_a_burst_tell_more_than_few() -> None:
    few, many = (
        bursts([*NEWS, *[((2016, 3), "Quornel")] * number], least=1)["quorn"] for number in (2, 9)
    )
    assert 0.0 < few < many / 2


def test_dates_numbers_and_what_is_met_seldom_are_left_out() -> None:
    told = [*NEWS, (WEEKS[0], "Quornel"), *[(WEEKS[1], "Monday 5 March 2016")] * 3]
    assert bursts(told, least=2).keys() == {"polic", "say", "the", "ferry", "is", "late"}


def test_the_table_holds_what_shows_a_burst() -> None:
    assert table_of({"a": 0.04, "b": 0.26, "c": 0.3, "d": -0.2}) == "3\tb c\n"


def test_the_command_prints_stems_by_tenths_of_a_nat(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    rows = [{"id": str(n), "text": "Ferry", "published": f"2016-03-{n:02}"} for n in range(1, 29)]
    rows += [{"id": f"q{n}", "title": "Quornel", "published": "2016-03-09"} for n in range(9)]
    rows += [{"id": "undated", "text": "Quornel"}, {"id": "odd", "published": "soon"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-m", "evaluation.bursts", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "5\tquorn\n"
