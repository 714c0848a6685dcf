"""The first step of the pipeline, a poll's two transactions: claim a due feed, then conclude.

Between them lies the fetch, which is I/O and none of ours.  The claim is a compare-and-set on the
feed's state, so that two workers never both fetch; the conclusion writes state, entries, history,
account, the reports to send and the alerts about the feed itself in one transaction, so that a crash before
it polls again and a crash after it sends from the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from nightdesk.alerts.feed_health import LASTING
from nightdesk.archive import accounts, alerts, feeds, hosts, outbox
from nightdesk.archive.engine import Archive
from nightdesk.archive.errors import FeedStateMoved
from nightdesk.archive.outbox import Outgoing
from nightdesk.errors import FeedError
from nightdesk.feeds.access import without_login
from nightdesk.feeds.after import soon
from nightdesk.feeds.errors import HttpError
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.pages.want import MOST_SECONDS, reads_pages
from nightdesk.feeds.poll import NOTHING_READ, PollConclusion, Push, Read, conclude
from nightdesk.feeds.state import FeedState
from nightdesk.pipeline.feed_alerts import tell
from nightdesk.pipeline.push import Callbacks, lock, may_be_pushed, note_document
from schemas import Feed, Report

MOST_HOPS_WAIT = timedelta(seconds=15)
"""How long a poll waits, in all, for turns at hosts that redirects lead to; what takes longer is put off."""

CLAIM_MARGIN = timedelta(seconds=10) + MOST_HOPS_WAIT
"""Beyond the feed's own timeout, and the time for pages where it reads any: a claim that is older without a
conclusion is a crashed worker's."""


@dataclass(frozen=True)
class Claim:
    """A feed that is ours to fetch, or to read a push of, since `began`.  `version` is what the conclusion
    must find unchanged; `due` is when a poll was due before."""

    feed: Feed
    state: FeedState
    version: int
    began: datetime
    due: datetime | None = None


class Due(NamedTuple):
    """When a feed is due, None for at once; and the address where it is fetched."""

    at: datetime | None
    address: str


@dataclass(frozen=True)
class Concluded:
    """What a poll came to: the state after it, and the outbox rows to send now."""

    conclusion: PollConclusion
    to_send: list[tuple[int, Outgoing]]


def next_polls(archive: Archive, declared: Mapping[str, Feed] | None = None) -> dict[str, Due]:
    """Return when each feed that was ever polled is due next, and where it is fetched.

    What is `declared` at another address than it was polled at is due there at once, until it has been,
    unless somebody is at it.
    """
    known = declared or {}
    with archive.read() as connection:
        rows = feeds.next_polls(connection)
        elsewhere = [feed for feed, url, _ in rows if feed in known and known[feed].url != url]
        documents = feeds.load(connection, elsewhere)
    found = {feed: Due(due, url) for feed, url, due in rows}
    for name, (_, document) in documents.items():
        state, url = FeedState.model_validate_json(document), known[name].url
        if state.claimed_by is None and url != (state.declared or state.url):
            found[name] = Due(None, url)
    return found


def release_claims(archive: Archive, now: datetime, *, worker: str | None = None) -> int:
    """Make due at once what `worker` was fetching when it died, anybody if None; return how many feeds.

    For a worker at its start: that knows itself to be alone, or for what was claimed in its own name.  Others
    wait for claims to run out.
    """
    released = 0
    with archive.begin() as connection:
        names = [feed for feed, _, _ in feeds.next_polls(connection)]
        for name, (version, document) in feeds.load(connection, names).items():
            if worker is not None and worker not in document:
                continue
            state = FeedState.model_validate_json(document)
            if state.claimed_by is None or worker not in {None, state.claimed_by}:
                continue
            due = state.model_copy(update={"claimed_by": None, "next_poll_at": now})
            # Where the claim has run out, somebody else may be quicker.
            with suppress(FeedStateMoved):
                save_state(connection, name, due, version)
                released += 1
    return released


def claim(
    archive: Archive, feed: Feed, worker: str, now: datetime, *, pushed: bool = False
) -> Claim | datetime:
    """Claim `feed`, or return when it is due, where it is not, or where another worker has it.

    For a push it need not be due: then the moment is when the claim of another runs out.
    """
    until = now + feed.timeout + CLAIM_MARGIN
    if reads_pages(feed):
        until += MOST_SECONDS
    try:
        with archive.begin() as connection:
            version, state = _load(connection, feed)
            due = state.next_poll_at
            # A feed whose address was changed is due at once, unless somebody is at it.
            waits = state.claimed_by is not None or feed.url == (state.declared or state.url)
            free = pushed and state.claimed_by is None
            if due is not None and due > now and waits and not free:
                return due
            # Only a poll makes up for a changed address: a push, which may be given back, leaves it due.
            declared = state.declared if pushed else feed.url
            held = {"next_poll_at": until, "claimed_by": worker, "declared": declared}
            claimed = state.model_copy(update=held)
            version = save_state(connection, feed.id, claimed, version)
    except FeedStateMoved:
        return until
    return Claim(feed, claimed.model_copy(update={"claimed_by": None}), version, now, due)


