"""`nightdesk replay` as a user runs it: the seeds find their storylines, and the account balances."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.seeds import seed_records

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "examples" / "bundle.yaml"


def replay(tmp_path: Path, lines: list[str], *, code: int = 0) -> list[dict[str, Any]]:
    file = tmp_path / "reports.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "agents.cli", "replay", str(file), "--bundle", str(BUNDLE)]
    done = subprocess.run([*command, "--json"], capture_output=True, check=False, timeout=60)
    assert done.returncode == code, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def of_type(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] == kind]


def test_each_seed_fits_its_own_storyline_and_the_noise_raises_nothing(tmp_path: Path) -> None:
    records = seed_records()
    events = replay(tmp_path, [json.dumps(record) for record in records])
    matches = of_type(events, "match")
    fits = {m["article"]: m["storyline"] for m in matches if m["decision"] == "fits"}
    assert fits == {record["id"]: record["storyline"] for record in records}
    assert len(matches) == len(records), "nothing is even possible elsewhere"
    alerts = of_type(events, "alert")
    assert len({alert["development"] for alert in alerts}) == 3
    denial = [a for a in alerts if a["storyline"] == "coordination-denial"]
    assert [len(alert["articles"]) for alert in denial] == [1, 2, 3]
    (summary,) = of_type(events, "summary")
    assert events[-1] is summary
    assert summary["balanced"]
    assert summary["totals"]["poll"] == {"polled": 5, "new": 5}


def test_the_same_file_gives_the_same_output(tmp_path: Path) -> None:
    lines = [json.dumps(record) for record in seed_records()]
    assert replay(tmp_path, lines) == replay(tmp_path, lines)


def test_all_but_the_id_may_be_null_and_bad_lines_are_named(tmp_path: Path) -> None:
    nothing = dict.fromkeys(("title", "description", "text", "published", "source", "url", "lang"))
    lines = [
        json.dumps({"id": "silent", **nothing}),
        json.dumps({"id": "short", **nothing, "title": "Pears are early this year"}),
        "{not json",
        json.dumps({"title": "no id"}),
        json.dumps({"id": "odd", "title": "An odd date for a pear fair", "published": "yesterday"}),
        "[" * 100_000,
        json.dumps({"id": "short", **nothing, "title": "Pears are early this year"}),
        "",
    ]
    events = replay(tmp_path, lines)
    rejected = of_type(events, "rejected")
    assert [event["line"] for event in rejected] == [3, 4, 6]
    assert "id" in rejected[1]["reason"]
    (summary,) = of_type(events, "summary")
    assert summary["balanced"]
    assert summary["totals"]["poll"] == {"polled": 7, "new": 3, "duplicate": 1, "rejected": 3}
    assert summary["totals"]["normalise"] == {"received": 3, "new": 2, "dead_letter": 1}


def test_spans_lie_inside_their_field_and_name_its_words(tmp_path: Path) -> None:
    text = (
        "At present the White House is not coordinating military operations with Russia in Syria."
    )
    record = {"id": "one", "title": "White House denies pact", "text": text, "source": "A"}
    events = replay(tmp_path, [json.dumps(record)])
    spans = [span for match in of_type(events, "match") for span in match["spans"]]
    assert spans
    for span in spans:
        field = record[span["field"]]
        assert 0 <= span["start"] < span["end"] <= len(field)
    told = {record[span["field"]][span["start"] : span["end"]] for span in spans}
    assert "Russia" in told


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-m", "agents.cli", "replay", str(tmp_path / name)]
    done = subprocess.run(
        [*command, "--bundle", str(BUNDLE)], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert b"hint" in done.stderr
    assert b"Traceback" not in done.stderr
