"""Times that make no sense: silences that are over, windows that no new report can fall into.

Comes in: the parts of a file and, if it matters, the present moment.  Goes out: warnings, since a
bundle that was right last week is still a bundle; and errors for hours that never end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from nightdesk.alerts.intervals import as_interval, holds
from nightdesk.bundles.contract import Part
from nightdesk.bundles.problems import Finding, Path
from schemas import QuietHours, Silence, Storyline, StorylineKind, Subscription, Window
from schemas.base import format_duration

LONG_SILENCE = timedelta(days=30)
LONG_EVENT = timedelta(days=90)
SHORT_WINDOW = timedelta(hours=1)
FAR_AHEAD = timedelta(days=366)
ZONES = timedelta(days=1)
"""What clocks and zones may be apart."""

SHORT_GAP = timedelta(minutes=10)

_SAMPLE = datetime(2026, 1, 1, tzinfo=UTC)
_STEP = timedelta(minutes=20)
_MONTH = range(3 * 24 * 62)


def check_timing(parts: Iterable[Part], now: datetime | None) -> Iterator[Finding]:
    """Find windows that do not suit their storyline; with `now`, also what is over or far ahead."""
    for part in parts:
        if isinstance(part.readable, Storyline):
            yield from _lengths(part.path, part.readable)
            yield from _shown(part.path, part.readable)
        elif isinstance(part.readable, Subscription):
            yield from _never(part.path, part.readable)
    if now is not None:
        yield from _against(parts, now)


def _lengths(path: Path, storyline: Storyline) -> Iterator[Finding]:
    window = storyline.window
    if window.since and window.until:
        length = window.until - window.since
        if storyline.kind is StorylineKind.EVENT and length > LONG_EVENT:
            yield Finding(
                (*path, "window"),
                f"the window is {length.days} days long, and an event is over in days",
                "write `kind: saga`, or close the window earlier",
                "warning",
            )
        elif length < SHORT_WINDOW:
            yield Finding(
                (*path, "window"),
                f"the window is open for {format_duration(length)} only",
                "reports of an event come for days; move `until`",
                "warning",
            )
    if storyline.development_gap < SHORT_GAP:
        yield Finding(
            (*path, "development_gap"),
            f"after {format_duration(storyline.development_gap)} without a report the next one would"
            " be a new development, and raise a new alert",
            "leave it out for 2d, or write some hours",
            "warning",
        )


def _shown(path: Path, storyline: Storyline) -> Iterator[Finding]:
    for number, exemplar in enumerate(storyline.exemplars):
        # Of one that only names an article the archive knows when it was.
        if exemplar.has_words and exemplar.published is not None:
            place = (*path, "exemplars", number)
            yield from outside_window(place, "exemplar", exemplar.published, storyline.window)


def outside_window(path: Path, what: str, when: datetime, window: Window) -> Iterator[Finding]:
    """Find that what shows a storyline lies outside of its window."""
    early = window.since is not None and when < window.since
    late = window.until is not None and when > window.until
    if early or late:
        yield Finding(
            path,
            f"this {what} is of {when:%Y-%m-%d}, {'before' if early else 'after'} the window"
            f" {'opens' if early else 'closes'}: such a report cannot fit",
            f"move `{'since' if early else 'until'}`, unless it is there only to show what is meant",
            "warning",
        )


def _never(path: Path, subscription: Subscription) -> Iterator[Finding]:
    """Find hours that never end: nothing would ever be told."""
    quiet = [hours for hours in subscription.quiet_hours if hours.passes is None]
    for field, hours in (("quiet_hours", quiet), ("mute_times", subscription.mute_times)):
        intervals = [as_interval(one) if isinstance(one, QuietHours) else one for one in hours]
        # A month with both its ends, hour by hour: intervals are made of days and times of day.
        if intervals and all(
            any(holds(interval, _SAMPLE + n * _STEP) for interval in intervals) for n in _MONTH
        ):
            yield Finding(
                (*path, field),
                "these never end: nothing would ever be sent",
                "set `enabled: false` if that is meant, or leave hours in which it is",
            )
    if (
        subscription.digest is not None
        and subscription.kinds
        and subscription.digest.kinds
        and not set(subscription.digest.kinds) & set(subscription.kinds)
    ):
        yield Finding(
            (*path, "digest", "kinds"),
            "the subscription takes none of the kinds that its digest is for",
            "add them to `kinds`, or leave out `digest.kinds` for a digest of all",
            "warning",
        )


def _against(parts: Iterable[Part], now: datetime) -> Iterator[Finding]:
    for part in parts:
        if isinstance(part.readable, Silence):
            silence = part.readable
            if silence.ends_at <= now:
                yield Finding(
                    (*part.path, "ends_at"),
                    f"the silence `{silence.id}` ended {_say(silence.ends_at)}",
                    "remove it, or move its end",
                    "warning",
                )
            elif silence.ends_at - max(silence.starts_at, now) > LONG_SILENCE:
                yield Finding(
                    (*part.path, "ends_at"),
                    f"the silence `{silence.id}` holds alerts back until {_say(silence.ends_at)}",
                    "disable the subscription or storyline if nobody wants its alerts",
                    "warning",
                )
        elif isinstance(part.readable, Storyline):
            yield from _to_come(part.path, part.readable, now)
            since, until = part.readable.window.since, part.readable.window.until
            if since is not None and since - now > FAR_AHEAD:
                yield Finding(
                    (*part.path, "window", "since"),
                    f"the window opens {_say(since)}, more than a year ahead: no report can fit before",
                    "look at the year",
                    "warning",
                )
            if part.readable.enabled and until is not None and until <= now:
                yield Finding(
                    (*part.path, "window", "until"),
                    f"the window closed {_say(until)}: no new report can fit",
                    "move `until`, or set `enabled: false`; a replay of old reports is fine",
                    "warning",
                )


def _to_come(path: Path, storyline: Storyline, now: datetime) -> Iterator[Finding]:
    for number, exemplar in enumerate(storyline.exemplars):
        if exemplar.published is not None and exemplar.published - now > ZONES:
            yield Finding(
                (*path, "exemplars", number, "published"),
                f"this exemplar is of {_say(exemplar.published)}, which is yet to come",
                "look at the date: reports that come near it in time count as likelier",
                "warning",
            )


def _say(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
