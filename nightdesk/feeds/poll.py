"""The decision after a fetch.  Pure: what the archive knew and what the network brought come in; the
feed's new state, the new reports, the account and what to remember go out.

    fetched ─▶ has it changed? ─no─▶ unchanged (a 304 clears no failure)
                  └yes─▶ read ─▶ each report: remembered as it is? ─yes─▶ unchanged
                                                        └no─▶ new (also an edited entry)

polled = new + unchanged + duplicate + rejected holds by construction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightdesk.errors import FeedError
from nightdesk.feeds.entries import Rejected, tally, to_reports
from nightdesk.feeds.errors import FeedBroke, Gone, PollError, RateLimited
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.parse import parse
from nightdesk.feeds.schedule import LONGEST_BACKOFF, next_poll
from nightdesk.feeds.state import FeedState
from nightdesk.ids import succeeding
from schemas.base import Arrival
from schemas.feed import Feed
from schemas.report import Report

_FROZEN_GAPS = 10
_FROZEN_AT_LEAST = timedelta(days=3)
_GAP_WEIGHT = 0.2


@dataclass(frozen=True)
class PollConclusion:
    """`remember` maps the entries of this document to their reports' ids: the next poll's `seen`.

    `counts` holds polled, new, unchanged, duplicate and rejected; `words` says it to a person.
    """

    state: FeedState
    new: tuple[Report, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    remember: Mapping[str, str] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    words: str = ""


def arrival_of(feed: Feed, state: FeedState) -> Arrival:
    """Return how reports read now arrive: the first document of a feed, or of a new address, is old
    news and pages nobody."""
    is_first = state.first_fetched_at is None or state.url != feed.url
    return Arrival.FIRST_FETCH if is_first else Arrival.LIVE


def has_changed(feed: Feed, state: FeedState, fetched: Fetched) -> bool:
    """Tell whether there is a document to read: a body other than the last one that could be read."""
    if fetched.body is None:
        return False
    return state.url != feed.url or state.body_hash is None or fetched.body_hash != state.body_hash


def read(
    feed: Feed, state: FeedState, fetched: Fetched, *, now: datetime
) -> tuple[list[Report], list[Rejected]]:
    """Parse what was fetched into reports; nothing where nothing has changed.  CPU work: run it in a
    worker thread.  Raises NotAFeed."""
    if not has_changed(feed, state, fetched):
        return [], []
    parsed = parse(fetched.body or b"", content_type=fetched.content_type, url=fetched.url)
    return to_reports(feed, parsed, seen_at=now, arrival=arrival_of(feed, state))


def conclude(
    feed: Feed,
    state: FeedState,
    result: Fetched | FeedError,
    *,
    reports: Sequence[Report] = (),
    rejected: Sequence[Rejected] = (),
    seen: Mapping[str, str],
    now: datetime,
    jitter: float,
) -> PollConclusion:
    """Conclude a poll.  `reports` and `rejected` are what `read` gave for a fetch that changed.

    `seen` maps entries of this feed to the ids of their latest reports (entries not asked for may be
    missing).  An edited entry is new, also one whose edit is taken back: normalising tells revisions
    apart.
    """
    if isinstance(result, FeedError):
        return _failed(feed, state, result, now, jitter)
    counts = tally(reports, rejected)
    placed = [_placed(report, seen.get(report.entry)) for report in reports]
    new = tuple(report for report in placed if seen.get(report.entry) != report.id)
    counts["new"], counts["unchanged"] = len(new), counts.pop("read") - len(new)
    changed = has_changed(feed, state, result)
    state_after = _succeeded(
        feed,
        state,
        result,
        now,
        jitter,
        changed=changed,
        new=len(new),
        polled=counts["polled"],
    )
    return PollConclusion(
        state=state_after,
        new=new,
        counts={
            name: counts[name] for name in ("polled", "new", "unchanged", "duplicate", "rejected")
        },
        remember={report.entry: report.id for report in placed},
        rejected=tuple(rejected),
        words=_words(counts, rejected) if changed else "unchanged since the last poll",
    )


def _placed(report: Report, before: str | None) -> Report:
    """Return `report` with the id that it has after the report `before` of its entry."""
    placed = succeeding(report.id, before)
    return report if placed == report.id else report.model_copy(update={"id": placed})


def _words(counts: Mapping[str, int], rejected: Sequence[Rejected]) -> str:
    names = ("new", "unchanged", "duplicate", "rejected")
    told = [f"{counts[name]} {name}" for name in names if counts[name]]
    unread = [
        f"{one.entries:,} entries not read: {one.reason}" for one in rejected if not one.entry
    ]
    return ", ".join(told + unread) or "no entries"


def _failed(
    feed: Feed, state: FeedState, error: FeedError, now: datetime, jitter: float
) -> PollConclusion:
    known = error if isinstance(error, PollError) else FeedBroke(error.message)
    failures = state.failures + 1
    wish = error.retry_after if isinstance(error, RateLimited) else None
    if isinstance(error, Gone):
        wish = LONGEST_BACKOFF
    changes = _health(state, known.health, known.message, known.hint, now) | {
        "failures": failures,
        "polls": state.polls + 1,
        "last_polled_at": now,
        "next_poll_at": next_poll(
            feed, now=now, jitter=jitter, failures=failures, retry_after=wish
        ),
    }
    counts = dict.fromkeys(("polled", "new", "unchanged", "duplicate", "rejected"), 0)
    return PollConclusion(state.model_copy(update=changes), counts=counts, words=known.message)


def _succeeded(
    feed: Feed,
    state: FeedState,
    fetched: Fetched,
    now: datetime,
    jitter: float,
    *,
    changed: bool,
    new: int,
    polled: int,
) -> FeedState:
    changes: dict[str, Any] = {"polls": state.polls + 1, "last_polled_at": now}
    if fetched.body is None and state.failures:
        changes["next_poll_at"] = next_poll(feed, now=now, jitter=jitter, failures=state.failures)
        return state.model_copy(update=changes)
    last_new = now if new else state.last_new_at
    gap = state.gap_seconds
    if new and state.last_new_at is not None:
        latest = (now - state.last_new_at).total_seconds()
        gap = latest if gap is None else gap + _GAP_WEIGHT * (latest - gap)
    changes |= {
        "url": feed.url,
        "etag": fetched.validators.etag,
        "last_modified": fetched.validators.last_modified,
        "body_hash": fetched.body_hash or state.body_hash,
        "failures": 0,
        "first_fetched_at": now if state.url != feed.url else state.first_fetched_at or now,
        "last_success_at": now,
        "last_new_at": last_new,
        "gap_seconds": gap,
        "next_poll_at": next_poll(feed, now=now, jitter=jitter),
    }
    if _is_frozen(last_new, gap, now):
        since = f"{last_new:%Y-%m-%d %H:%M} UTC" if last_new else ""
        words = f"Fetches fine, but has brought nothing new since {since}."
        hint = "look whether the publisher has moved to another feed"
        health = _health(state, FeedHealth.FROZEN, words, hint, now)
    elif polled == 0 and (changed or (state.health is FeedHealth.EMPTY and not state.failures)):
        words = "The feed is well-formed and holds no entries."
        health = _health(state, FeedHealth.EMPTY, words, "it is read again as always", now)
    else:
        found = FeedHealth.OK if changed else FeedHealth.UNCHANGED
        health = _health(state, found, "", "", now)
    return state.model_copy(update=changes | health)


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
        "health_reason": words,
        "health_hint": hint,
        "health_since": state.health_since if state.health is health else now,
    }
