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
from typing import NamedTuple

from nightdesk.errors import FeedError
from nightdesk.feeds.after import after_failure, after_push, after_success
from nightdesk.feeds.entries import Rejected, tally, to_reports
from nightdesk.feeds.errors import FeedBroke, PollError
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.parse import parse
from nightdesk.feeds.schedule import interval_of
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.websub.discovery import Hubs, find_hubs
from nightdesk.feeds.websub.safety import after_poll, found_lost, is_trusted
from nightdesk.feeds.websub.subscription import HubSubscription
from nightdesk.ids import content_id, succeeding
from schemas.base import Arrival
from schemas.feed import Feed
from schemas.report import Report

LONG_GAP = timedelta(hours=6)
"""After so long without an answer of a feed, what it published in between (or does not date) is
back-fill: it is archived and matched, and pages nobody.
"""

_COUNTED = ("polled", "new", "unchanged", "duplicate", "rejected")


@dataclass(frozen=True)
class PollConclusion:
    """`remember` maps the entries of this document to their reports' ids: the next poll's `seen`.

    `counts` holds polled, new, unchanged, duplicate and rejected; `words` says it to a person.
    `subscription` is that at the feed's hub after it, `lost` are reports that the hub should have pushed.
    """

    state: FeedState
    new: tuple[Report, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    remember: Mapping[str, str] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    words: str = ""
    subscription: HubSubscription | None = None
    lost: tuple[Report, ...] = ()


@dataclass(frozen=True)
class Push:
    """What a conclusion knows of the feed's hub: its `subscription`, since when hubs could reach this worker,
    and whether the document was `pushed`.  `began` is when the feed was claimed, `due` when it was due."""

    subscription: HubSubscription
    listening_since: datetime
    began: datetime
    due: datetime | None = None
    pushed: bool = False


class Read(NamedTuple):
    """What a document told: reports, entries that made none, how long it says it may be kept, and the hubs
    that push it; NOTHING_READ where there was no document, or none that is new.  `unread` are entries whose
    page is to be tried again, None where pages were not looked at."""

    reports: Sequence[Report] = ()
    rejected: Sequence[Rejected] = ()
    ttl: timedelta | None = None
    hubs: Hubs | None = None
    unread: Mapping[str, int] | None = None


NOTHING_READ = Read()


def arrival_of(feed: Feed, state: FeedState) -> Arrival:
    """Return how reports read now arrive: the first document of a feed, or of a new address, is old
    news and pages nobody."""
    is_first = state.first_fetched_at is None or state.url != feed.url
    return Arrival.FIRST_FETCH if is_first else Arrival.LIVE


def long_gap(feed: Feed, state: FeedState) -> timedelta:
    """Return how long a feed must go unread until what it holds then is no longer news."""
    if state.last_success_at is None:
        return LONG_GAP
    return max(LONG_GAP, 3 * interval_of(feed, pace=state.pace, now=state.last_success_at))


def _late(report: Report, before: datetime) -> Report:
    """Return a report as back-fill, where it was published before then or is not dated."""
    published = report.published_at or report.updated_at
    if published is not None and published >= before:
        return report
    return report.model_copy(update={"arrival": Arrival.BACKFILL})


def has_changed(feed: Feed, state: FeedState, fetched: Fetched) -> bool:
    """Tell whether there is a document to read: a body other than the last one that could be read, or any
    where pages of its entries are to be tried again."""
    if fetched.body is None:
        return False
    if state.unread_pages:
        return True
    return state.url != feed.url or state.body_hash is None or fetched.body_hash != state.body_hash


def read(
    feed: Feed, state: FeedState, fetched: Fetched, *, now: datetime, pushed: bool = False
) -> Read:
    """Parse what was fetched, or `pushed`, into reports; nothing where nothing has changed.  CPU work: run
    it in a worker thread.  Raises NotAFeed."""
    if not has_changed(feed, state, fetched):
        return NOTHING_READ
    parsed = parse(fetched.body or b"", content_type=fetched.content_type, url=fetched.url)
    arrival = arrival_of(feed, state)
    reports, rejected = to_reports(feed, parsed, seen_at=now, arrival=arrival)
    gap = long_gap(feed, state)
    heard_at = state.last_success_at
    if pushed and heard_at is not None:
        # Polls may fail for days while the hub pushes on: what follows a push has missed nothing.
        heard_at = max(heard_at, state.last_new_at or heard_at)
    away = heard_at is not None and now - heard_at > gap
    if arrival is Arrival.LIVE and away:
        reports = [_late(report, now - gap) for report in reports]
    hubs = find_hubs(fetched.headers, parsed.hubs, parsed.self_url, url=fetched.url)
    return Read(reports, rejected, parsed.ttl, hubs)


def conclude(
    feed: Feed,
    state: FeedState,
    result: Fetched | FeedError,
    found: Read = NOTHING_READ,
    *,
    push: Push | None = None,
    seen: Mapping[str, str],
    now: datetime,
    jitter: float,
) -> PollConclusion:
    """Conclude a poll, or a push.  `found` is what `read` gave for a fetch that changed; `push` is None where
    no hub is subscribed to.

    `seen` maps entries of this feed to the ids of their latest reports (entries not asked for may be
    missing).  An edited entry is new, also one whose edit is taken back: normalising tells revisions
    apart.
    """
    if isinstance(result, FeedError):
        error = result if isinstance(result, PollError) else FeedBroke(result.message)
        after = after_failure(feed, state, error, now, jitter)
        return PollConclusion(after, counts=dict.fromkeys(_COUNTED, 0), words=error.message)
    counts = tally(found.reports, found.rejected)
    placed = [_placed(report, seen.get(report.entry)) for report in found.reports]
    new = tuple(report for report in placed if seen.get(report.entry) != report.id)
    late = tuple(_late_text(one) for one in placed if _has_late_text(one, seen))
    counts["new"] = len(new) + len(late)
    counts["unchanged"] = counts.pop("read") - counts["new"]
    changed = has_changed(feed, state, result)
    subscription, lost = _judge_hub(push, state, new, now)
    trusted = subscription is not None and is_trusted(subscription, now)
    if push is not None and push.pushed:
        after = after_push(
            feed, state, new=new, trusted=trusted, due=push.due, now=now, jitter=jitter
        )
    else:
        after = after_success(
            feed,
            state,
            result,
            changed=changed,
            reports=placed,
            new=new,
            entries=counts["polled"],
            ttl=found.ttl,
            trusted=trusted,
            now=now,
            jitter=jitter,
        )
    if found.unread is not None and found.unread != after.unread_pages:
        after = after.model_copy(update={"unread_pages": dict(found.unread)})
    return PollConclusion(
        subscription=subscription,
        lost=lost,
        state=after,
        new=new + late,
        counts={name: counts[name] for name in _COUNTED},
        remember={report.entry: report.id for report in placed},
        rejected=tuple(found.rejected),
        words=_words(counts, found.rejected) if changed else "unchanged since the last poll",
    )


def _judge_hub(
    push: Push | None, state: FeedState, new: Sequence[Report], now: datetime
) -> tuple[HubSubscription | None, tuple[Report, ...]]:
    """Return the subscription after the push, or after the poll with what it found to be lost."""
    if push is None:
        return None, ()
    it = push.subscription
    if push.pushed:
        return it.model_copy(update={"last_push_at": now}), ()
    lost = found_lost(it, state, new, listening_since=push.listening_since, now=now)
    return after_poll(it, len(lost), began=push.began, now=now), tuple(lost)


def _placed(report: Report, before: str | None) -> Report:
    """Return `report` with the id that it has after the report `before` of its entry."""
    placed = succeeding(report.id, before)
    return report if placed == report.id else report.model_copy(update={"id": placed})


def _has_late_text(report: Report, seen: Mapping[str, str]) -> bool:
    """Tell whether a report that went out as the feed has it comes with the text of its page now."""
    return report.text_from == "page" and seen.get(report.entry) == report.id


def _late_text(report: Report) -> Report:
    """Return a report under an id of its own: that of the feed's words went out without the page's text, and
    is what the entry is remembered by."""
    return report.model_copy(update={"id": content_id("report", report.id, "page")})


def _words(counts: Mapping[str, int], rejected: Sequence[Rejected]) -> str:
    names = ("new", "unchanged", "duplicate", "rejected")
    told = [f"{counts[name]} {name}" for name in names if counts[name]]
    unread = [
        f"{one.entries:,} entries not read: {one.reason}" for one in rejected if not one.entry
    ]
    return ", ".join(told + unread) or "no entries"
