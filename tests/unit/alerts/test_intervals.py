"""Intervals on a wall clock: across both changes of the clock, and of whole days that touch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nightdesk.alerts.intervals import ends_at, next_digest, quiet_until
from schemas import Digest, QuietHours, TimeInterval, Times, Weekday

BERLIN = "Europe/Berlin"
SPRING, AUTUMN = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
"""On both days the clock is changed at 01:00 UTC: from 02:00 to 03:00, and from 03:00 to 02:00."""


@pytest.mark.parametrize(
    ("day", "start", "end", "first", "last"),
    [
        (SPRING, "23:00", "06:30", -120, 270),
        (AUTUMN, "23:00", "06:30", -180, 330),
        # The end is skipped: they end as the clock jumps.
        (SPRING, "01:00", "02:30", 0, 60),
        (SPRING, "02:15", "04:00", 60, 120),
        # It is shown twice: the first begins them, the second ends them.
        (AUTUMN, "02:30", "04:00", 30, 180),
        (AUTUMN, "01:00", "02:30", -60, 90),
    ],
)
def test_quiet_hours_and_mute_times_last_from_clock_to_clock(
    day: datetime, start: str, end: str, first: int, last: int
) -> None:
    quiet = QuietHours(start=start, end=end, zone=BERLIN)
    muted = TimeInterval(times=(Times(start=start, end=end),), zone=BERLIN)
    begins, ends = (day + timedelta(minutes=minutes) for minutes in (first, last))
    tick = timedelta(seconds=1)
    for moment in (begins, begins + (ends - begins) / 2, ends - tick):
        assert quiet_until([quiet], moment) == ends_at(muted, moment) == ends
    for moment in (begins - tick, ends):
        assert quiet_until([quiet], moment) is ends_at(muted, moment) is None


@pytest.mark.parametrize(
    ("day", "at", "due"),
    [(SPRING, "07:00", 300), (AUTUMN, "07:00", 360), (SPRING, "02:30", 60), (AUTUMN, "02:30", 30)],
)
def test_a_digest_is_told_once_a_day(day: datetime, at: str, due: int) -> None:
    digest = Digest(at=at, zone=BERLIN)
    moment = next_digest(digest, day - timedelta(hours=4))
    assert moment == day + timedelta(minutes=due)
    assert next_digest(digest, moment).date() == (day + timedelta(days=1)).date()


def test_whole_days_that_touch_end_with_the_last() -> None:
    august = TimeInterval(months=(8,), zone=BERLIN)
    assert ends_at(august, datetime(2026, 8, 3, tzinfo=UTC)) == datetime(
        2026, 8, 31, 22, tzinfo=UTC
    )
    weekend = TimeInterval(weekdays=(Weekday.SATURDAY, Weekday.SUNDAY), zone=BERLIN)
    assert ends_at(weekend, SPRING) == SPRING + timedelta(hours=22)
