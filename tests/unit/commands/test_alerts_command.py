"""`nightdesk alerts`: the same as by the API."""

from __future__ import annotations

import json

import pytest

from nightdesk.archive import Archive, alerts, handling
from tests.support.alerting import make_alert
from tests.unit.commands.conftest import Run

NAME = "alert-aaaa1"


@pytest.fixture(autouse=True)
def raised(archive: Archive) -> None:
    with archive.begin() as connection:
        alerts.record(connection, [make_alert(identity=NAME), make_alert(identity="alert-aaab2")])


def test_they_are_listed_and_shown(nightdesk: Run) -> None:
    said = nightdesk("alerts", "list")
    assert NAME in said.out
    assert "Ministry denies" in said.out
    found = json.loads(nightdesk("alerts", "list", "--json", "--limit", "1").out)
    assert [item["alert"]["id"] for item in found] == ["alert-aaab2"]
    assert "No alerts" in nightdesk("alerts", "list", "--text", "pears").out
    shown = nightdesk("alerts", "show", NAME)
    assert "a first report of a new development" in shown.out
    assert json.loads(nightdesk("alerts", "show", NAME, "--json").out)["alert"]["id"] == NAME


def test_a_day_of_an_alert(nightdesk: Run, archive: Archive) -> None:
    steps = [
        (["ack", NAME, "-m", "on it"], "Acknowledged"),
        (["assign", NAME, "mara"], "Assigned to mara"),
        (["snooze", NAME, "--for", "2h", "--new-fact"], "or a new fact"),
        (["unsnooze", NAME], "Not snoozed"),
        (["unack", NAME], "Not acknowledged"),
        (["comment", NAME, "denied", "--by", "Mara"], "Noted"),
    ]
    for arguments, words in steps:
        said = nightdesk("alerts", *arguments)
        assert said.code == 0, said.err
        assert words in said.out
    with archive.read() as connection:
        done = handling.actions(connection, NAME)
        assert handling.of_alert(connection, NAME).assignee == "mara"
    assert [one.what for one in done] == [
        *("acknowledge", "assign", "snooze", "unsnooze", "unacknowledge", "comment")
    ]
    assert done[-1].by == "Mara"
    assert "Mara: comment denied" in nightdesk("alerts", "show", NAME).out
    assert "for mara" in nightdesk("alerts", "list", "--assignee", "mara").out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ack", "alert-none"], 1, "there is no alert"),
        (["ack", "aaa"], 1, "there is no alert"),
        (["ack", "alert-aaa"], 1, "there is no alert"),
        (["unack", NAME], 1, "not acknowledged"),
        (["snooze", NAME], 1, "needs an end"),
        (["snooze", NAME, "--for", "soon"], 2, "not a duration"),
        (["snooze", NAME, "--for", "100d"], 1, "90 days"),
        (["list", "--kind", "loud"], 2, "none of"),
    ],
)
def test_what_makes_no_sense_is_told(nightdesk: Run, arguments, code, words) -> None:
    said = nightdesk("alerts", *arguments)
    assert said.code == code
    assert words in " ".join(said.err.split())


def test_the_beginning_of_an_id_is_enough_unless_several_begin_so(
    nightdesk: Run, archive: Archive
) -> None:
    with archive.begin() as connection:
        alerts.record(connection, [make_alert(identity="alert-aaaa9")])
    assert nightdesk("alerts", "ack", "aaab").code == 0
    said = nightdesk("alerts", "ack", "aaaa")
    assert said.code == 1
    assert "alert-aaaa1, alert-aaaa9" in said.err
