"""Shares of capitals are counted inside sentences, where a capital means a name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.names import inside, shares


def test_heads_of_sentences_and_of_quotations_tell_nothing() -> None:
    told = dict(
        inside(
            "Ferries to Oslo are late and many people wait on the quay. Storms, says the skipper Olsen,"
            " may hit “Harbours” of the whole coast and sink as many as 12 boats."
        )
    )
    assert told["oslo"]
    assert told["olsen"]
    assert told["late"] is False
    assert not {"ferries", "storms", "harbours", "12"} & told.keys()


@pytest.mark.parametrize("text", ["", "Ferries To Oslo Are Late Again", "FERRIES TO OSLO ARE LATE"])
def test_where_everything_has_a_capital_nothing_is_counted(text: str) -> None:
    assert list(inside(text)) == []


def test_shares_are_those_of_stems_met_often_and_days_are_no_names() -> None:
    told = [
        "The ferry waits in Oslo this Monday for a calmer sea.",
        "One ferry left Oslo late on Monday with a broken rudder.",
        "The Ferry of Oslo was towed back to the quay one Monday evening.",
    ]
    assert shares(told, least=3) == {"ferry": pytest.approx(1 / 3), "monda": 0.0, "oslo": 1.0}


def test_the_command_prints_stems_by_tenths(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    rows = [{"id": "1", "title": "Bergen", "text": "The ferry to Oslo is late."}, {"id": "2"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-m", "evaluation.names", "--least", "1", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "0\tferry is late to\n10\toslo\n"
