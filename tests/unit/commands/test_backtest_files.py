"""`nightdesk backtest` over files: no archive is needed, and what is no report is counted."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from nightdesk.archive import Archive
from tests.unit.commands.conftest import Run, data_of
from tests.unit.commands.newsroom import MONDAY, STRIKE, bundle, lines, record, reports
from tests.unit.commands.test_command_line import ROOT


def test_a_file_is_read_in_the_order_of_its_times(
    nightdesk: Run, filled: Archive, draft: Path, desk: Path, jsonl: Path
) -> None:
    archived = data_of(nightdesk, "backtest", draft)
    straight = data_of(nightdesk, "backtest", draft, "--file", jsonl)
    jsonl.write_text(lines(list(reversed(reports()))))
    turned = data_of(nightdesk, "backtest", draft, "--file", jsonl)
    assert straight["hits"] == turned["hits"]
    assert straight["alerts"] == turned["alerts"]
    assert [hit["name"] for hit in straight["hits"]][:3] == ["r00", "r01", "r02"]
    assert [hit["title"] for hit in archived["hits"]] == [hit["title"] for hit in straight["hits"]]


def test_a_file_needs_no_archive_and_no_seeking(draft: Path, jsonl: Path, desk: Path) -> None:
    command = [sys.executable, "-m", "agents.cli", "backtest", str(draft), "--file", "-", "--json"]
    done = subprocess.run(
        command,
        input=jsonl.read_bytes(),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == b"", "nobody watches, so no bar is drawn"
    data = json.loads(done.stdout)
    assert data["decisions"]["fits"] == 9
    assert data["compared"] is None
    assert not (desk / "var").exists()


def test_undated_reports_stand_with_those_before_them(
    nightdesk: Run, draft: Path, desk: Path
) -> None:
    file = desk / "undated.jsonl"
    title = "Dockers of Velmora walk out again over night shifts"
    told = [
        record("first", title, MONDAY),
        record("between", f"{title}, again", None),
        record("odd", f"{title}, once more", None, published="yesterday"),
        record("last", f"{title}, at last", MONDAY + timedelta(days=2)),
    ]
    file.write_text(lines(told))
    data = data_of(nightdesk, "backtest", draft, "--file", file)
    assert {hit["name"]: hit["when"][:10] for hit in data["hits"]} == {
        "first": "2026-03-02",
        "between": "2026-03-02",
        "odd": "2026-03-02",
        "last": "2026-03-04",
    }


UNDATED = [
    record("one", "Dockers of Velmora walk out again over night shifts", None),
    record("odd", "Velmora strike: dockers walked out at all terminals", None, published="soon"),
]


def test_a_file_without_any_date_is_given_none(nightdesk: Run, draft: Path, jsonl: Path) -> None:
    jsonl.write_text(lines(UNDATED))
    data = data_of(nightdesk, "backtest", draft, "--file", jsonl)
    assert (data["read"]["first"], data["read"]["last"], data["days"]) == (None, None, [])
    assert [(hit["name"], hit["when"]) for hit in data["hits"]] == [("one", None), ("odd", None)]
    assert {raised["when"] for raised in data["alerts"]["raised"]} == {None}
    said = nightdesk("backtest", draft, "--file", jsonl).out
    assert "2000" not in said
    assert f"port-strike on {jsonl}, without dates\n" in said
    assert "fits      undated" in said
    assert "undated  new_development" in said
    assert "Hits per" not in said


def test_a_file_without_any_date_lies_in_no_span_and_outside_no_window(
    nightdesk: Run, draft: Path, jsonl: Path
) -> None:
    jsonl.write_text(lines(UNDATED))
    for option in ("--since", "--until"):
        said = nightdesk("backtest", draft, "--file", jsonl, option, "2026-03-01")
        assert said.code == 1
        assert f"no report of {jsonl} has a date" in said.err
        assert "2000" not in said.err
    for window in ("{since: 2026-03-01T00:00:00Z}", "{until: 1999-03-01T00:00:00Z}"):
        draft.write_text(bundle(STRIKE + f"    window: {window}\n"))
        data = data_of(nightdesk, "backtest", draft, "--file", jsonl)
        assert data["decisions"]["fits"] == 2, window


def test_what_is_read_in_another_way_than_it_stands_is_noted_with_its_line(
    nightdesk: Run, draft: Path, jsonl: Path
) -> None:
    silent = [{"id": f"silent-{n}", "published": MONDAY.isoformat()} for n in range(9)]
    jsonl.write_text(lines(UNDATED) + "{broken\n" + lines(silent))
    said = nightdesk("backtest", draft, "--file", jsonl, "--json")
    told = said.err.splitlines()
    assert told[:2] == [
        "note: line 2, odd: published 'soon' is neither ISO 8601 nor RFC 2822: taken as undated",
        "note: line 3, no record: not JSON: Expecting property name enclosed in double quotes: "
        "line 1 column 2 (char 1)",
    ]
    assert told[2].startswith("note: line 4, silent-0: became no article: nothing_to_read: ")
    assert told[10:] == ["note: and 1 more: --json names the first hundred of each kind"]
    read = json.loads(said.out)["read"]
    assert [one["line"] for one in read["rejected"]] == [3]
    assert [one["line"] for one in read["odd"]] == [2, *range(4, 13)]


def test_a_file_of_which_nothing_can_be_read_is_a_failure(
    nightdesk: Run, draft: Path, jsonl: Path
) -> None:
    jsonl.write_text(lines([{"id": "a"}, {"id": "b", "title": "…"}]))
    said = nightdesk("backtest", draft, "--file", jsonl)
    assert (said.code, said.out) == (1, "")
    assert "none of the 2 reports of" in said.err
    assert " hint: " in said.err


def test_what_a_file_holds_beside_reports_is_counted(
    nightdesk: Run, draft: Path, jsonl: Path
) -> None:
    first = reports(1)
    silent = {"id": "silent", "published": MONDAY.isoformat()}
    jsonl.write_text(lines(first) + "{broken\n\n[1]\n" + lines([first[0], silent]))
    data = data_of(nightdesk, "backtest", draft, "--file", jsonl)
    assert data["read"]["articles"] == 7
    assert data["read"]["unusable_lines"] == 2
    assert [one["line"] for one in data["read"]["rejected"]] == [8, 10]
    assert data["read"]["fates"]["dead_letter"] == 1
    said = nightdesk("backtest", draft, "--file", jsonl).out
    assert "1 duplicate, 1 without a word or too large, 2 no record" in said


@pytest.mark.parametrize(
    ("content", "told"),
    [("", "is empty"), ("\n\n", "is empty"), ("plain words\n", "line 1 is not JSON")],
)
def test_a_file_without_reports(
    nightdesk: Run, draft: Path, jsonl: Path, content: str, told: str
) -> None:
    jsonl.write_text(content)
    said = nightdesk("backtest", draft, "--file", jsonl)
    assert said.code == 1
    assert told in said.err
    assert " hint: " in said.err


def test_a_file_that_is_missing_or_a_draft_with_errors(
    nightdesk: Run, draft: Path, desk: Path, jsonl: Path
) -> None:
    said = nightdesk("backtest", draft, "--file", desk / "none.jsonl")
    assert said.code == 1
    assert "cannot read" in said.err
    assert nightdesk("backtest", draft, "--file", desk).code == 1
    assert nightdesk("backtest", desk / "none.yaml", "--file", jsonl).code == 1
    draft.write_text(bundle(STRIKE.replace("entities:", "entitties:")))
    said = nightdesk("backtest", draft, "--file", jsonl)
    assert said.code == 1
    assert "entitties" in said.err
    draft.write_text("feeds: []\n")
    assert "declares no storyline" in nightdesk("backtest", draft, "--file", jsonl).err
    assert nightdesk("backtest", "-", "--file", "-").code == 2


def test_a_bar_is_drawn_where_somebody_watches(draft: Path, jsonl: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "agents.cli", "backtest", str(draft), "--file", str(jsonl)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = os.read(ours, 65_536)
    os.close(ours)
    assert done.returncode == 0
    assert b"reading" in shown
    assert b"21" in shown
    assert b"reading" not in done.stdout
