"""Pushes count as polls do, and polls find what pushes lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from nightdesk import accounting
from nightdesk.archive import feeds, outages
from nightdesk.archive.engine import Archive
from nightdesk.feeds.errors import Gone, HttpError
from nightdesk.feeds.websub.subscription import HubState
from nightdesk.pipeline import push
from nightdesk.pipeline.poll import Claim, claim, conclude_poll, give_back, poll_soon
from schemas import Arrival
from tests.support.feedserver import rss
from tests.support.wire import BRIDGE, FEED, FERRY, HOUR, HUB, MINUTE, NOON, TUNNEL, Wire, dated


@pytest.fixture
def wire(sqlite_archive: Archive) -> Iterator[Wire]:
    return Wire(sqlite_archive)


def test_a_push_is_counted_as_a_poll_is_and_comes_once(wire: Wire) -> None:
    wire.subscribe()
    done = wire.bring(rss(BRIDGE, FERRY, extra=HUB), NOON + MINUTE, pushed=True)
    assert [report.title for report in done.conclusion.new] == ["bridge"]
    assert len(done.to_send) == 1
    assert wire.bring(rss(BRIDGE, FERRY, extra=HUB), wire.due()).to_send == []
    totals = wire.totals()
    assert totals["poll"] == {"polled": 5, "new": 2, "unchanged": 3}
    assert [b for b in accounting.check(totals) if not b.between and not b.holds] == []
    with wire.archive.read() as connection:
        latest = feeds.polls_of(connection, "wire", limit=9)
    assert "pushed by its hub: 1 new, 1 unchanged" in [poll.detail for poll in latest]


def test_a_push_of_a_part_changes_nothing_of_what_polls_know(wire: Wire) -> None:
    wire.subscribe()
    before = wire.claim(wire.due())
    give_back(wire.archive, before)
    state = wire.bring(rss(BRIDGE), NOON + MINUTE, pushed=True).conclusion.state
    for name in ("etag", "body_hash", "ttl_seconds", "last_success_at", "document_at", "polls"):
        assert getattr(state, name) == getattr(before.state, name), name
    assert state.last_new_at == NOON + MINUTE
    # The subscription is none of a push's business either.
    assert wire.state() is HubState.ACTIVE


def test_the_report_of_a_push_is_that_of_a_poll(wire: Wire, tmp_path) -> None:
    from nightdesk.archive.engine import open_archive

    wire.subscribe()
    pushed = wire.bring(rss(BRIDGE), NOON + MINUTE, pushed=True).conclusion.new
    archive = open_archive(f"sqlite:///{tmp_path}/other.sqlite")
    archive.migrate()
    other = Wire(archive)
    other.subscribe()
    polled = other.bring(rss(BRIDGE, FERRY, extra=HUB), other.due()).conclusion.new
    archive.close()
    assert [report.id for report in pushed] == [report.id for report in polled]
    assert pushed[0].arrival == polled[0].arrival


def test_polls_are_slow_once_a_push_has_come_however_many_follow(wire: Wire) -> None:
    wire.subscribe()
    usual = wire.due() - NOON
    assert usual < HOUR
    wire.bring(rss(BRIDGE), NOON + MINUTE, pushed=True)
    assert wire.due() == NOON + HOUR
    wire.bring(rss(TUNNEL), NOON + 50 * MINUTE, pushed=True)
    assert wire.due() <= NOON + HOUR + MINUTE
    wire.bring(rss(TUNNEL, BRIDGE, FERRY, extra=HUB), wire.due())
    assert wire.due() - (NOON + HOUR) >= HOUR - MINUTE


def test_a_lost_push_is_found_and_polls_are_as_always_for_a_day(wire: Wire) -> None:
    wire.subscribe()
    wire.bring(rss(BRIDGE), NOON + MINUTE, pushed=True)
    now = wire.due()
    done = wire.bring(dated("lost", now - 20 * MINUTE), now)
    assert [report.title for report in done.conclusion.lost] == ["lost"]
    it = wire.subscription
    assert it is not None
    assert (it.lost, it.lost_at) == (1, now)
    assert wire.due() - now < HOUR
    later = wire.due()
    wire.bring(dated("fresh", later - MINUTE), later, pushed=True)
    assert wire.due() - later < HOUR


def test_while_this_worker_was_away_nothing_was_lost(wire: Wire) -> None:
    wire.subscribe()
    wire.bring(rss(BRIDGE), NOON + MINUTE, pushed=True)
    now = wire.due()
    callbacks = wire.callbacks
    wire.callbacks = push.Callbacks(callbacks.base, now - MINUTE, callbacks.new_secret)
    assert wire.bring(dated("late", now - 20 * MINUTE), now).conclusion.lost == ()


def test_a_push_meets_a_claim_and_a_poll_meets_a_push(wire: Wire) -> None:
    wire.subscribe()
    poll = wire.claim(wire.due())
    now = poll.began
    assert isinstance(claim(wire.archive, FEED, "other", now, pushed=True), datetime)
    give_back(wire.archive, poll)
    pushing = wire.claim(now, pushed=True)
    assert isinstance(claim(wire.archive, FEED, "other", now), datetime)
    give_back(wire.archive, pushing)
    # Soon, yet no sooner than the feed may be polled.
    assert wire.due() == now


def test_a_push_says_nothing_of_whether_its_server_can_be_reached(wire: Wire) -> None:
    wire.subscribe()
    wire.bring(rss(BRIDGE), NOON + MINUTE, pushed=True)
    with wire.archive.read() as connection:
        assert [one.feed for one in outages.latest_polls(connection, NOON, limit=9)] == ["wire"]
        assert outages.latest_polls(connection, NOON + MINUTE, limit=9) == []
        host, since = "wire.example", NOON + MINUTE
        assert outages.latest_polls_of_host(connection, host, NOON, limit=9) != []
        assert outages.latest_polls_of_host(connection, host, since, limit=9) == []


def test_what_is_pushed_while_polls_fail_is_news(wire: Wire) -> None:
    wire.subscribe()
    for hour in range(1, 9):
        now = NOON + hour * HOUR
        poll = wire.claim(max(now, wire.due()))
        refused = HttpError("wire.example", 403)
        conclude_poll(wire.archive, poll, refused, now=now, jitter=0.0)
        name = f"story-{hour}"
        done = wire.bring(rss((name, f"https://wire.example/{name}")), now + MINUTE, pushed=True)
        assert [one.arrival for one in done.conclusion.new] == [Arrival.LIVE]
    late = wire.bring(rss(TUNNEL), NOON + 20 * HOUR, pushed=True)
    assert [one.arrival for one in late.conclusion.new] == [Arrival.BACKFILL], "no word for hours"


def test_a_push_that_is_given_back_leaves_a_changed_address_due(wire: Wire) -> None:
    wire.subscribe()
    poll, now = wire.claim(wire.due()), wire.due()
    conclude_poll(wire.archive, poll, Gone("wire.example"), now=now, jitter=0.0)
    wire.feed = FEED.model_copy(update={"url": "https://new.example/rss"})
    give_back(wire.archive, wire.claim(now + MINUTE, pushed=True))
    assert isinstance(claim(wire.archive, wire.feed, "worker", now + MINUTE), Claim)


def test_a_push_that_is_missed_is_made_up_for_by_a_poll(wire: Wire) -> None:
    wire.subscribe()
    wire.bring(rss(BRIDGE), NOON + MINUTE, pushed=True)
    assert wire.due() == NOON + HOUR
    push.note_missed(wire.archive, "wire", NOON + 2 * MINUTE)
    poll_soon(wire.archive, FEED, NOON + 2 * MINUTE)
    assert wire.due() == NOON + 3 * MINUTE
    now = wire.due()
    done = wire.bring(dated("old", NOON + MINUTE), now)
    assert done.conclusion.lost == ()
    assert wire.due() - now == HOUR
    found = wire.subscription
    assert found is not None
    assert found.missed_at is None


def test_a_feed_that_fails_is_left_alone_until_it_is_due(wire: Wire) -> None:
    wire.subscribe()
    claimed = wire.claim(wire.due())
    error = HttpError("wire.example", 500)
    conclude_poll(
        wire.archive,
        claimed,
        error,
        callbacks=wire.callbacks,
        now=claimed.began,
        jitter=0.0,
    )
    due = wire.due()
    poll_soon(wire.archive, FEED, claimed.began + MINUTE)
    assert wire.due() == due
    done = wire.bring(rss(TUNNEL), claimed.began + MINUTE, pushed=True)
    assert done.conclusion.state.failures == 1
    assert wire.due() == due
