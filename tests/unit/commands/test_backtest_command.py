"""`nightdesk backtest`: over a real archive and over files, beside what is in force, changing nothing."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightdesk.archive import Archive
from tests.support.seeds import seed_exemplars
from tests.support.shared import shared_path
from tests.unit.commands.conftest import Run, data_of
from tests.unit.commands.newsroom import FERRY, MONDAY, STRIKE, bundle, fill, lines, record, reports


def everything(desk: Path) -> list[str]:
    with sqlite3.connect(desk / "var" / "archive.sqlite") as connection:
        return list(connection.iterdump())


def test_hits_and_days_of_the_archive(nightdesk: Run, filled: Archive, draft: Path) -> None:
    data = data_of(nightdesk, "backtest", draft)
    assert data["read"]["articles"] == 21
    assert data["decisions"]["fits"] == 9
    assert [(d["day"], d["fits"]) for d in data["days"]] == [
        ("2026-03-02", 3),
        ("2026-03-03", 3),
        ("2026-03-04", 3),
    ]
    assert all("strike" in h["title"] or "walk" in h["title"] for h in data["hits"])
    when = [hit["when"] for hit in data["hits"]]
    assert when == sorted(when)
    assert data["alerts"]["developments"] == 1
    assert data["alerts"]["kinds"]["new_development"] == 1
    assert data["compared"] == {"version": 1, "definition": "same"}


def test_what_stands_at_the_threshold(nightdesk: Run, filled: Archive, draft: Path) -> None:
    data = data_of(nightdesk, "backtest", draft, "--samples", "2")
    above, below = data["at_threshold"]["above"], data["at_threshold"]["below"]

    def over(one: dict[str, Any]) -> float:
        return float(one["probability"] - one["bar"])

    assert [over(one) for one in reversed(above)] == sorted(map(over, data["hits"]))[:2]
    assert len(below) == 2
    assert all(one["decision"] != "fits" for one in below)
    assert over(below[0]) >= over(below[1])
    told = {one["article"] for kind in ("possible", "not") for one in data["near_misses"][kind]}
    assert {one["article"] for one in below} <= told
    said = nightdesk("backtest", draft, "--samples", "2").out
    assert "At the threshold (balanced), each beside the bar that it was held against" in said
    hit, miss = above[-1], below[0]
    assert f"{hit['probability']:.2f} ≥ {hit['bar']:.2f}  fits" in said
    assert f"{miss['probability']:.2f} < {miss['bar']:.2f}  not" in said
    cut = re.search(r"^fits +─", said, re.MULTILINE)
    assert cut is not None
    assert said.index(hit["title"][:40]) < cut.start() < said.index(miss["title"][:40])


def test_the_chart_shows_each_day(nightdesk: Run, filled: Archive, draft: Path) -> None:
    out = nightdesk("backtest", draft).out.splitlines()
    start = out.index("Hits per day")
    days = [line.split() for line in out[start + 1 : start + 4]]
    assert [row[0] for row in days] == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert all(set(row[1]) == {"█"} and row[2] == "3" for row in days)


def test_months_are_shown_by_weeks_or_months(nightdesk: Run, desk: Path, draft: Path) -> None:
    title = "Dockers of Velmora walk out again over night shifts"
    for weeks, unit in ((20, "week"), (90, "month")):
        file = desk / f"{unit}.jsonl"
        file.write_text(
            lines(
                [record(f"r{n}", f"{title} {n}", MONDAY + timedelta(weeks=n)) for n in range(weeks)]
            )
        )
        out = nightdesk("backtest", draft, "--file", file).out
        assert f"Hits per {unit}" in out
        data = data_of(nightdesk, "backtest", draft, "--file", file)
        assert len(data["days"]) == (weeks - 1) * 7 + 1
        assert sum(day["fits"] for day in data["days"]) == weeks


def test_nothing_is_written_and_nothing_is_left(
    nightdesk: Run, filled: Archive, draft: Path, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = desk / "tmp"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    draft.write_text(bundle(STRIKE.replace("walk out, ", "")))
    before = everything(desk)
    assert nightdesk("backtest", draft).code == 0
    assert everything(desk) == before
    assert list(scratch.iterdir()) == []


def test_the_same_again_whatever_order_the_archive_was_filled_in(
    nightdesk: Run, filled: Archive, draft: Path, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = data_of(nightdesk, "backtest", draft)
    again = data_of(nightdesk, "backtest", draft)
    monkeypatch.setenv("NIGHTDESK_STATE_DIR", str(desk / "other"))
    (desk / "other").mkdir()
    from nightdesk.archive import open_archive

    other = open_archive(f"sqlite:///{desk}/other/archive.sqlite")
    other.migrate()
    fill(other, list(reversed(reports())), STRIKE, FERRY)
    other.close()
    turned = data_of(nightdesk, "backtest", draft)
    for data in (first, again, turned):
        del data["speed"], data["read"]["from"]
    assert first == again == turned


def test_only_a_span_of_time(nightdesk: Run, filled: Archive, draft: Path) -> None:
    data = data_of(nightdesk, "backtest", draft, "--since", "2026-03-03", "--until", "2026-03-03")
    assert [day["day"] for day in data["days"]] == ["2026-03-03"]
    assert data["read"]["articles"] == 7
    data = data_of(
        nightdesk,
        "backtest",
        draft,
        "--since",
        "2026-03-02T07:00+01:00",
        "--until",
        "2026-03-02T08:30",
    )
    assert data["read"]["articles"] == 3


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--since", "lately"),
        ("--since", "03/05/2026"),
        ("--since", "7 days"),
        ("--until", ""),
        ("--since", "99999999999d"),
        ("--until", "2026-02-30"),
    ],
)
def test_a_moment_that_is_none_is_wrong_usage(
    nightdesk: Run, filled: Archive, draft: Path, option: str, value: str
) -> None:
    said = nightdesk("backtest", draft, option, value)
    assert said.code == 2
    assert option in said.err
    assert "7d" in said.err


def test_a_span_that_ends_before_it_begins(nightdesk: Run, filled: Archive, draft: Path) -> None:
    said = nightdesk("backtest", draft, "--since", "2026-03-05", "--until", "2026-03-03")
    assert said.code == 2
    assert "--until" in said.err


def test_how_long_ago(nightdesk: Run, filled: Archive, draft: Path) -> None:
    # The examples are of 2026 and the clock is real: what is sure is only how the answer looks.
    assert data_of(nightdesk, "backtest", draft, "--since", "5000w")["read"]["articles"] == 21
    said = nightdesk("backtest", draft, "--until", "5000w")
    assert said.code == 1
    assert "nothing happened before" in said.err
    assert "2026-03-02 06:00 to 2026-03-04 12:00" in said.err


def test_beside_the_version_in_force(nightdesk: Run, filled: Archive, draft: Path) -> None:
    draft.write_text(bundle(STRIKE + "    window: {since: 2026-03-03T07:30:00Z}\n"))
    data = data_of(nightdesk, "backtest", draft)
    compared = data["compared"]
    assert compared["version"] == 1
    assert compared["definition"] == "differs"
    assert (compared["same"], len(compared["new"]), len(compared["lost"])) == (4, 0, 5)
    assert [one["other_decision"] for one in compared["lost"]] == [None] * 5
    assert compared["alerts"]["raised"] > data["alerts"]["developments"] == 1
    out = nightdesk("backtest", draft, "--samples", "2").out
    assert "Beside version 1 in force: 4 hits the same, 0 new, 5 lost" in out
    assert compared["lost"][0]["title"][:40] in out
    assert "now: not near" in out
    assert "… and 3 more" in out


def test_new_hits_are_told_with_what_they_were(
    nightdesk: Run, archive: Archive, draft: Path
) -> None:
    strict = STRIKE.replace("[football]", "[football, ships wait]")
    fill(archive, reports(), strict)
    compared = data_of(nightdesk, "backtest", draft)["compared"]
    assert (compared["same"], len(compared["lost"])) == (6, 0)
    assert {one["other_decision"] for one in compared["new"]} == {"not"}
    out = nightdesk("backtest", draft).out
    assert "6 hits the same, 3 new, 0 lost" in out
    assert "before: not" in out


def test_several_storylines_need_a_choice(nightdesk: Run, jsonl: Path, draft: Path) -> None:
    draft.write_text(bundle(STRIKE, FERRY))
    said = nightdesk("backtest", draft, "--file", jsonl)
    assert said.code == 1
    assert "choose one with --storyline: ferry-line, port-strike" in said.err
    said = nightdesk("backtest", draft, "--file", jsonl, "--storyline", "port-strik")
    assert said.code == 1
    assert "did you mean port-strike?" in said.err
    data = data_of(nightdesk, "backtest", draft, "--file", jsonl, "--storyline", "port-strike")
    assert data["decisions"]["fits"] == 9


def test_a_storyline_without_examples_and_one_that_hits_nothing(
    nightdesk: Run, jsonl: Path, draft: Path
) -> None:
    draft.write_text(bundle(FERRY))
    data = data_of(nightdesk, "backtest", draft, "--file", jsonl)
    assert data["decisions"]["fits"] == 0
    assert sum(day["fits"] for day in data["days"]) == 0
    assert data["alerts"] == {"developments": 0, "kinds": {}, "raised": []}
    said = nightdesk("backtest", draft, "--file", jsonl)
    assert said.code == 0
    assert "0 fit" in said.out
    bare = "  - {id: bare, title: Bare, entities: [{name: Velmora, any_of: [Velmora]}]}\n"
    draft.write_text(bundle(bare))
    assert data_of(nightdesk, "backtest", draft, "--file", jsonl)["decisions"]["fits"] == 15


def test_a_storyline_that_is_switched_off_is_tried(
    nightdesk: Run, jsonl: Path, draft: Path
) -> None:
    draft.write_text(bundle(STRIKE + "    enabled: false\n"))
    assert data_of(nightdesk, "backtest", draft, "--file", jsonl)["decisions"]["fits"] == 9


def test_no_archive_an_empty_one_and_one_of_another_version(
    nightdesk: Run, draft: Path, desk: Path
) -> None:
    said = nightdesk("backtest", draft)
    assert said.code == 1
    assert "there is no archive at" in said.err
    assert not (desk / "var").exists(), "looking makes nothing"
    from sqlalchemy import text

    from nightdesk.archive import open_archive

    (desk / "var").mkdir()
    made = open_archive(f"sqlite:///{desk}/var/archive.sqlite")
    made.migrate()
    assert "holds no articles yet" in nightdesk("backtest", draft).err
    with made.begin() as conn:
        conn.execute(text("DELETE FROM alembic_version"))
        conn.execute(text("DROP TABLE articles"))
    made.close()
    said = nightdesk("backtest", draft)
    assert said.code == 1
    assert "error: " in said.err
    assert "Traceback" not in said.err


def test_rivals_in_force_take_part(nightdesk: Run, filled: Archive, draft: Path) -> None:
    draft.write_text(bundle(STRIKE + "    rivals: [ferry-line]\n"))
    said = nightdesk("backtest", draft)
    assert said.code == 0, said.err
    draft.write_text(bundle(STRIKE + "    rivals: [ferry-lines]\n"))
    said = nightdesk("backtest", draft)
    assert said.code == 1
    assert "ferry-line" in said.err


def test_an_example_may_be_an_article_of_the_archive(
    nightdesk: Run, filled: Archive, draft: Path, jsonl: Path, desk: Path
) -> None:
    by_address = (
        "  - id: named\n    title: Strike in Velmora\n"
        "    exemplars: [{article: https://wire.example/r00}]\n"
    )
    draft.write_text(bundle(by_address))
    data = data_of(nightdesk, "backtest", draft)
    assert "https://wire.example/r00" in {hit["url"] for hit in data["hits"]}
    assert data["compared"] is None
    (desk / "var").rename(desk / "away")
    said = nightdesk("backtest", draft, "--file", jsonl)
    assert said.code == 1
    assert "no archive to look into" in said.err


def test_a_definition_that_tells_a_subject_is_told_of(
    nightdesk: Run, filled: Archive, draft: Path, desk: Path
) -> None:
    assert "in doubt" not in nightdesk("backtest", draft).out
    shown = seed_exemplars()["coordination-denial"][1:2]
    one = {"id": "denial", "title": "No military coordination", "exemplars": shown}
    alone = desk / "alone.yaml"
    alone.write_text(json.dumps({"storylines": [one]}))
    reports = shared_path("data", "dev", "syria.jsonl")
    said = nightdesk("backtest", alone, "--file", reports)
    told = re.search(r"(\d+) of these are in doubt: the definition tells a subject", said.out)
    assert told, said.out
    near = data_of(nightdesk, "backtest", alone, "--file", reports)["near_misses"]
    assert near["tells_subject"] is True
    assert near["in_doubt"] == int(told[1]) > 20
