"""Intervals on somebody's wall clock: whether a moment lies in one, when it ends, when a digest is next.

All is worked out on the wall clock of the zone and brought back to UTC, so that 07:00 is 07:00 in summer and
in winter.  A time that the clock skips in spring is the moment that it skips to; of one that it shows twice
in autumn, the first is where something starts and the second where it ends: quiet hours are never cut short.
Pure: moments are parameters, in UTC.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.intervals import Digest, QuietHours, TimeInterval, Times, Weekday
from schemas.severity import Severity

_DAYS = tuple(Weekday)
_WHOLE_DAY = Times(start="00:00", end="24:00")
_DAY = timedelta(days=1)
_FURTHEST = 100
"""Intervals that touch each other are followed so often, to find where they end."""


def holds(interval: TimeInterval, now: datetime) -> bool:
    """Tell whether `now` lies in `interval`."""
    return any(start <= now < end for start, end in _spans(interval, now))


def ends_at(interval: TimeInterval, now: datetime) -> datetime | None:
    """Return when the span of `interval` that `now` lies in ends; None where it lies in none.

    Spans that touch are one: that of whole days ends with the last of them, within a hundred or so.
    """
    return _end(lambda moment: _spans(interval, moment), now)


def quiet_until(quiet: Iterable[QuietHours], now: datetime) -> datetime | None:
    """Return when the quiet hours that `now` lies in end; None where it lies in none."""
    intervals = [as_interval(hours) for hours in quiet]
    return _end(
        lambda moment: (span for interval in intervals for span in _spans(interval, moment)), now
    )


def that_hold(quiet: Iterable[QuietHours], severity: Severity) -> list[QuietHours]:
    """Return the quiet hours that hold back an alert of this severity."""
    return [hours for hours in quiet if not severity.passes(hours.passes)]


def as_interval(quiet: QuietHours) -> TimeInterval:
    """Return quiet hours as an interval."""
    return TimeInterval(
        times=(Times(start=quiet.start, end=quiet.end),), weekdays=quiet.weekdays, zone=quiet.zone
    )


def next_digest(digest: Digest, now: datetime) -> datetime:
    """Return the first moment after `now` at which a digest is told."""
    zone = ZoneInfo(digest.zone)
    today = now.astimezone(zone).date()
    for ahead in range(9):
        day = today + ahead * _DAY
        if digest.on is not None and _DAYS[day.weekday()] is not digest.on:
            continue
        moment = _at(day, digest.at, zone, fold=0)
        if moment > now:
            return moment
    raise AssertionError("a week holds every weekday")


def on_the_wall(moment: datetime, zone: str) -> str:
    """Return a moment as a clock in `zone` shows it, with the zone's name."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"


def _end(
    spans: Callable[[datetime], Iterable[tuple[datetime, datetime]]], now: datetime
) -> datetime | None:
    end = None
    at = now
    for _ in range(_FURTHEST):
        ends = [end for start, end in spans(at) if start <= at < end]
        if not ends:
            break
        end = at = max(ends)
    return end


def _spans(interval: TimeInterval, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans of an interval that `now` may lie in: those that start today or the day before."""
    zone = ZoneInfo(interval.zone)
    today = now.astimezone(zone).date()
    for day in (today - _DAY, today):
        if not _is_day(interval, day):
            continue
        for times in interval.times or (_WHOLE_DAY,):
            start = _at(day, times.start, zone, fold=0)
            ends_on = day if times.end > times.start else day + _DAY
            yield start, _at(ends_on, times.end, zone, fold=1)


def _is_day(interval: TimeInterval, day: date) -> bool:
    if interval.weekdays and _DAYS[day.weekday()] not in interval.weekdays:
        return False
    if interval.months and day.month not in interval.months:
        return False
    if not interval.days_of_month:
        return True
    from_the_end = day.day - monthrange(day.year, day.month)[1] - 1
    return day.day in interval.days_of_month or from_the_end in interval.days_of_month


@lru_cache(maxsize=1_024)
def _at(day: date, clock: str, zone: ZoneInfo, *, fold: int) -> datetime:
    """Return the moment at which a wall clock shows this time; where it skips it, that to which it skips."""
    if clock == "24:00":
        day, clock = day + _DAY, "00:00"
    hours, minutes = clock.split(":")
    shown = datetime.combine(day, time(int(hours), int(minutes)), zone).replace(fold=fold)
    moment = shown.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == shown.replace(tzinfo=None):
        return moment
    return _skipped_to(shown, zone)


def _skipped_to(shown: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment of the jump that skips this time: the offsets before and after tell its bounds."""
    before = shown.replace(fold=1).astimezone(UTC)
    after = shown.replace(fold=0).astimezone(UTC)
    low, high = min(before, after), max(before, after)
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
