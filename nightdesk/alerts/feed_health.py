"""When a feed's health is told: once when it is really broken or has gone quiet, then only what changes.

Comes in: a feed and its state before and after a poll.  Goes out: what is told of it from now on (a part of
its state), and the alert to send, if any:

    failed so often, and for so long ──▶ feed_broken ──┐  another reason, or broken ◀──▶ quiet:
    read, but nothing new (`frozen`) ──▶ feed_quiet ───┤  a higher sequence of the same alert
    read, and not frozen ────────────────────────────▶ feed_recovered, which closes it
    anything between (one failed poll, a 304 after a failure) ──▶ nothing changes

What is told hangs on the state alone, which is saved by compare-and-set with the poll: so no poll, however
often it is repeated, tells anything twice.  Pure: no clock but `now`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple

from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.schedule import interval_of
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.told import Told
from nightdesk.ids import content_id
from schemas.alert import Alert, AlertKind, AlertState
from schemas.feed import Feed
from schemas.severity import Severity
from schemas.trouble import Trouble

FAILURES = 3
"""A feed is not broken before so many polls in a row failed."""

FAILURES_GONE = 2
"""As many are enough where the server says that the feed is gone for good (410): the next is a day later."""

LASTING = timedelta(minutes=20)
"""Nor before it has failed for so long, and for `LASTING_INTERVALS` of its own intervals."""

LASTING_INTERVALS = 2

MOST_CAUSES = 8
"""Reasons that one alert names at most: a feed that fails in ever new words is told of no more."""

_LONGEST_CAUSE = 200


class Condition(Enum):
    """How a feed does, as far as one poll can tell."""

    WELL = auto()
    QUIET = auto()
    BROKEN = auto()
    UNCLEAR = auto()


class Telling(NamedTuple):
    """What is told of a feed from now on, and the alert to send."""

    told: Told | None
    alert: Alert | None = None


def condition(
    feed: Feed, before: FeedState, after: FeedState, *, now: datetime, lasting: timedelta = LASTING
) -> Condition:
    """Say how the feed does after a poll at `now`; UNCLEAR where this poll is no reason to say."""
    if after.failures > before.failures:
        fewest = FAILURES_GONE if after.health is FeedHealth.GONE else FAILURES
        interval = interval_of(feed, pace=after.pace, now=now)
        failed_for = now - (after.failing_since or now)
        lasts = failed_for >= max(lasting, LASTING_INTERVALS * interval)
        return Condition.BROKEN if after.failures >= fewest and lasts else Condition.UNCLEAR
    if after.failures:
        return Condition.UNCLEAR
    return Condition.QUIET if after.health is FeedHealth.FROZEN else Condition.WELL


def follow(
    feed: Feed, before: FeedState, after: FeedState, *, now: datetime, lasting: timedelta = LASTING
) -> Telling:
    """Return what is told of `feed` after a poll at `now`, for whose trouble no outage speaks.

    `lasting` is how long it must have failed at least.
    """
    told, found = after.told, condition(feed, before, after, now=now, lasting=lasting)
    if found is Condition.UNCLEAR or (found is Condition.WELL and told is None):
        return Telling(told)
    if found is Condition.WELL:
        assert told is not None
        return Telling(None, _recovered(feed, after, told, now))
    broken = found is Condition.BROKEN
    kind = AlertKind.FEED_BROKEN if broken else AlertKind.FEED_QUIET
    cause = cause_of(after)
    if told is None:
        began = after.failing_since if broken else after.last_new_at
        since = began or now
        # The count of polls tells apart two spells that begin at one moment of a clock that was set back.
        identity = content_id("alert", "feed", feed.id, since.isoformat(), after.polls)
        opened = Told(alert=identity, kind=kind, since=since, causes=(cause,))
        return Telling(opened, _in_trouble(feed, after, opened, now))
    known = cause in told.causes
    if kind is told.kind and (known or len(told.causes) >= MOST_CAUSES):
        return Telling(told)
    causes = told.causes if known else (*told.causes, cause)[-MOST_CAUSES:]
    changed = told.model_copy(
        update={"kind": kind, "sequence": told.sequence + 1, "causes": causes}
    )
    return Telling(changed, _in_trouble(feed, after, changed, now))


def cause_of(state: FeedState) -> str:
    """Return what tells one reason from another: the word of health, and the status where there is one.

    Not the whole sentence, which may name an address or a moment that differs each time.
    """
    if state.health is FeedHealth.HTTP_ERROR:
        return f"{state.health.value}: {state.health_reason}"[:_LONGEST_CAUSE]
    return state.health.value


def _in_trouble(feed: Feed, state: FeedState, told: Told, now: datetime) -> Alert:
    does = "cannot be read" if told.kind is AlertKind.FEED_BROKEN else "has gone quiet"
    title, hint = f"{name_of(feed)} {does}", state.health_hint
    return _alert(feed, state, told, title=title, reason=state.health_reason, hint=hint, now=now)


def _recovered(feed: Feed, state: FeedState, told: Told, now: datetime) -> Alert:
    closed = told.model_copy(
        update={"kind": AlertKind.FEED_RECOVERED, "sequence": told.sequence + 1}
    )
    was_quiet = told.kind is AlertKind.FEED_QUIET
    reason = "It brings something new again." if was_quiet else "It can be read again."
    return _alert(
        feed, state, closed, title=f"{name_of(feed)} is well again", reason=reason, hint="", now=now
    )


def _alert(
    feed: Feed,
    state: FeedState,
    told: Told,
    *,
    title: str,
    reason: str,
    hint: str,
    now: datetime,
) -> Alert:
    trouble = Trouble(
        scope="feed",
        name=name_of(feed),
        feeds=(feed.id,),
        health=state.health.value,
        hint=hint,
        since=told.since,
        over_at=now if told.kind is AlertKind.FEED_RECOVERED else None,
        failures=state.failures,
        last_success_at=state.last_success_at,
        last_new_at=state.last_new_at,
    )
    return Alert(
        id=told.alert,
        sequence=told.sequence,
        kind=told.kind,
        feed=feed.id,
        trouble=trouble,
        title=title,
        reason=reason,
        pages=True,
        severity=Severity.WARNING,
        state=_state_of(told),
        first_seen_at=told.since,
        latest_seen_at=now,
        raised_at=now,
    )


def _state_of(told: Told) -> AlertState:
    if told.kind is AlertKind.FEED_RECOVERED:
        return AlertState.QUIET
    return AlertState.NEW if told.sequence == 1 else AlertState.DEVELOPING


def name_of(feed: Feed) -> str:
    """Return what people call a feed."""
    return feed.title.strip() or f"{feed.source} ({feed.id})"
