"""A development goes quiet by its own cadence: not at night, not later than the gap, and once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.alerts.grouping import Development
from nightdesk.alerts.quiet import go_quiet, in_words, quiet_at, retire, silence
from schemas import Alert, AlertKind, AlertState, Arrival
from tests.support.freighter import NOON, Desk, make_match

GAP = timedelta(hours=48)


def told(*hours: float, arrival: Arrival = Arrival.LIVE) -> tuple[Development, Alert]:
    desk = Desk()
    last = None
    for number, at in enumerate(hours):
        text = f"word{number} said{number} " * 20
        match = make_match(f"o{number}", text, title=f"t{number}", hours=at, arrival=arrival)
        last = desk.take(match).alert or last
    (development,) = desk.developments
    assert last is not None
    return development, last


@pytest.mark.parametrize(
    ("hours", "waited"),
    [([0], 48), ([0, 0.1, 0.2], 6), ([0, 2, 4], 12), ([0, 2, 30], 48), ([0, 10, 20, 30], 48)],
)
def test_so_long_nothing_must_come(hours: list[float], waited: float) -> None:
    development, _ = told(*hours)
    assert silence(development, GAP) == timedelta(hours=waited)
    assert quiet_at(development, GAP) == NOON + timedelta(hours=hours[-1] + waited)


def test_no_silence_is_shorter_than_six_hours_though_the_gap_be() -> None:
    development, _ = told(0, 0.1)
    assert silence(development, timedelta(hours=1)) == timedelta(hours=6)


def test_copies_make_no_cadence() -> None:
    desk = Desk()
    for number in range(9):
        desk.take(make_match(f"o{number}", title="Freighter", hours=number / 10))
    assert silence(desk.developments[0], GAP) == GAP


def test_what_nobody_was_told_of_never_goes_quiet() -> None:
    development, _ = told(0, 1, arrival=Arrival.BACKFILL)
    assert quiet_at(development, GAP) is None


def test_it_is_said_with_what_was_expected_and_only_once() -> None:
    development, last = told(0, 2, 4)
    now = NOON + timedelta(hours=16)
    after, alert = go_quiet(development, last, now)
    assert (after.state, after.sequence, after.alert) == (AlertState.QUIET, 4, alert.id)
    assert (alert.kind, alert.state, alert.sequence) == (AlertKind.GONE_QUIET, AlertState.QUIET, 4)
    assert alert.reason == "nothing more for 12h, where a report came every 2h"
    assert alert.rate is not None
    assert (alert.rate.reports, alert.rate.hours, alert.rate.expected) == (0, 12.0, 6.0)
    assert alert.pages
    assert alert.raised_at == now
    assert Alert.model_validate_json(alert.to_bytes()) == alert
    assert quiet_at(after, GAP) is None


def test_a_storyline_that_is_retired_closes_for_the_archive_alone() -> None:
    development, last = told(0)
    after, alert = retire(development, last, NOON)
    assert (after.state, alert.pages, alert.rate) == (AlertState.QUIET, False, None)
    assert alert.reason == "its storyline is followed no more"


def test_lengths_in_words() -> None:
    said = [in_words(timedelta(minutes=minutes)) for minutes in (0, 40.2, 61, 60 * 51)]
    assert said == ["1m", "40m", "1h", "2d3h"]
