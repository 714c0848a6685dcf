"""A poll's two transactions: one worker alone has a feed, and what it concludes counts once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents.poll import partition_of
from nightdesk.archive import accounts, feeds, outbox
from nightdesk.archive.engine import Archive
from nightdesk.archive.errors import FeedStateMoved
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.errors import HttpError
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.pages.want import MOST_SECONDS
from nightdesk.feeds.poll import read
from nightdesk.pipeline.poll import (
    CLAIM_MARGIN,
    Claim,
    Due,
    claim,
    conclude_poll,
    next_polls,
    release_claims,
    seen_before,
)
from schemas import Feed, FullText

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
FEED = Feed(id="wire", url="https://wire.example/rss", source="The Wire")
BODY = b"""<rss version="2.0"><channel><title>The Wire</title>
<item><guid>one</guid><title>Ferry late again</title><description>It was late.</description></item>
<item><guid>two</guid><title>Bridge opens</title><description>It is open.</description></item>
</channel></rss>"""


@pytest.fixture
def archive(sqlite_archive: Archive) -> Archive:
    return sqlite_archive


def claimed(archive: Archive, worker: str = "first", now: datetime = NOW) -> Claim:
    found = claim(archive, FEED, worker, now)
    assert isinstance(found, Claim)
    return found


def conclude(archive: Archive, ours: Claim, now: datetime = NOW) -> int:
    fetched = Fetched(200, FEED.url, BODY, {"content-type": "text/xml"}, body_hash="x")
    found = read(FEED, ours.state, fetched, now=now)
    done = conclude_poll(archive, ours, fetched, found, now=now, jitter=0.0)
    return len(done.to_send)


def totals(archive: Archive) -> dict[str, int]:
    with archive.read() as connection:
        return accounts.totals(connection).get("poll", {})


def test_a_feed_is_claimed_by_one_worker(archive: Archive) -> None:
    claimed(archive)
    assert claim(archive, FEED, "second", NOW) == NOW + FEED.timeout + CLAIM_MARGIN


def test_a_claim_is_longer_where_pages_are_read(archive: Archive) -> None:
    feed = FEED.model_copy(update={"full_text": FullText.WHEN_SHORT})
    assert isinstance(claim(archive, feed, "first", NOW), Claim)
    until = NOW + feed.timeout + CLAIM_MARGIN + MOST_SECONDS
    assert claim(archive, feed, "second", NOW) == until


def test_what_was_seen_before_is_known_between_fetch_and_conclusion(archive: Archive) -> None:
    ours = claimed(archive)
    fetched = Fetched(200, FEED.url, BODY, {"content-type": "text/xml"}, body_hash="x")
    reports = read(FEED, ours.state, fetched, now=NOW).reports
    assert seen_before(archive, FEED, reports) == {}
    conclude(archive, ours)
    assert seen_before(archive, FEED, reports) == {one.entry: one.id for one in reports}


def test_a_concluded_poll_is_counted_and_its_reports_wait_in_the_outbox(archive: Archive) -> None:
    assert conclude(archive, claimed(archive)) == 2
    assert totals(archive) == {"polled": 2, "new": 2}
    with archive.read() as connection:
        assert outbox.count_pending(connection) == 2
        (poll,) = feeds.polls_of(connection, "wire", limit=9)
    assert (poll.outcome, poll.new) == ("ok", 2)
    due = next_polls(archive)["wire"].at
    assert due is not None
    assert claim(archive, FEED, "second", NOW) == due
    assert conclude(archive, claimed(archive, now=due), due) == 0


def test_a_dead_workers_claim_runs_out_and_its_conclusion_comes_too_late(archive: Archive) -> None:
    late = claimed(archive)
    after = NOW + FEED.timeout + CLAIM_MARGIN
    assert conclude(archive, claimed(archive, "second", after), after) == 2
    with pytest.raises(FeedStateMoved):
        conclude(archive, late, after)
    assert totals(archive) == {"polled": 2, "new": 2}


def test_a_worker_that_is_alone_takes_dead_claims_over_at_once(archive: Archive) -> None:
    claimed(archive)
    assert release_claims(archive, NOW) == 1
    assert release_claims(archive, NOW) == 0
    assert conclude(archive, claimed(archive, "second")) == 2


def test_a_worker_that_starts_again_under_its_name_takes_its_own_claims_over_at_once(
    archive: Archive,
) -> None:
    claimed(archive)
    assert release_claims(archive, NOW, worker="fir") == 0
    assert release_claims(archive, NOW, worker="first") == 1
    assert conclude(archive, claimed(archive, "second")) == 2


def test_a_failed_poll_keeps_the_feed_and_says_why(archive: Archive) -> None:
    ours = claimed(archive)
    done = conclude_poll(archive, ours, HttpError("wire.example", 503), now=NOW, jitter=0.0)
    assert done.conclusion.state.failures == 1
    due = next_polls(archive)["wire"].at
    assert due is not None
    assert due - NOW >= timedelta(minutes=15)


def test_a_changed_address_is_due_there_until_it_was_polled(archive: Archive) -> None:
    ours = claimed(archive)
    moved = {"wire": FEED.model_copy(update={"url": "https://new.example/rss"})}
    there = Due(None, "https://new.example/rss")
    assert next_polls(archive, moved)["wire"].address == FEED.url, "somebody is at it"
    conclude_poll(archive, ours, HttpError("wire.example", 404), now=NOW, jitter=0.0)
    assert next_polls(archive, moved)["wire"] == there
    assert next_polls(archive, moved)["wire"] == there, "however often it is looked at"
    assert next_polls(archive, {"wire": FEED})["wire"].at is not None
    assert isinstance(claim(archive, moved["wire"], "first", NOW), Claim)
    assert next_polls(archive, moved)["wire"].at is not None


def test_all_feeds_of_a_host_belong_to_one_partition() -> None:
    other = FEED.model_copy(update={"url": "https://WIRE.example/world"})
    assert host_of(FEED.url) == host_of(other.url)
    hosts = [f"host-{number}.example" for number in range(200)]
    assert {partition_of(host, 4) for host in hosts} == {0, 1, 2, 3}
    assert [partition_of(host, 4) for host in hosts] == [partition_of(host, 4) for host in hosts]
