"""`nightdesk explain` of reports in files, by a draft: no archive is needed."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Run, data_of
from tests.unit.commands.newsroom import MONDAY, STRIKE, bundle, lines, record
from tests.unit.commands.test_command_line import ROOT


def test_what_bars_the_way_is_said(nightdesk: Run, desk: Path, draft: Path, jsonl: Path) -> None:
    barred = (
        STRIKE + "    window: {until: 2026-03-01T00:00:00Z}\n"
        "    languages: [fr]\n    sources: [Le Quai]\n"
    )
    draft.write_text(bundle(barred))
    data = data_of(nightdesk, "explain", f"{jsonl}#r00", "port-strike", "--bundle", draft)
    assert (data["decision"], data["named"]) == ("not", False)
    reasons = data["missing"]["barred"]
    assert [word for word in ("window", "language", "source") if word in " ".join(reasons)] == [
        "window",
        "language",
        "source",
    ]
    assert data["score"] > data["floor"], "its words would do"
    assert data["barred"] == reasons
    assert data["needs"] == {"fits": None, "possible": None}
    said = nightdesk("explain", f"{jsonl}#r00", "port-strike", "--bundle", draft).out.splitlines()
    assert said[0] == "barred  port-strike  Dockers of Velmora strike"
    assert said[1] == f"not taken, whatever its words are worth: {'; '.join(reasons)}"
    assert said[3].endswith("draft.yaml: never named")
    (total,) = [line for line in said if "by its words" in line]
    assert total.rstrip().endswith("it does not count: barred")
    assert not [line for line in said if "to spare" in line or "would need" in line]


def test_what_is_excluded_is_barred_by_that(nightdesk: Run, draft: Path, jsonl: Path) -> None:
    draft.write_text(bundle(STRIKE.replace("[football]", "[night shifts]")))
    command = ("explain", f"{jsonl}#r00", "port-strike", "--bundle", draft)
    why = "it says “night shifts”, which is excluded"
    assert data_of(nightdesk, *command)["barred"] == [why]
    said = nightdesk(*command).out
    assert said.startswith("barred  port-strike")
    assert f"not taken, whatever its words are worth: {why}\n" in said
    assert "would need" not in said


def test_a_report_without_a_date_is_said_to_have_none(
    nightdesk: Run, draft: Path, jsonl: Path
) -> None:
    jsonl.write_text(lines([record("one", "Dockers of Velmora walk out", None)]))
    draft.write_text(bundle(STRIKE + "    window: {until: 2026-03-01T00:00:00Z}\n"))
    said = nightdesk("explain", jsonl, "port-strike", "--bundle", draft).out
    assert "it has no date and was seen " in said
    assert "  undated, seen " in said


@pytest.mark.parametrize("chosen", ["#r02", ":3"])
def test_one_report_of_a_file(nightdesk: Run, draft: Path, jsonl: Path, chosen: str) -> None:
    data = data_of(nightdesk, "explain", f"{jsonl}{chosen}", "port-strike", "--bundle", draft)
    assert data["article"]["title"].startswith("Velmora strike")
    assert (data["decision"], data["basis"], data["remembered"]) == ("fits", "draft", 0)
    assert data["article"]["published_at"] == "2026-03-02T08:00:00Z"


def test_a_report_whose_id_is_a_number(nightdesk: Run, draft: Path, jsonl: Path) -> None:
    told = [record("1", "Pears are early", MONDAY), record("2", "Velmora dockers strike", MONDAY)]
    jsonl.write_text(lines([one | {"id": number} for number, one in enumerate(told, start=6)]))
    said = nightdesk("explain", f"{jsonl}#7", "port-strike", "--bundle", draft, "--json")
    assert json.loads(said.out)["article"]["title"] == "Velmora dockers strike"
    assert (
        "the first ids are 6, 7"
        in nightdesk("explain", jsonl, "port-strike", "--bundle", draft).err
    )


def test_files_of_one_report(nightdesk: Run, draft: Path, desk: Path) -> None:
    title = "Velmora dockers walk out over night shifts"
    one = record("one", title, MONDAY)
    nameless = {name: value for name, value in one.items() if name != "id"}
    files = {
        "line.jsonl": lines([one]),
        "laid-out.json": json.dumps(nameless, indent=2),
        "words.txt": f"{title}\n\n{one['text']}\n",
        "page.html": f"<html><body><h1>{title}</h1><p>{one['text']}</p></body></html>",
        "with:colon.txt": title,
    }
    for name, content in files.items():
        (desk / name).write_text(content)
        data = data_of(nightdesk, "explain", desk / name, "port-strike", "--bundle", draft)
        assert data["decision"] == "fits", name
        assert "walk out" in {span["text"] for span in data["spans"]}, name


def test_a_report_from_stdin(draft: Path, desk: Path) -> None:
    command = [sys.executable, "-m", "agents.cli", "explain", "-", "port-strike", "-b", str(draft)]
    done = subprocess.run(
        [*command, "--json"],
        input="Velmora dockers walk out over night shifts — again".encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["decision"] == "fits"
    assert not (desk / "var").exists(), "looking makes nothing"


def test_files_that_do_not_say_which_report(
    nightdesk: Run, draft: Path, jsonl: Path, desk: Path
) -> None:
    def told(name: str | Path) -> str:
        said = nightdesk("explain", name, "port-strike", "--bundle", draft)
        assert said.code == 1
        assert " hint: " in said.err
        assert "Traceback" not in said.err
        return said.err

    assert "holds 21 reports" in told(jsonl)
    assert "r00, r01" in told(jsonl)
    assert "nearest are" in told(f"{jsonl}#r0")
    assert "it has 21 lines" in told(f"{jsonl}:99")
    assert "has no line 0" in told(f"{jsonl}:0")
    (desk / "empty.txt").write_text(" \n")
    assert "is empty" in told(desk / "empty.txt")
    (desk / "wordless.txt").write_text("?!…")
    assert "no word" in told(desk / "wordless.txt")
    (desk / "odd.json").write_text('{"id": [7]}')
    assert "is no report: id" in told(desk / "odd.json")
    assert "no file" in told(desk / "none.jsonl")
    assert "cannot read" in told(desk)


def test_without_an_archive(nightdesk: Run, draft: Path, jsonl: Path, desk: Path) -> None:
    said = nightdesk("explain", "article-0000", "port-strike", "--bundle", draft)
    assert said.code == 1
    assert "no archive" in said.err
    said = nightdesk("explain", f"{jsonl}#r00", "port-strike")
    assert said.code == 1
    assert "--bundle" in said.err
    assert not (desk / "var").exists()


def test_colours_on_a_terminal(draft: Path, jsonl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "agents.cli",
            "explain",
            f"{jsonl}#r03",
            "port-strike",
            "-b",
            str(draft),
        ],
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "120"},
    )
    os.close(theirs)
    shown = b""
    while piece := _read(ours):
        shown += piece
    os.close(ours)
    assert done.wait(30) == 0, shown
    assert re.search(rb"\x1b\[[0-9;]*32m\[Velmora", shown), "green for"
    assert re.search(rb"\x1b\[[0-9;]*31m\[football", shown), "red against"


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""
