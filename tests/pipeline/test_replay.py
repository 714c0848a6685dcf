"""`nightdesk replay` as a user runs it: the seeds find their storylines, and the account balances."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nightdesk.records import read_record
from tests.support.seeds import seed_records

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "examples" / "bundle.yaml"


def run(tmp_path: Path, lines: list[str], *options: str) -> subprocess.CompletedProcess[bytes]:
    file = tmp_path / "reports.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "agents.cli", "replay", str(file), "--bundle", str(BUNDLE)]
    return subprocess.run([*command, *options], capture_output=True, check=False, timeout=60)


def events_of(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def replay(tmp_path: Path, lines: list[str]) -> list[dict[str, Any]]:
    return events_of(run(tmp_path, lines, "--json"))


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


TEXT = "At present the White House is not coordinating military operations with Russia in Syria."


def denial(name: str = "one", **fields: Any) -> dict[str, Any]:
    title = "White House denies pact"
    return {"id": name, "title": title, "text": TEXT, "source": "A"} | fields


def quoted(match: dict[str, Any], record: dict[str, Any]) -> list[str]:
    """The words that spans point to: in the article's text where it is given, else in the record."""
    texts = record | match.get("article_text", {})
    return [texts[span["field"]][span["start"] : span["end"]] for span in match["spans"]]


CLEANED = {
    "markup": denial(text=f"<p>Share</p><p>{TEXT}</p><p>Advertisement</p>"),
    "mojibake": denial(title="â€œWhite Houseâ€\x9d denies pact with Russia in Syria"),
    "moved": denial(text=None, description=TEXT),
    "as it is": denial(),
}


@pytest.mark.parametrize("record", CLEANED.values(), ids=CLEANED)
def test_spans_point_into_what_is_printed(tmp_path: Path, record: dict[str, Any]) -> None:
    (match, *_) = of_type(replay(tmp_path, [json.dumps(record)]), "match")
    assert set(match) - {"article_text"} == {
        "type",
        "article",
        "storyline",
        "decision",
        "score",
        "reason",
        "contributions",
        "probability",
        "spans",
    }
    words = quoted(match, record)
    assert [span["words"] for span in match["spans"]] == words
    assert "Russia" in words
    told = match.get("article_text", {})
    assert bool(told) == (record is not CLEANED["as it is"])
    assert all(text != record.get(field) for field, text in told.items())


def test_half_a_character_is_replaced_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [
        r'{"id":"s","title":"x \ud800 White House","text":"Russia \u0000 in Syria \udfff"}',
        r'{"id":"p\ud800","title":"White House \ud83d\ude00 denies pact"}',
        json.dumps(denial()),
    ]
    for options in ([], ["--json"]):
        done = run(tmp_path, lines, *options)
        assert done.returncode == 0, done.stderr.decode()
        assert b"Traceback" not in done.stderr
    events = events_of(done)
    assert events[-1]["totals"]["normalise"] == {"received": 3, "new": 3}
    assert "one" in {match["article"] for match in of_type(events, "match")}


def test_an_edit_that_is_taken_back_is_a_third_revision(tmp_path: Path) -> None:
    edited = denial(title="White House confirms pact with Russia in Syria")
    lines = [json.dumps(record) for record in (denial(), edited, denial(), denial())]
    (summary,) = of_type(replay(tmp_path, lines), "summary")
    assert summary["balanced"]
    assert summary["totals"]["poll"] == {"polled": 4, "new": 3, "duplicate": 1}
    assert summary["totals"]["normalise"] == {"received": 3, "new": 1, "revision": 2}


def test_going_back_and_forth_tells_each_edit_once(tmp_path: Path) -> None:
    edited = denial(title="White House confirms pact with Russia in Syria")
    events = replay(tmp_path, [json.dumps(record) for record in (denial(), edited) * 20])
    alerts = [a for a in of_type(events, "alert") if a["storyline"] == "coordination-denial"]
    assert len(alerts) <= 3
    assert events[-1]["balanced"]
    assert events[-1]["totals"]["normalise"]["duplicate"] == 37


def test_dates_of_mail_are_read(tmp_path: Path) -> None:
    record = denial("mail", published="Thu, 14 Jul 2016 10:00:00 GMT")
    moment = read_record(json.dumps(record)).published_at()
    assert moment == datetime(2016, 7, 14, 10, tzinfo=UTC)
    done = run(tmp_path, [json.dumps(record)], "--json")
    assert events_of(done)[-1]["totals"]["poll"] == {"polled": 1, "new": 1}
    assert done.stderr == b""


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_what_cannot_be_used_is_noted_on_stderr(tmp_path: Path, options: list[str]) -> None:
    lines = [
        json.dumps(denial()),
        json.dumps(denial("odd\x1b[31m", published="yesterday", title="Pears are early")),
        json.dumps(
            {"id": "empty", "description": "<p>Share</p><p>Advertisement</p>", "published": " "}
        ),
    ]
    done = run(tmp_path, lines, *options)
    assert done.returncode == 0
    notes = done.stderr.decode().splitlines()
    assert [note.split(": ")[:2] for note in notes] == [
        ["note", "line 2, odd\ufffd[31m"],
        ["note", "line 3, empty"],
    ]
    assert "'yesterday' is neither ISO 8601 nor RFC 2822" in notes[0]
    assert "nothing_to_read" in notes[1]
    assert b"yesterday" not in done.stdout


def test_fields_of_other_kinds_lose_no_record_and_are_noted(tmp_path: Path) -> None:
    odd = denial(text=[TEXT, "It said no more."], url=True, published=1468497600) | {"id": 7.0}
    done = run(tmp_path, [json.dumps(odd)], "--json")
    (match, *_) = of_type(events_of(done), "match")
    assert (match["article"], match["decision"]) == ("7", "fits")
    assert match["article_text"] == {"text": f"{TEXT}\nIt said no more."}
    assert done.stderr.decode().splitlines() == [
        "note: line 1, 7: text is a list: its parts are taken for lines",
        "note: line 1, 7: url is true, not text: left out",
    ]


def test_a_dead_record_is_named_whichever_chunk_it_stood_in(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"id": f"r{n}", "title": f"Pear fair number {n}"} for n in range(250)
    ]
    records[230] = {"id": "empty", "title": "…"}
    done = run(tmp_path, [json.dumps(record) for record in records], "--json")
    assert done.stderr.decode().startswith("note: line 231, empty: became no article")
