"""A surge takes many more reports than the storyline's own past lets expect; chance, old news and copies do
not."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from nightdesk.alerts.surge import FEWEST, MOST_RECENT, RESTS, Pace, at_least
from nightdesk.delivery.views import view_of
from nightdesk.delivery.wording import rate_in_words
from schemas import AlertKind, AlertState, Arrival
from tests.support.alerting import make_notice
from tests.support.freighter import NOON, OTHER, REPORT, Desk, make_match


def lived(days: int, every_hours: float) -> Pace:
    pace = Pace()
    for number in range(int(24 * days / every_hours)):
        pace = pace.plus(NOON - timedelta(days=days) + timedelta(hours=number * every_hours))
    return pace


def test_two_reports_in_a_quiet_storyline_are_no_surge() -> None:
    pace = lived(30, 240)
    for minutes in (0, 10):
        pace = pace.plus(NOON + timedelta(minutes=minutes))
        assert pace.surge() is None


def test_five_reports_where_one_in_ten_days_is_usual_are_one() -> None:
    pace = lived(30, 240)
    rates = []
    for minutes in range(FEWEST):
        pace = pace.plus(NOON + timedelta(minutes=minutes))
        rates.append(pace.surge())
    assert rates[:-1] == [None] * (FEWEST - 1)
    rate = rates[-1]
    assert rate is not None
    assert (rate.reports, rate.hours) == (FEWEST, 6)
    assert rate.expected < 0.1


def test_a_busy_storyline_takes_more() -> None:
    pace = lived(20, 1)
    for number in range(7):
        pace = pace.plus(NOON + timedelta(minutes=number))
    assert pace.surge() is None
    for number in range(12):
        pace = pace.plus(NOON + timedelta(minutes=10 + number))
    rate = pace.surge()
    assert rate is not None
    assert rate.expected == pytest.approx(6, rel=0.05)


def test_a_storyline_without_a_past_has_no_surge() -> None:
    pace = Pace()
    for number in range(40):
        pace = pace.plus(NOON + timedelta(hours=number))
        assert pace.surge() is None


def test_the_order_of_reports_is_no_matter() -> None:
    times = [NOON + timedelta(hours=hours) for hours in range(0, 400, 7)]
    straight, mixed = Pace(), Pace()
    for when in times:
        straight = straight.plus(when)
    Random(7).shuffle(times)
    for when in times:
        mixed = mixed.plus(when)
    assert mixed.recent == straight.recent
    assert mixed.since == straight.since
    assert mixed.mass == pytest.approx(straight.mass)


def test_the_state_is_bounded_and_survives_json() -> None:
    pace = Pace()
    for number in range(MOST_RECENT + 20):
        pace = pace.plus(NOON + timedelta(seconds=number))
    assert len(pace.recent) == MOST_RECENT
    assert Pace.model_validate_json(pace.to_bytes()) == pace


@pytest.mark.parametrize(("a_day", "outlets"), [(0.1, 1), (1, 1), (1, 3), (1, 8), (10, 8)])
def test_happenings_that_many_outlets_tell_are_no_surge_where_all_are(
    a_day: float, outlets: int
) -> None:
    chance, days, told = Random(3), 60, 0
    times = [NOON + timedelta(days=chance.uniform(0, days)) for _ in range(round(days * a_day))]
    times = [
        time + timedelta(hours=chance.expovariate(1 / 4))
        for time in times
        for _ in range(chance.randint(1, outlets))
    ]
    pace = Pace()
    for time in sorted(times):
        pace = pace.plus(time)
        if pace.surge() is not None and not pace.rests():
            pace, told = pace.model_copy(update={"told_at": pace.as_of}), told + 1
    assert told <= 3


def test_poisson() -> None:
    assert at_least(0, 3) == 1
    assert at_least(1, 2) == pytest.approx(1 - 0.1353, abs=1e-4)
    assert at_least(400, 2) == 0


def busy(desk: Desk, number: int, *, hours: float = 0.0, **changes: object) -> list[str]:
    said = []
    for at in range(number):
        name = f"busy{hours}-{at}"
        text = f"{name} {name}x word " * 12
        match = make_match(name, text, title=name, hours=hours + at / 60, **changes)
        alert = desk.take(match).alert
        said.append(alert.kind.value if alert else "")
    return said


def desk_with_a_past() -> Desk:
    desk = Desk()
    desk.pace = lived(10, 60)
    desk.take(make_match("gazette"))
    return desk


def test_a_surge_is_one_sequence_that_says_what_came_with_it_and_then_rests() -> None:
    desk = desk_with_a_past()
    assert busy(desk, 8).count("surge") == 1
    (development,) = desk.developments
    assert development.state is AlertState.DEVELOPING
    assert "surge" not in busy(desk, 8, hours=5)
    # What surged yesterday takes more to surge today.
    later = RESTS / timedelta(hours=1) + 6
    assert "surge" not in busy(desk, 8, hours=later)
    assert "surge" in busy(desk, 40, hours=later + 0.5)


def test_a_surge_says_both() -> None:
    desk = desk_with_a_past()
    for at in range(8):
        name = f"busy{at}"
        match = make_match(name, f"{name} {name}x word " * 12, title=name, hours=at / 60)
        result = desk.take(match)
        if result.alert is not None and result.alert.kind is AlertKind.SURGE:
            assert "reports it too" in result.reason
            assert result.alert.kinds == {AlertKind.SURGE, AlertKind.GROWN}
            assert result.alert.rate is not None
            said = rate_in_words(result.alert)
            assert said.startswith("5 reports in 6 h, where ")
            assert f"surge: {said}" in result.reason
            assert view_of(make_notice(result.alert))["alert"]["rate"] == said
            return
    raise AssertionError("no surge")


def test_a_first_report_of_old_times_is_no_past_and_one_of_tomorrow_no_future() -> None:
    desk = Desk()
    desk.take(make_match("old", published_at=NOON - timedelta(days=2_000)))
    assert "surge" not in busy(desk, 12)
    desk.take(make_match("tomorrow", published_at=NOON + timedelta(hours=20), hours=0))
    assert desk.pace.as_of is not None
    assert desk.pace.as_of <= NOON + timedelta(hours=1)


def test_a_clock_that_jumps_a_year_ahead_and_back_ends_no_surges_and_developments() -> None:
    desk = desk_with_a_past()
    text = "jump jumpx word " * 12
    desk.take(make_match("jump", text, title="jump", hours=365 * 24, published_at=None))
    opened = desk.take(make_match("herald", OTHER, hours=80))
    assert opened.outcome == "opened", "it does not join what seems to go on for a year"
    for day in range(4, 10):
        desk.take(make_match(f"day{day}", f"day{day} dayx " * 12, hours=24 * day))
    assert busy(desk, 30, hours=24 * 10).count("surge") == 1


@pytest.mark.parametrize("arrival", [Arrival.BACKFILL, Arrival.FIRST_FETCH, Arrival.REPLAY])
def test_old_news_make_no_surge(arrival: Arrival) -> None:
    desk = desk_with_a_past()
    assert "surge" not in busy(desk, 12, arrival=arrival)
    assert desk.pace.reports() == 1


def test_copies_make_no_surge() -> None:
    desk = desk_with_a_past()
    for at in range(30):
        result = desk.take(make_match(f"copy{at}", REPORT, title="Freighter", hours=at / 60))
        assert result.alert is None or result.alert.kind is not AlertKind.SURGE
    assert desk.pace.reports() == 1
