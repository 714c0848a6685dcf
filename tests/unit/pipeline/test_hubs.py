"""Subscriptions to hubs, in the archive: asked for once, verified while asked, and left again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nightdesk.archive import hub_subscriptions
from nightdesk.archive.engine import Archive
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import Read
from nightdesk.feeds.websub.discovery import Hubs
from nightdesk.feeds.websub.subscription import HubState
from nightdesk.pipeline import push
from nightdesk.pipeline.poll import conclude_poll
from schemas import FeedAccess, Secret
from tests.support.feedserver import rss
from tests.support.wire import BRIDGE, DAY, FEED, FERRY, HUB, MINUTE, NOON, TUNNEL, Wire


@pytest.fixture
def wire(sqlite_archive: Archive) -> Iterator[Wire]:
    return Wire(sqlite_archive)


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
