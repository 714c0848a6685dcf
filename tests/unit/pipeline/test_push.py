"""Subscriptions in the archive: asked for once, verified while asked, and pushes that count as polls do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from nightdesk import accounting
from nightdesk.archive import accounts, feeds, hub_subscriptions, outages
from nightdesk.archive.engine import Archive
from nightdesk.feeds.errors import Gone, HttpError
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import Read, read
from nightdesk.feeds.websub.discovery import Hubs
from nightdesk.feeds.websub.subscription import HubState, HubSubscription
from nightdesk.pipeline import push
from nightdesk.pipeline.poll import (
    Claim,
    Concluded,
    claim,
    conclude_poll,
    give_back,
    next_polls,
    poll_soon,
)
from schemas import Arrival, Feed, FeedAccess, Secret
from tests.support.feedserver import rss

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEED = Feed(id="wire", url="https://wire.example/rss", source="The Wire")
HUB = '<link rel="hub" href="https://hub.example/" xmlns="http://www.w3.org/2005/Atom"/>'
FERRY, BRIDGE, TUNNEL = (
    (name, f"https://wire.example/{name}") for name in ("ferry", "bridge", "tunnel")
)


class Wire:
    """One feed, polled and pushed at moments of the test's choosing."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        numbers = count()
        self.callbacks = push.Callbacks(
            "https://desk.example", NOON - DAY, lambda: f"secret-{next(numbers)}"
        )
        self.feed = FEED

    def claim(self, now: datetime, *, pushed: bool = False) -> Claim:
        found = claim(self.archive, self.feed, "worker", now, pushed=pushed)
        assert isinstance(found, Claim)
        return found

    def bring(self, body: bytes, now: datetime, *, pushed: bool = False) -> Concluded:
        claimed = self.claim(now, pushed=pushed)
        fetched = Fetched(200, FEED.url, body, body_hash=str(hash(body)))
        found = read(self.feed, claimed.state, fetched, now=now, pushed=pushed)
        return conclude_poll(
            self.archive,
            claimed,
            fetched,
            found,
            callbacks=self.callbacks,
            pushed=pushed,
            now=now,
            jitter=0.0,
        )

    @property
    def subscription(self) -> HubSubscription | None:
        return push.subscriptions(self.archive).get("wire")

    def state(self) -> HubState | None:
        found = self.subscription
        return found.state if found else None

    def due(self) -> datetime:
        found = next_polls(self.archive)["wire"].at
        assert found is not None
        return found

    def totals(self) -> dict[str, dict[str, int]]:
        with self.archive.read() as connection:
            return accounts.totals(connection)

    def subscribe(self, now: datetime = NOON) -> HubSubscription:
        """Poll the feed, ask the hub, and have it ask back."""
        self.bring(rss(FERRY, extra=HUB), now)
        begun = push.begin_asking(self.archive, "wire", now=now, jitter=0.0)
        assert begun is not None
        asked, mode = begun
        assert mode == "subscribe"
        query = {"hub.mode": mode, "hub.topic": asked.topic, "hub.challenge": "c"}
        it, said = push.answer(self.archive, asked.token, query, now=now, jitter=0.0)
        assert (said.status, said.text) == (200, "c")
        assert it is not None
        return it


@pytest.fixture
def wire(sqlite_archive: Archive) -> Iterator[Wire]:
    return Wire(sqlite_archive)


def dated(name: str, when: datetime) -> bytes:
    stamp = when.strftime("%a, %d %b %Y %H:%M:%S +0000")
    item = f"<item><title>{name}</title><guid>{name}</guid><pubDate>{stamp}</pubDate></item>"
    return f'<rss version="2.0"><channel><title>A</title>{HUB}{item}</channel></rss>'.encode()


def test_a_feed_with_a_hub_is_subscribed_to_once(wire: Wire) -> None:
    it = wire.subscribe()
    assert it.state is HubState.ACTIVE
    assert (it.topic, it.hub) == (FEED.url, "https://hub.example/")
    assert it.token != it.secret
    assert push.begin_asking(wire.archive, "wire", now=NOON, jitter=0.0) is None
    wire.bring(rss(BRIDGE, extra=HUB), wire.due())
    assert wire.subscription == it
    assert push.due(wire.archive, NOON + 7 * DAY) == []
    assert push.due(wire.archive, NOON + 8 * DAY) == ["wire"]


@pytest.mark.parametrize(
    "changes",
    [
        {"websub": False},
        {"access": FeedAccess(proxy=Secret(env="PROXY"))},
        {"url": "https://desk:pass@wire.example/rss"},
    ],
)
def test_feeds_that_are_not_to_be_pushed_have_no_subscription(wire: Wire, changes: dict) -> None:
    wire.feed = FEED.model_copy(update=changes)
    wire.bring(rss(FERRY, extra=HUB), NOON)
    assert wire.subscription is None