def give_back(archive: Archive, claimed: Claim) -> None:
    """Give a claim back as if it had not been made, save that a poll is due soon.

    Raises FeedStateMoved where it ran out and another took it.
    """
    state = claimed.state.model_copy(update={"next_poll_at": claimed.due})
    again = soon(claimed.feed, state, claimed.began)
    with archive.begin() as connection:
        save_state(connection, claimed.feed.id, again, claimed.version)


def put_off(archive: Archive, claimed: Claim, until: datetime) -> None:
    """Give a claim back as if it had not been made, the poll being due at `until`.

    Raises FeedStateMoved where it ran out and another took it.
    """
    later = claimed.state.model_copy(update={"next_poll_at": until})
    with archive.begin() as connection:
        save_state(connection, claimed.feed.id, later, claimed.version)


def poll_soon(archive: Archive, feed: Feed, now: datetime) -> None:
    """Make a feed due as soon as it may be polled, unless it is being fetched."""
    with archive.begin() as connection:
        version, state = _load(connection, feed)
        if version and state.claimed_by is None:
            save_state(connection, feed.id, soon(feed, state, now), version)


def seen_before(archive: Archive, feed: Feed, reports: Sequence[Report]) -> dict[str, str]:
    """Return what the archive has seen of the entries of `reports`: entry -> the id of its latest report."""
    with archive.read() as connection:
        return feeds.seen_entries(connection, feed.id, [report.entry for report in reports])


def conclude_poll(
    archive: Archive,
    claimed: Claim,
    result: Fetched | FeedError,
    found: Read = NOTHING_READ,
    *,
    resting: Mapping[str, datetime] | None = None,
    callbacks: Callbacks | None = None,
    pushed: bool = False,
    now: datetime,
    jitter: float,
    lasting: timedelta = LASTING,
) -> Concluded:
    """Write what a poll, or a push, came to, and tell of the feed where it broke, went quiet or recovered.

    `found` is what was read of a document, `resting` the host that asked to be left alone, until then: other
    workers hear of it, and this one after a restart.  Without `callbacks` no hub can reach us, and none is
    asked.  `lasting` is how long a feed must have failed until that is told.  Raises FeedStateMoved where the
    claim ran out and another took it.
    """
    feed = claimed.feed
    with archive.begin() as connection:
        subscription, push = None, None
        if callbacks is not None and may_be_pushed(feed):
            subscription = lock(connection, feed.id)
        if callbacks is not None and subscription is not None:
            push = Push(subscription, callbacks.since, claimed.began, claimed.due, pushed)
        seen = feeds.seen_entries(connection, feed.id, [one.entry for one in found.reports])
        conclusion = conclude(
            feed,
            claimed.state,
            result,
            found,
            push=push,
            seen=seen,
            now=now,
            jitter=jitter,
        )
        state, raised = tell(
            connection, feed, claimed.state, conclusion.state, now=now, lasting=lasting
        )
        conclusion = replace(conclusion, state=state)
        save_state(connection, feed.id, state, claimed.version)
        if callbacks is not None and may_be_pushed(feed) and not isinstance(result, FeedError):
            note_document(
                connection,
                feed,
                subscription,
                conclusion.subscription,
                None if pushed else found.hubs,
                callbacks,
                moved=claimed.state.url != feed.url,
                now=now,
                jitter=jitter,
            )
        for host, until in (resting or {}).items():
            hosts.rest(connection, host, until)
        alerts.record(connection, raised)
        feeds.remember_entries(
            connection,
            feed.id,
            [
                feeds.SeenEntry(entry, report, report, now)
                for entry, report in conclusion.remember.items()
            ],
        )
        counts = {**conclusion.counts, "alerts": len(raised)}
        feeds.add_polls(connection, [_history(feed, conclusion, result, now, pushed=pushed)])
        accounts.count(connection, feed.id, "poll", counts)
        messages = [
            Outgoing("reports", report.feed, report.to_bytes()) for report in conclusion.new
        ]
        messages += [Outgoing("alerts", alert.about, alert.to_bytes()) for alert in raised]
        ids = outbox.enqueue(connection, "poll", messages, now)
    return Concluded(conclusion, list(zip(ids, messages, strict=True)))


def _load(connection: Connection, feed: Feed) -> tuple[int, FeedState]:
    stored = feeds.load(connection, [feed.id]).get(feed.id)
    if stored is None:
        return 0, FeedState()
    version, document = stored
    return version, FeedState.model_validate_json(document)


def save_state(connection: Connection, feed: str, state: FeedState, version: int) -> int:
    """Save a state.  Its column `url` tells where the feed is fetched, by which hosts are shared out."""
    url = without_login(state.address_of(state.declared or state.url))
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
    feed: Feed,
    conclusion: PollConclusion,
    result: Fetched | FeedError,
    now: datetime,
    *,
    pushed: bool,
) -> feeds.Poll:
    fetched = result if isinstance(result, Fetched) else None
    return feeds.Poll(
        feed=feed.id,
        polled_at=now,
        status=result.status if isinstance(result, Fetched | HttpError) else None,
        outcome=conclusion.state.health.value,
        new=conclusion.counts["new"],
        unchanged=conclusion.counts["unchanged"],
        duplicate=conclusion.counts["duplicate"],
        rejected=conclusion.counts["rejected"],
        seconds=fetched.seconds if fetched else 0.0,
        detail=f"{feeds.PUSHED}: {conclusion.words}" if pushed else conclusion.words,
    )
