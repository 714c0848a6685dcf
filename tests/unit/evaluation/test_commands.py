"""The commands: rows with exactly the promised keys, tables for people, and failures in words."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evaluation import duplicates, pairs, tables, track
from evaluation.made_up import made_up_lines
from evaluation.reports import DataError

KEYS = [
    "system",
    "decision",
    "rivals",
    "examples",
    "stories",
    "f1",
    "cost",
    "precision",
    "recall",
    "average_precision",
    "calibration_error",
    "articles_per_s",
]


@pytest.fixture
def made_up_file(tmp_path: Path) -> Path:
    path = tmp_path / "made-up.jsonl"
    path.write_bytes(b"\n".join(made_up_lines(stories=8)))
    return path


def rows_of(text: str) -> list[dict[str, Any]]:
    document = json.loads(text)
    assert list(document) == ["rows"]
    return list(document["rows"])


def test_track_prints_rows_with_exactly_these_keys(
    made_up_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("bm25s")
    track.main([str(made_up_file), "--examples", "1", "2", "--json"])
    rows = rows_of(capsys.readouterr().out)
    assert all(list(row) == KEYS for row in rows)
    peers = [(name, "at_once") for name in ("tfidf", "tfidf_per_story", "bm25", "keywords")]
    each = [("nightdesk", "at_once"), ("nightdesk", "settled"), *peers]
    assert [(row["system"], row["decision"]) for row in rows] == each * 2
    assert [row["examples"] for row in rows] == [1] * 6 + [2] * 6
    for row in rows:
        assert row["stories"] == 8
        assert row["rivals"] is False
        assert row["articles_per_s"] > 0
        assert (row["calibration_error"] is None) == (row["system"] != "nightdesk")
        assert all(0 <= row[name] <= 1 for name in ("f1", "precision", "recall"))
    best = max(row["f1"] for row in rows if row["system"] == "tfidf_per_story")
    assert best >= max(row["f1"] for row in rows if row["system"] == "tfidf")


def test_track_with_rivals_says_so_of_nightdesk_alone(
    made_up_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track.main([str(made_up_file), "--examples", "1", "--rivals", "--json"])
    for row in rows_of(capsys.readouterr().out):
        assert row["rivals"] is (row["system"] == "nightdesk")


def test_track_leaves_out_a_number_of_examples_that_no_story_has(
    made_up_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track.main([str(made_up_file), "--alone"])
    told = capsys.readouterr()
    assert "8 stories by 1 example each" in told.out
    assert "nightdesk settled" in told.out
    assert "no story of made-up has more than 4 reports" in told.err


def test_what_was_left_out_is_told_the_first_few_and_how_many_more(
    made_up_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = [json.dumps({"id": f"odd-{n}", "title": "Tide", "published": []}) for n in range(14)]
    made_up_file.write_text(made_up_file.read_text() + "\n" + "\n".join(odd))
    duplicates.main([str(made_up_file), "--json"])
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "note: report 'odd-0': published is [], not a date: taken as undated"
    assert told[10:] == ["note: and 4 more"]


@pytest.mark.parametrize("story", [None, "s"])
def test_a_file_without_a_story_to_follow_is_refused(tmp_path: Path, story: str | None) -> None:
    path = tmp_path / "file.jsonl"
    path.write_text(json.dumps({"id": "a", "title": "Harbour closed", "story": story}))
    with pytest.raises(DataError, match="no story of file has more than 1 report"):
        track.main([str(path)])
    with pytest.raises(DataError, match="no pair of reports of one story"):
        pairs.main([str(path)])
    with pytest.raises(DataError, match="one report only"):
        duplicates.main([str(path)])


def ended(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"evaluation.{module}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )


@pytest.mark.parametrize("module", ["track", "pairs", "duplicates"])
def test_a_failure_is_words_on_stderr_and_ends_with_one(tmp_path: Path, module: str) -> None:
    path = tmp_path / "empty.jsonl"
    path.touch()
    failed = ended(module, str(path), "--json")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("error: ")
    assert "holds no report: it is empty" in failed.stderr
    assert "hint: " in failed.stderr


def test_a_folder_to_fit_on_that_lacks_its_files_is_told_in_words(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    failed = ended("fit", str(tmp_path))
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("error: ")
    assert "cannot be read" in failed.stderr


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5"])
def test_a_number_of_examples_is_a_whole_number_from_one_up(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        track.main(["file.jsonl", "--examples", number])
    assert ended.value.code == 2
    assert "--examples" in capsys.readouterr().err


def test_pairs_are_those_of_each_chosen_report_with_all_others(
    made_up_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs.main([str(made_up_file), "--most", "5", "--json"])
    rows = rows_of(capsys.readouterr().out)
    assert rows[0]["system"] == "nightdesk"
    assert {row["pairs"] for row in rows} == {5 * 23}
    assert {row["same"] for row in rows} == {5 * 2}
    assert rows[0]["f1"] == pytest.approx(
        2 * rows[0]["precision"] * rows[0]["recall"] / (rows[0]["precision"] + rows[0]["recall"]),
        abs=1e-5,
    )
    pairs.main([str(made_up_file), "--alone"])
    assert "552 pairs, 48 of one story" in capsys.readouterr().out


def test_shipped_thresholds_tell_copies_from_other_reports(
    capsys: pytest.CaptureFixture[str],
) -> None:
    duplicates.main(["--synthetic", "--json"])
    told = json.loads(capsys.readouterr().out)
    shares = {row["rule"]: row["share"] for row in told["rows"] if row["copies"]}
    others = {row["rule"]: row["share"] for row in told["rows"] if not row["copies"]}
    hard = shares.pop("30 % of words replaced")
    assert min(shares.values()) >= 0.95
    assert max(others.values()) <= 0.02
    assert hard < min(shares.values())
    assert told["precision"] >= 0.99
    assert not math.isclose(told["recall"], 1.0)


def test_tables_are_written_between_the_marks_of_a_page(made_up_file: Path, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    folder, page = tmp_path / "data", tmp_path / "page.md"
    folder.mkdir()
    made_up_file.rename(folder / made_up_file.name)
    (folder / "plain.jsonl").write_text('{"id": 1, "title": "Tide"}\n{"id": 2, "title": "Ebb"}\n')
    page.write_text(f"# Page\n\n{tables.BEGIN}\nold\n{tables.END}\n\nend\n")
    bundle = Path(__file__).parents[3] / "examples" / "bundle.yaml"
    tables.main([str(folder), "--bundle", str(bundle), "--write", str(page)])
    text = page.read_text()
    assert text.startswith(f"# Page\n\n{tables.BEGIN}\n\nMachine: ")
    assert text.endswith(f"\n{tables.END}\n\nend\n")
    assert "made-up (24), plain (2)" in text
    assert "| made-up | no | 1 | 8 |" in text
    assert "| plain | coordination-denial | all | 2 | 0 | 0 |" in text
    assert "| plain | coordination-denial | exemplars alone | 2 | 0 | 0 |" in text
    held = [line.count("|") for line in text.split("\n### F1\n\n")[1].split("\n\n")[0].split("\n")]
    assert len(held) == 3
    assert len(set(held)) == 1


def test_files_that_a_table_has_no_use_for_spoil_no_other(
    made_up_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "empty.jsonl").touch()
    (folder / "lone.jsonl").write_text('{"id": 1, "title": "Tide"}\n')
    one_story = [{"id": n, "title": f"Tide {n} at Lindane", "story": "tide"} for n in range(3)]
    (folder / "one-story.jsonl").write_text("\n".join(map(json.dumps, one_story)))
    tables.main([str(folder)])
    told = capsys.readouterr()
    assert "left out: empty holds no report" in told.err
    assert "left out: lone has one report only" in told.err
    assert "left out: one-story has no pair" in told.err
    assert "lone (1), one-story (3)" in told.out
    assert "### Pairs" not in told.out
    made_up_file.rename(folder / made_up_file.name)
    tables.main([str(folder)])
    assert "| made-up | nightdesk |" in capsys.readouterr().out.split("### Pairs")[1]
    for name in ("empty", "one-story", "made-up"):
        (folder / f"{name}.jsonl").unlink()
    tables.main([str(folder)])
    assert "### " not in capsys.readouterr().out


def test_a_page_without_marks_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n{tables.END}\n{tables.BEGIN}\n")
    with pytest.raises(DataError, match="no place for tables"):
        tables.main([str(tmp_path / "nowhere"), "--write", str(page)])


def test_the_page_of_quality_has_its_marks_and_names_each_command() -> None:
    page = (Path(__file__).parents[3] / "docs" / "quality.md").read_text("utf-8")
    assert "new words" in tables.place(page, "new words")
    for module in ("track", "pairs", "duplicates", "tables"):
        assert f"python -m evaluation.{module} " in page
