"""The state of a feed after a poll: health in words, what was learned, and when it is polled next.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from nightdesk.feeds import moves, trust
from nightdesk.feeds.errors import BotWall, Gone, PollError, RateLimited
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.freshness import fresh_for
from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.pace import Pace, first_pace
from nightdesk.feeds.schedule import LONGEST_BACKOFF, PAUSE, bounds, interval_of, next_poll
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.websub.safety import safety_interval
from schemas.feed import Feed
from schemas.report import Report

_FROZEN_GAPS = 10
_FROZEN_AT_LEAST = timedelta(days=3)
_GAP_WEIGHT = 0.2
_PAUSED_AFTER = 3


def after_failure(
    feed: Feed, state: FeedState, error: PollError, now: datetime, jitter: float
) -> FeedState:
    """Return the state after a poll that brought nothing to read."""
    failures = state.failures + 1
    wish = error.retry_after if isinstance(error, RateLimited) else None
    if isinstance(error, Gone):
        # Where it is gone from the address that it moved to, the declared one is tried next.
        paused = failures >= _PAUSED_AFTER and not state.address
        wish = PAUSE if paused else LONGEST_BACKOFF
    interval = interval_of(feed, pace=state.pace, now=now)
    due = next_poll(interval, now=now, jitter=jitter, failures=failures, retry_after=wish)
    if isinstance(error, BotWall) and error.retry_after is not None:
        due = max(due, next_poll(error.retry_after, now=now, jitter=jitter))
    changes = {
        "failures": failures,
        "failing_since": _failing_since(state, now),
        "polls": state.polls + 1,
        "last_polled_at": now,
        "next_poll_at": due,
    }
    changes |= _health(state, error.health, error.message, error.hint, now)
    changes["health_words"] = error.words
    return state.model_copy(update=changes | moves.after_failure(state, failures))


def after_success(
    feed: Feed,
    state: FeedState,
    fetched: Fetched,
    *,
    changed: bool,
    reports: Sequence[Report],
    new: Sequence[Report],
    entries: int,
    ttl: timedelta | None,
    trusted: bool = False,
    now: datetime,
    jitter: float,
) -> FeedState:
    """Return the state after a good answer: a document of so many `entries`, or "not modified".

    `reports` are all that the document told, `new` those that were not known; `ttl` is what it says of
    itself. A 304 after a failure clears nothing.  `trusted` says that a hub pushes what is new, so that the
    next poll is for safety alone.
    """
    changes: dict[str, Any] = {"polls": state.polls + 1, "last_polled_at": now}
    if fetched.body is None and state.failures:
        interval = interval_of(feed, pace=state.pace, now=now)
        changes["next_poll_at"] = next_poll(
            interval, now=now, jitter=jitter, failures=state.failures
        )
        return state.model_copy(update=changes)
    anew = state.url != feed.url
    if anew:
        state = _forgetting(state)
    pace = _paced(state, reports, new, now)
    ttl_seconds = (ttl or timedelta(0)).total_seconds() if changed else state.ttl_seconds
    fresh = fresh_for(fetched.headers, timedelta(seconds=ttl_seconds))
    last_new = now if new else state.last_new_at
    gap = _gap(state, now) if new else state.gap_seconds
    interval = interval_of(feed, pace=pace, fresh=fresh, now=now)
    if trusted:
        interval = safety_interval(feed, interval)
    elif changed and not anew and len(new) == len(reports) > 1 and state.last_polled_at is not None:
        # Nothing in it was known: what stood between may have been missed.
        interval = _sooner(feed, interval, now - state.last_polled_at)
    changes |= {
        "url": feed.url,
        "etag": fetched.validators.etag,
        "last_modified": fetched.validators.last_modified,
        "body_hash": fetched.body_hash or state.body_hash,
        "failures": 0,
        "failing_since": None,
        "first_fetched_at": state.first_fetched_at or now,
        "last_success_at": now,
        "last_new_at": last_new,
        "gap_seconds": gap,
        "pace": pace,
        "fresh_seconds": fresh.total_seconds(),
        "ttl_seconds": ttl_seconds,
        "next_poll_at": next_poll(interval, now=now, jitter=jitter),
    }
    changes |= trust.after_answer(state, fetched, new, now) | moves.after_answer(
        state, fetched, now
    )
    changes |= _healthy(
        state, changed=changed, entries=entries, now=now, gap=gap, last_new=last_new
    )
    return state.model_copy(update=changes)


def after_push(
    feed: Feed,
    state: FeedState,
    *,
    new: Sequence[Report],
    trusted: bool,
    due: datetime | None,
    now: datetime,
    jitter: float,
) -> FeedState:
    """Return the state after a push: its news counts for the pace, and as for the rest polls have the word.

    A push may hold a part of the feed, so that it tells nothing of the document.  `due` is when the next poll
    was due: it stays so after a failure, else it counts from the last poll, however many pushes come.
    """
    changes: dict[str, Any] = {"next_poll_at": due}
    pace = state.pace
    if new:
        pace = _paced(state, new, new, now)
        changes |= {"pace": pace, "last_new_at": now, "gap_seconds": _gap(state, now)}
        if not state.failures:
            changes |= _health(state, FeedHealth.OK, "", "", now)
    if not state.failures:
        fresh = timedelta(seconds=state.fresh_seconds)
        interval = interval_of(feed, pace=pace, fresh=fresh, now=now)
        if trusted:
            interval = safety_interval(feed, interval)
        soonest = next_poll(interval, now=state.last_polled_at or now, jitter=jitter)
        changes["next_poll_at"] = max(soonest, now)
    return state.model_copy(update=changes)


def soon(feed: Feed, state: FeedState, now: datetime) -> FeedState:
    """Return the state with the next poll as early as it may be, for a hub says that there is news.

    A feed that fails is left alone until it is due.
    """
    due = state.next_poll_at
    if state.failures or due is None:
        return state
    least = feed.interval or bounds(feed)[0]
    earliest = max(now, (state.last_polled_at or now) + least)
    return state.model_copy(update={"next_poll_at": min(due, earliest)})


def _forgetting(state: FeedState) -> FeedState:
    """Return the state without what was learned at another address."""
    kept = {
        "declared",
        "polls",
        "failures",
        "health",
        "health_words",
        "health_reason",
        "health_hint",
        "health_since",
        "failing_since",
        "told",
    }
    return FeedState(**state.model_dump(include=kept))


def _failing_since(state: FeedState, now: datetime) -> datetime:
    """Return when the failures in a row began, of which there is one at `now`."""
    if not state.failures:
        return now
    return state.failing_since or state.health_since or now


def _paced(
    state: FeedState, reports: Sequence[Report], new: Sequence[Report], now: datetime
) -> Pace:
    if state.pace is None:
        return first_pace((one.published_at for one in reports if one.published_at), now)
    return state.pace.after(len(new), now)


def _gap(state: FeedState, now: datetime) -> float | None:
    """Return the mean time between polls that brought something new, after one that did at `now`."""
    if state.last_new_at is None:
        return state.gap_seconds
    # A clock that was set back makes no negative gap, which no state could be read with.
    latest = max(0.0, (now - state.last_new_at).total_seconds())
    gap = state.gap_seconds
    return latest if gap is None else gap + _GAP_WEIGHT * (latest - gap)


def _sooner(feed: Feed, interval: timedelta, waited: timedelta) -> timedelta:
    """Return half of what was `waited` where that is sooner, but never sooner than the feed allows."""
    if feed.interval is not None:
        return interval
    return min(interval, max(waited / 2, bounds(feed)[0]))


def _healthy(
    state: FeedState,
    *,
    changed: bool,
    entries: int,
    now: datetime,
    gap: float | None,
    last_new: datetime | None,
) -> dict[str, Any]:
    if _is_frozen(last_new, gap, now):
        since = f"{last_new:%Y-%m-%d %H:%M} UTC" if last_new else ""
        words = f"Fetches fine, but has brought nothing new since {since}."
        hint = "look whether the publisher has moved to another feed"
        return _health(state, FeedHealth.FROZEN, words, hint, now)
    if entries == 0 and (changed or (state.health is FeedHealth.EMPTY and not state.failures)):
        words = "The feed is well-formed and holds no entries."
        return _health(state, FeedHealth.EMPTY, words, "it is read again as always", now)
    return _health(state, FeedHealth.OK if changed else FeedHealth.UNCHANGED, "", "", now)


def _is_frozen(last_new: datetime | None, gap: float | None, now: datetime) -> bool:
    """Frozen: silent for ten times its own cadence, and for three days at least."""
    if last_new is None or gap is None:
        return False
    return now - last_new > max(_FROZEN_AT_LEAST, _FROZEN_GAPS * timedelta(seconds=gap))


def _health(
    state: FeedState, health: FeedHealth, words: str, hint: str, now: datetime
) -> dict[str, Any]:
    return {
        "health": health,
        "health_words": "",
        "health_reason": words,
        "health_hint": hint,
        "health_since": state.health_since if state.health is health else now,
    }
