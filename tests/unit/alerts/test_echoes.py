"""Many outlets of one wire report are one alert, a handful of sequences and one source."""

from __future__ import annotations

from nightdesk.alerts.echoes import is_told, next_told
from schemas import AlertKind
from tests.support.freighter import OTHER, Desk, make_match


def test_fifty_copies_of_one_report_are_one_source_and_seven_sequences() -> None:
    desk = Desk()
    told, silent = [], 0
    for number in range(50):
        result = desk.take(make_match(f"outlet{number}", title="Freighter", hours=number / 10))
        if result.alert is None:
            silent += 1
            assert result.outcome == "joined"
            assert "a copy or a rewrite" in result.reason
        else:
            told.append((len(result.alert.articles), result.alert.sources, result.alert.kind))
    same = AlertKind.MORE_OF_THE_SAME
    assert told == [
        (1, 1, AlertKind.NEW_DEVELOPMENT),
        (2, 1, same),
        (3, 1, same),
        (5, 1, same),
        (10, 1, same),
        (20, 1, same),
        (50, 1, same),
    ]
    assert silent == 43
    (development,) = desk.developments
    assert len(development.outlets) == 50
    # One that is no longer among the reports kept is still known for one that joined.
    assert desk.take(make_match("again", title="Freighter", source="outlet7")).outcome == "copy"


def test_an_original_is_not_forgotten_for_its_copies() -> None:
    desk = Desk()
    desk.take(make_match("gazette"))
    desk.take(make_match("herald", OTHER, title="Tugs", hours=0.1))
    for number in range(70):
        desk.take(make_match(f"outlet{number}", title="Freighter", hours=number / 10))
    late = desk.take(make_match("late", OTHER, title="Tugs", hours=8))
    assert late.development is not None
    assert len(late.development.sources) == 2


def test_what_adds_is_told_between_two_steps_and_starts_the_count_anew() -> None:
    desk = Desk()
    for number in range(6):
        desk.take(make_match(f"outlet{number}", title="Freighter", hours=number / 10))
    grown = desk.take(make_match("herald", OTHER, title="Tugs", hours=1))
    assert (grown.outcome, grown.alert and grown.alert.sources) == ("grew", 2)
    (development,) = desk.developments
    assert (development.told_outlets, development.told_sources) == (7, 2)


def test_steps() -> None:
    assert is_told(outlets=(9, 10), sources=(1, 1))
    assert not is_told(outlets=(10, 19), sources=(5, 6))
    assert is_told(outlets=(10, 11), sources=(6, 7))
    assert (next_told(10), next_told(1_000)) == (20, None)