def test_without_a_hub_or_a_public_address_nothing_is_subscribed_to(wire: Wire) -> None:
    wire.bring(rss(FERRY), NOON)
    assert wire.subscription is None


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


def test_a_hub_that_asks_back_before_it_answers_is_not_a_failure(wire: Wire) -> None:
    wire.bring(rss(FERRY, extra=HUB), NOON)
    begun = push.begin_asking(wire.archive, "wire", now=NOON, jitter=0.0)
    assert begun is not None
    asked = begun[0]
    query = {"hub.mode": "subscribe", "hub.topic": asked.topic, "hub.challenge": "c"}
    push.answer(wire.archive, asked.token, query, now=NOON, jitter=0.0)
    push.note_refusal(wire.archive, asked, "it timed out", now=NOON, jitter=0.0)
    it = wire.subscription
    assert it is not None
    assert (it.state, it.failures, it.reason) == (HubState.ACTIVE, 0, "")


def test_a_hub_that_refuses_or_is_silent_is_asked_again(wire: Wire) -> None:
    wire.bring(rss(FERRY, extra=HUB), NOON)
    begun = push.begin_asking(wire.archive, "wire", now=NOON, jitter=0.0)
    assert begun is not None
    push.note_refusal(wire.archive, begun[0], "HTTP 500", now=NOON, jitter=0.0)
    assert wire.state() is HubState.WANTED
    assert push.due(wire.archive, NOON + 5 * MINUTE) == ["wire"]
    again = push.begin_asking(wire.archive, "wire", now=NOON + 5 * MINUTE, jitter=0.0)
    assert again is not None
    silent = push.begin_asking(wire.archive, "wire", now=NOON + 15 * MINUTE, jitter=0.0)
    assert silent is not None
    assert silent[1] is None
    assert (silent[0].state, silent[0].failures) == (HubState.WANTED, 2)
    assert "did not ask back" in silent[0].reason


def test_unknown_tokens_are_told_no(wire: Wire) -> None:
    wire.subscribe()
    for token in ("", "x", "secret-1"):
        assert push.answer(wire.archive, token, {}, now=NOON, jitter=0.0)[1].status == 404


def test_feeds_that_are_gone_are_left_and_come_back_under_another_token(wire: Wire) -> None:
    token = wire.subscribe().token
    assert push.leave_others(wire.archive, {"wire": FEED}, NOON) == []
    (it,) = push.leave_others(wire.archive, {}, NOON)
    assert it.state is HubState.LEAVING
    assert push.leave_others(wire.archive, {}, NOON) == []
    begun = push.begin_asking(wire.archive, "wire", now=NOON, jitter=0.0)
    assert begun is not None
    assert begun[1] == "unsubscribe"
    query = {"hub.mode": "unsubscribe", "hub.topic": it.topic, "hub.challenge": "c"}
    assert push.answer(wire.archive, token, query, now=NOON, jitter=0.0)[1].status == 200
    assert wire.state() is HubState.LEFT
    wire.bring(rss(TUNNEL, extra=HUB), wire.due())
    assert wire.state() is HubState.WANTED
    assert push.find(wire.archive, token) is None


def test_a_feed_that_is_declared_elsewhere_leaves_its_hub_at_once(wire: Wire) -> None:
    wire.subscribe()
    wire.feed = FEED.model_copy(update={"url": "https://other.example/rss"})
    claimed = wire.claim(NOON + MINUTE)
    found = Hubs(("https://hub.example/",), wire.feed.url)
    fetched = Fetched(200, wire.feed.url, rss(TUNNEL), body_hash="other")
    callbacks = wire.callbacks
    conclude_poll(
        wire.archive,
        claimed,
        fetched,
        Read(hubs=found),
        callbacks=callbacks,
        now=NOON + MINUTE,
        jitter=0.0,
    )
    assert wire.state() is HubState.LEAVING


def test_another_public_address_is_told_to_hubs(wire: Wire) -> None:
    wire.subscribe()
    assert push.move_to(wire.archive, "https://desk.example", NOON) == 0
    assert push.move_to(wire.archive, "https://new.example", NOON) == 1
    assert push.due(wire.archive, NOON) == ["wire"]


def test_a_feed_that_leaves_its_hub_is_believed_after_three_documents(wire: Wire) -> None:
    wire.subscribe()
    for number in range(3):
        assert wire.state() is HubState.ACTIVE
        wire.bring(rss((f"n{number}", "https://wire.example/n")), wire.due())
    assert wire.state() is HubState.LEAVING
    with wire.archive.read() as connection:
        assert hub_subscriptions.count_by_state(connection) == {"leaving": 1}
