"""`nightdesk storyline suggest`: files of reports in, a draft out that `nightdesk check` accepts."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from agents.commands.storyline import checked
from nightdesk.bundles import parse
from nightdesk.errors import ConfigurationError
from tests.unit.commands.conftest import Run
from tests.unit.storylines.test_suggest import REPORTS


@pytest.fixture
def texts(desk: Path) -> list[Path]:
    paths = [desk / f"report-{number}.txt" for number in range(len(REPORTS))]
    for path, (title, text) in zip(paths, REPORTS, strict=True):
        path.write_text(f"{title}\n\n{text}\n\nShare\nAdvertisement\n", "utf-8")
    return paths


def lines() -> str:
    records = [
        {"id": f"r{n}", "title": title, "text": f"<p>{text}</p>", "published": f"2026-03-0{n + 1}"}
        for n, (title, text) in enumerate(REPORTS)
    ]
    return "".join(json.dumps(record) + "\n" for record in records)


def test_json_lines_may_hold_a_line_separator_and_dates_are_kept(
    nightdesk: Run, desk: Path
) -> None:
    records = [json.loads(line) for line in lines().splitlines()]
    records[0]["text"] = records[0]["text"].replace(". ", ".\u2028", 1)
    file = desk / "reports.jsonl"
    file.write_text("".join(f"{json.dumps(r, ensure_ascii=False)}\n" for r in records), "utf-8")
    said = nightdesk("storyline", "suggest", file)
    assert (said.code, said.err) == (0, "")
    assert said.out.count("        published: 2026-03-0") == said.out.count("      - title: ") > 0


def test_texts_become_a_draft_that_check_accepts(
    nightdesk: Run, texts: list[Path], desk: Path
) -> None:
    said = nightdesk("storyline", "suggest", *texts, "--id", "trawler")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("# A draft from 3 reports")
    assert "  - id: trawler\n" in said.out
    assert "        country: IS\n" in said.out
    assert "# report-1.txt; 0." in said.out
    assert "Advertisement" not in said.out
    draft = desk / "draft.yaml"
    draft.write_text(said.out, "utf-8")
    assert nightdesk("check", draft, "--strict").code == 0


def test_json_lines_bring_their_dates(nightdesk: Run, desk: Path) -> None:
    path = desk / "reports.jsonl"
    path.write_text(lines() + "\n", "utf-8")
    said = nightdesk("storyline", "suggest", path)
    assert "window: {since: 2026-02-27T00:00:00Z}" in said.out
    assert "# reports.jsonl:2; 2026-03-02; 0." in said.out
    assert "<p>" not in said.out


def test_stdin_is_a_file_too(nightdesk: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(lines().encode()), "utf-8")
    monkeypatch.setattr(sys, "stdin", stdin)
    assert "# stdin:1; 2026-03-01" in nightdesk("storyline", "suggest", "-").out


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("missing.txt", None, "cannot read"),
        ("empty.txt", b" \n", "empty.txt is empty"),
        ("photo.txt", bytes(range(256)) * 20, "photo.txt holds characters that no text has"),
        ("stop.txt", b"it is what it is", "no word that tells them"),
        ("bad.jsonl", b'{"id": "a", "title": "b"}\n{"id": null}\n', "bad.jsonl:2: id: "),
        ("none.jsonl", b"\n\n", "no word that tells them"),
        (
            "run.jsonl",
            b'{"id": "a", "title": "' + b"x" * 10**6 + b'"}',
            "run.jsonl:1 is one long run",
        ),
        ("large.txt", b"word " * 4_000_001, "larger than 20 MB"),
    ],
)
def test_what_is_no_report_is_told_of(
    nightdesk: Run, desk: Path, name: str, data: bytes | None, message: str
) -> None:
    if data is not None:
        (desk / name).write_bytes(data)
    said = nightdesk("storyline", "suggest", desk / name)
    assert (said.code, said.out) == (1, "")
    assert message in said.err
    assert "hint: " in said.err


@pytest.mark.parametrize("published", ["0001-01-01", "0800-02-03", "9999-12-31T23:59:59Z"])
def test_odd_dates_make_a_draft_that_check_accepts(
    nightdesk: Run, desk: Path, published: str
) -> None:
    path = desk / "old.jsonl"
    path.write_text(json.dumps(json.loads(lines().split("\n")[0]) | {"published": published}))
    said = nightdesk("storyline", "suggest", path)
    assert said.code == 0, said.err
    assert f"published: {published[:10]}T" in said.out
    assert parse(said.out).errors == ()


def test_no_draft_is_printed_that_check_refuses() -> None:
    with pytest.raises(ConfigurationError, match="no draft that `nightdesk check` accepts") as no:
        checked("storylines: [{id: Odd, title: Odd}]")
    assert no.value.hint


def test_an_id_that_none_can_be_is_wrong_usage(nightdesk: Run, texts: list[Path]) -> None:
    said = nightdesk("storyline", "suggest", texts[0], "--id", "My Trawler")
    assert said.code == 2
    assert "small letters" in said.err


def test_a_folder_is_no_report(nightdesk: Run, desk: Path) -> None:
    said = nightdesk("storyline", "suggest", desk)
    assert said.code == 1
    assert "cannot read" in said.err


def test_more_reports_than_a_draft_needs(nightdesk: Run, desk: Path) -> None:
    path = desk / "many.jsonl"
    path.write_text(lines() * 70, "utf-8")
    said = nightdesk("storyline", "suggest", path)
    assert said.code == 0
    assert "Only the first 200 of 210 reports were read." in said.err
