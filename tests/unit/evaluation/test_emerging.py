"""The judge of emerging storylines counts what a hand would count."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from evaluation import emerging
from evaluation.reports import DataError
from schemas import Article
from tests.support.newsdesk import FERRY, ferry_reports, other_reports, report


def write(
    path: Path, articles: Sequence[Article], story: str | None, *, dated: bool = True
) -> Path:
    rows = [
        {
            "id": article.id,
            "title": article.title,
            "text": article.text,
            "source": article.source,
            "published": article.event_time.isoformat() if dated else None,
            "story": story,
        }
        for article in articles
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def judged(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, float]:
    emerging.main([*map(str, arguments), "--json"])
    [row] = json.loads(capsys.readouterr().out)["rows"]
    return dict(row)


def test_a_story_of_six_outlets_is_found_among_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ferry = write(tmp_path / "ferry.jsonl", ferry_reports(), "ferry", dated=False)
    others = write(tmp_path / "others.jsonl", other_reports(), None, dated=False)
    row = judged(capsys, ferry, "--among", others)
    assert (row["reports"], row["offers"], row["pure"], row["right"]) == (14, 1, 1, 1.0)
    assert (row["found"], row["stories"], row["unlabelled"]) == (1, 1, 0)


def test_a_story_that_is_only_copied_is_none_to_find(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copies = [report(FERRY[0], f"Outlet {n}", n) for n in range(6)]
    row = judged(capsys, write(tmp_path / "copies.jsonl", copies, "ferry"))
    assert (row["offers"], row["stories"], row["found"]) == (0, 0, 0)


def test_only_the_last_hours_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = [report(FERRY[n], f"Outlet {n}", 600 + n) for n in range(3)]
    early = [report(FERRY[3 + n], f"Outlet {3 + n}", n) for n in range(3)]
    file = write(tmp_path / "ferry.jsonl", [*early, *late], "ferry")
    assert judged(capsys, file, "--hours", "24")["found"] == 1
    assert judged(capsys, file, "--hours", "5")["reports"] == 3
    emerging.main([str(file)])
    assert "1 of 1" in capsys.readouterr().out


def test_a_file_without_dates_must_be_hidden_among_others(tmp_path: Path) -> None:
    file = write(tmp_path / "ferry.jsonl", ferry_reports(), "ferry", dated=False)
    with pytest.raises(DataError, match="no dates"):
        emerging.main([str(file)])
