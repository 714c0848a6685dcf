"""The first step of the pipeline, a poll's two transactions: claim a due feed, then conclude.

Between them lies the fetch, which is I/O and none of ours.  The claim is a compare-and-set on the
feed's state, so that two workers never both fetch; the conclusion writes state, entries, history,
account, the reports to send and the alerts about the feed itself in one transaction, so that a crash before
it polls again and a crash after it sends from the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nightdesk.alerts.feed_health import LASTING
from nightdesk.archive import accounts, alerts, feeds, outbox
from nightdesk.archive.engine import Archive
from nightdesk.archive.errors import FeedStateMoved
from nightdesk.archive.outbox import Outgoing
from nightdesk.errors import FeedError
from nightdesk.feeds.entries import Rejected
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.pages.want import MOST_SECONDS, reads_pages
from nightdesk.feeds.poll import PollConclusion, conclude
from nightdesk.feeds.state import FeedState
from nightdesk.pipeline.feed_alerts import tell
from schemas import Feed, Report

CLAIM_MARGIN = timedelta(seconds=10)
"""Beyond the feed's own timeout, and the time for pages where it reads any: a claim that is older without a
conclusion is a crashed worker's."""


@dataclass(frozen=True)
class Claim:
    """A feed that is ours to fetch now.  `version` is what the conclusion must find unchanged."""

    feed: Feed
    state: FeedState
    version: int


@dataclass(frozen=True)
class Due:
    """When a feed is due, None for at once; and the address where it is fetched."""

    at: datetime | None
    address: str


@dataclass(frozen=True)
class Concluded:
    """What a poll came to: the state after it, and the outbox rows to send now."""

    conclusion: PollConclusion
    to_send: list[tuple[int, Outgoing]]


def next_polls(archive: Archive) -> dict[str, Due]:
    """Return when each feed that was ever polled is due next, and where it is fetched."""
    with archive.read() as connection:
        return {row.feed: Due(row.next_poll_at, row.url) for row in feeds.health(connection)}


def release_claims(archive: Archive, now: datetime) -> int:
    """Make due at once what was being fetched when its worker died; return how many feeds.

    For a worker that knows itself to be alone, at its start.  Others wait for claims to run out.
    """
    released = 0
    with archive.begin() as connection:
        names = [row.feed for row in feeds.health(connection)]
        for name, (version, document) in feeds.load(connection, names).items():
            state = FeedState.model_validate_json(document)
            if state.claimed_by is not None:
                due = state.model_copy(update={"claimed_by": None, "next_poll_at": now})
                _save(connection, name, due, version)
                released += 1
    return released


def claim(archive: Archive, feed: Feed, worker: str, now: datetime) -> Claim | datetime:
    """Claim `feed`, or return when it is due, where it is not, or where another worker has it."""
    until = now + feed.timeout + CLAIM_MARGIN
    if reads_pages(feed):
        until += MOST_SECONDS
    try:
        with archive.begin() as connection:
            version, state = _load(connection, feed)
            due = state.next_poll_at
            # A feed whose address was changed is due at once, unless somebody is at it.
            waits = state.claimed_by is not None or feed.url == (state.declared or state.url)
            if due is not None and due > now and waits:
                return due
            held = {"next_poll_at": until, "claimed_by": worker, "declared": feed.url}
            claimed = state.model_copy(update=held)
            version = _save(connection, feed.id, claimed, version)
    except FeedStateMoved:
        return until
    return Claim(feed, claimed.model_copy(update={"claimed_by": None}), version)


def seen_before(archive: Archive, feed: Feed, reports: Sequence[Report]) -> dict[str, str]:
    """Return what the archive has seen of the entries of `reports`: entry -> the id of its latest report."""
    with archive.read() as connection:
        return feeds.seen_entries(connection, feed.id, [report.entry for report in reports])


def conclude_poll(
    archive: Archive,
    claimed: Claim,
    result: Fetched | FeedError,
    reports: Sequence[Report],
    rejected: Sequence[Rejected],
    *,
    ttl: timedelta | None = None,
    now: datetime,
    jitter: float,
    lasting: timedelta = LASTING,
) -> Concluded:
    """Write what a poll came to, and tell of the feed where it broke, went quiet or recovered.

    `lasting` is how long a feed must have failed until that is told.  Raises FeedStateMoved where the claim
    ran out and another took it.
    """
    feed = claimed.feed
    with archive.begin() as connection:
        seen = feeds.seen_entries(connection, feed.id, [report.entry for report in reports])
        conclusion = conclude(
            feed,
            claimed.state,
            result,
            reports=reports,
            rejected=rejected,
            ttl=ttl,
            seen=seen,
            now=now,
            jitter=jitter,
        )
        state, raised = tell(
            connection, feed, claimed.state, conclusion.state, now=now, lasting=lasting
        )
        conclusion = replace(conclusion, state=state)
        _save(connection, feed.id, state, claimed.version)
        alerts.record(connection, raised)
        feeds.remember_entries(
            connection,
            feed.id,
            [
                feeds.SeenEntry(entry, report, report, now)
                for entry, report in conclusion.remember.items()
            ],
        )
        counts = {name: conclusion.counts.get(name, 0) for name in _COUNTED}
        counts["alerts"] = len(raised)
        feeds.add_polls(connection, [_history(feed, conclusion, result, now)])
        accounts.count(connection, feed.id, "poll", counts)
        messages = [
            Outgoing("reports", report.feed, report.to_bytes()) for report in conclusion.new
        ]
        messages += [Outgoing("alerts", alert.about, alert.to_bytes()) for alert in raised]
        ids = outbox.enqueue(connection, "poll", messages, now)
    return Concluded(conclusion, list(zip(ids, messages, strict=True)))


_COUNTED = ("polled", "new", "unchanged", "duplicate", "rejected")


def _load(connection: Connection, feed: Feed) -> tuple[int, FeedState]:
    stored = feeds.load(connection, [feed.id]).get(feed.id)
    if stored is None:
        return 0, FeedState()
    version, document = stored
    return version, FeedState.model_validate_json(document)


def _save(connection: Connection, feed: str, state: FeedState, version: int) -> int:
    """Save a state.  Its column `url` tells where the feed is fetched, by which hosts are shared out."""
    url = state.address_of(state.declared or state.url)
    return feeds.save(
        connection,
        feed,
        state.model_dump_json(),
        expected_version=version,
        url=url,
        next_poll_at=state.next_poll_at,
        health=state.health.value,
        health_since=state.health_since,
        failures=state.failures,
        last_success_at=state.last_success_at,
    )


def _history(
    feed: Feed, conclusion: PollConclusion, result: Fetched | FeedError, now: datetime
) -> feeds.Poll:
    fetched = result if isinstance(result, Fetched) else None
    return feeds.Poll(
        feed=feed.id,
        polled_at=now,
        status=fetched.status if fetched else None,
        outcome=conclusion.state.health.value,
        new=conclusion.counts["new"],
        unchanged=conclusion.counts["unchanged"],
        duplicate=conclusion.counts["duplicate"],
        rejected=conclusion.counts["rejected"],
        seconds=fetched.seconds if fetched else 0.0,
        detail=conclusion.words,
    )
