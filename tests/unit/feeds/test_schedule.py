"""The learned interval: it follows what a feed brings, stays within bounds, and is told how it began."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nightdesk.feeds.freshness import fresh_for
from nightdesk.feeds.pace import Pace, first_pace
from nightdesk.feeds.schedule import FIRST_INTERVAL, bounds, interval_of
from schemas import Feed
from schemas.feed import Tier

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FEED = Feed(id="f", url="http://outlet.example/feed", source="Outlet")


def after_days(every: timedelta, days: int = 7, polls: timedelta = 15 * MINUTE) -> Pace:
    """Return the pace of a feed that was polled for days and brought something new `every` so often."""
    pace, now, waiting = first_pace((), NOW - timedelta(days=days)), NOW - timedelta(days=days), 0.0
    while now + polls <= NOW:
        now += polls
        waiting += polls / every
        pace = pace.after(int(waiting), now)
        waiting -= int(waiting)
    return pace


@pytest.mark.parametrize("every", [10 * MINUTE, 20 * MINUTE, HOUR])
def test_a_steady_feed_is_polled_about_as_often_as_it_brings_something(every: timedelta) -> None:
    learned = interval_of(FEED, pace=after_days(every), now=NOW)
    assert every / 4 <= learned <= every


def test_a_burst_is_followed_and_forgotten() -> None:
    slow = after_days(6 * HOUR)
    calm = interval_of(FEED, pace=slow, now=NOW)
    burst = slow.after(8, NOW + calm)
    assert interval_of(FEED, pace=burst, now=NOW + calm) < 30 * MINUTE
    later = NOW + calm + timedelta(days=1)
    assert interval_of(FEED, pace=burst.after(0, later), now=later) == bounds(FEED)[1]


def test_a_feed_that_sleeps_at_night_is_not_forgotten() -> None:
    pace = after_days(10 * MINUTE)
    morning = NOW + 10 * HOUR
    assert interval_of(FEED, pace=pace.after(0, morning), now=morning) < HOUR


def test_the_dates_of_the_first_document_are_the_first_guess() -> None:
    often = first_pace((NOW - n * 10 * MINUTE for n in range(40)), NOW)
    seldom = first_pace((NOW - n * timedelta(days=3) for n in range(40)), NOW)
    unknown = first_pace((), NOW)
    assert interval_of(FEED, pace=often, now=NOW) < 20 * MINUTE
    assert interval_of(FEED, pace=seldom, now=NOW) == bounds(FEED)[1]
    assert interval_of(FEED, pace=unknown, now=NOW) <= FIRST_INTERVAL
    assert interval_of(FEED, now=NOW) == FIRST_INTERVAL
    assert interval_of(FEED, pace=unknown, now=NOW + HOUR) > HOUR / 2


def test_a_declared_interval_is_not_learned() -> None:
    fixed = FEED.model_copy(update={"interval": 7 * MINUTE})
    assert interval_of(fixed, pace=after_days(HOUR), fresh=HOUR, now=NOW) == 7 * MINUTE


def test_what_stays_fresh_is_not_asked_for_sooner() -> None:
    pace = after_days(5 * MINUTE)
    assert interval_of(FEED, pace=pace, fresh=30 * MINUTE, now=NOW) == 30 * MINUTE
    assert interval_of(FEED, pace=pace, fresh=timedelta(days=9), now=NOW) == HOUR


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (3 * MINUTE, HOUR)),
        ({"tier": Tier.HOT}, (MINUTE, 15 * MINUTE)),
        ({"min_interval": 3 * HOUR}, (3 * HOUR, 3 * HOUR)),
        ({"max_interval": MINUTE}, (MINUTE, MINUTE)),
        ({"tier": Tier.SLOW, "max_interval": 9 * HOUR}, (30 * MINUTE, 9 * HOUR)),
    ],
)
def test_bounds(given: dict[str, object], expected: tuple[timedelta, timedelta]) -> None:
    assert bounds(FEED.model_copy(update=given)) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_interval": "2h", "max_interval": "1h"},
        {"interval": "1h", "max_interval": "2h"},
        {"max_interval": "0s"},
        {"tier": "tepid"},
    ],
)
def test_bounds_that_contradict_are_refused(wrong: dict[str, str]) -> None:
    definition = {"id": "f", "url": FEED.url, "source": "Outlet", **wrong}
    with pytest.raises(ValidationError):
        Feed.model_validate_json(json.dumps(definition))


@given(
    polls=st.lists(st.tuples(st.integers(0, 2_000), st.integers(-3_600, 10_000_000)), max_size=40),
    fresh=st.integers(0, 10**8),
)
def test_whatever_comes_the_interval_stays_within_bounds(
    polls: list[tuple[int, int]], fresh: int
) -> None:
    pace, now = first_pace((), NOW), NOW
    least, most = bounds(FEED)
    for new, seconds in polls:
        # Clocks jump.
        now += timedelta(seconds=seconds)
        pace = pace.after(new, now)
        found = interval_of(FEED, pace=pace, fresh=timedelta(seconds=fresh), now=now)
        assert least <= found <= most
        assert Pace.model_validate_json(pace.model_dump_json()) == pace


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": "max-age=600, must-revalidate", "age": "100"}, 500),
        ({"cache-control": 'Max-Age="60"', "age": "100"}, 0),
        ({"cache-control": "s-maxage=600"}, 0),
        ({"cache-control": "no-cache", "expires": "Tue, 03 Mar 2026 13:00:00 GMT"}, 0),
        (
            {
                "expires": "Tue, 03 Mar 2026 13:00:00 GMT",
                "date": "Tue, 03 Mar 2026 12:00:00 GMT",
            },
            3600,
        ),
        ({"expires": "0", "date": "Tue, 03 Mar 2026 12:00:00 GMT"}, 0),
        ({"cache-control": "max-age=99999999999999999999"}, 365 * 86400),
        ({"cache-control": "max-age=soon", "age": "\u0663"}, 0),
    ],
)
def test_for_how_long_an_answer_is_fresh(headers: dict[str, str], seconds: int) -> None:
    assert fresh_for(headers) == timedelta(seconds=seconds)
    assert fresh_for(headers, timedelta(days=400)) == timedelta(days=400)
