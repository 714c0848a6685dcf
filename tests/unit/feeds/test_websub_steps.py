"""A subscription's life, told by a clock that stands still until it is set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nightdesk.clock import SettableClock
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.websub import steps
from nightdesk.feeds.websub.discovery import Hubs
from nightdesk.feeds.websub.safety import DISTRUST, found_lost, is_trusted, safety_interval
from nightdesk.feeds.websub.subscription import HubState, HubSubscription, wanted
from nightdesk.feeds.websub.verification import NO, verify
from schemas import Feed, Report

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FOUND = Hubs(("https://hub.example/", "https://second.example/"), "https://outlet.example/feed")
FEED = Feed(id="wire", url=FOUND.topic, source="The Wire")


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


def new() -> HubSubscription:
    base = "https://desk.example/base/"
    return wanted("wire", FOUND, base=base, token="t0ken", secret="s3cret", now=NOON, after=0)


def asking(mode: str = "subscribe", **more: str) -> dict[str, str]:
    query = {"hub.mode": mode, "hub.topic": FOUND.topic, "hub.challenge": "c"}
    return query | {f"hub.{name}": value for name, value in more.items()}


def active(clock: SettableClock, lease: str = "864000") -> HubSubscription:
    it, answer = verify(
        steps.asked(new(), clock.now()), asking(lease_seconds=lease), clock.now(), 0.0
    )
    assert (answer.status, answer.text) == (200, "c")
    return it


def pushed(clock: SettableClock) -> HubSubscription:
    return active(clock).model_copy(update={"last_push_at": clock.now()})


def test_what_is_asked_for(clock: SettableClock) -> None:
    it = new()
    assert steps.mode_due(it, NOON) == "subscribe"
    assert steps.form_of(it, "subscribe") == {
        "hub.mode": "subscribe",
        "hub.topic": FOUND.topic,
        "hub.callback": "https://desk.example/base/websub/t0ken",
        "hub.verify": "sync",
        "hub.lease_seconds": "864000",
        "hub.secret": "s3cret",
    }
    assert "hub.secret" not in steps.form_of(it, "unsubscribe")
    assert "t0ken" not in repr(it)
    assert "s3cret" not in repr(it)


def test_a_lease_is_renewed_before_it_ends_at_the_same_callback(clock: SettableClock) -> None:
    it = active(clock)
    assert it.state is HubState.ACTIVE
    assert it.lease_until == NOON + 10 * DAY
    clock.advance(7 * DAY)
    assert steps.mode_due(it, clock.now()) is None
    clock.advance(DAY)
    assert steps.mode_due(it, clock.now()) == "subscribe"
    renewing = steps.asked(it, clock.now())
    assert renewing.stands(clock.now())
    again, _ = verify(renewing, asking(lease_seconds="86400"), clock.now(), 0.5)
    assert again.lease_until == clock.now() + DAY
    assert (again.active_since, again.callback) == (NOON, it.callback)


@pytest.mark.parametrize(
    ("told", "lease"),
    [("", 10 * DAY), ("-5", 10 * DAY), ("1", MINUTE), ("9" * 30, 365 * DAY), ("3600", HOUR)],
)
def test_leases_are_bounded(clock: SettableClock, told: str, lease: timedelta) -> None:
    assert active(clock, told).lease_until == NOON + lease


def test_only_what_was_asked_for_is_verified(clock: SettableClock) -> None:
    it = steps.asked(new(), NOON)
    wrong = [
        {},
        asking("unsubscribe"),
        asking("publish"),
        asking(topic="https://other.example/"),
        asking(challenge=""),
        asking(challenge="c" * 5_000),
    ]
    for query in wrong:
        assert verify(it, query, NOON, 0.0) == (it, NO)
    assert verify(new(), asking(), NOON, 0.0) == (new(), NO)


def test_requests_in_vain_wait_longer_each_time_and_are_given_up(clock: SettableClock) -> None:
    it, waits, hubs = new(), [], []
    while it.state is not HubState.GIVEN_UP:
        hubs.append(it.hub)
        it = steps.failed(steps.asked(it, clock.now()), "it is away", clock.now(), jitter=0.0)
        assert it.due_at is not None
        waits.append(it.due_at - clock.now())
        clock.set(it.due_at)
    assert waits[:3] == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE]
    assert waits[-1] == 7 * DAY
    assert len(waits) == steps.MOST_FAILURES
    assert hubs[:3] == [FOUND.hubs[0], FOUND.hubs[1], FOUND.hubs[0]]
    later = steps.asked(it, clock.now())
    assert (later.state, later.failures) == (HubState.ASKED, 0)


def test_a_hub_may_ask_for_patience(clock: SettableClock) -> None:
    it = steps.failed(steps.asked(new(), NOON), "later", NOON, jitter=0.0, retry_after=HOUR)
    assert it.due_at == NOON + HOUR


def test_a_hub_that_never_asks_back_has_failed_and_may_still_come(clock: SettableClock) -> None:
    it = steps.asked(new(), NOON)
    assert not steps.is_unanswered(it, NOON)
    clock.advance(steps.ASKS_BACK_WITHIN)
    assert steps.is_unanswered(it, clock.now())
    it = steps.failed(it, "it never asked back", clock.now(), jitter=0.0)
    it, answer = verify(it, asking(), clock.now(), 0.0)
    assert (it.state, answer.status) == (HubState.ACTIVE, 200)


def test_a_renewal_in_vain_keeps_the_lease_while_it_runs(clock: SettableClock) -> None:
    it = active(clock)
    clock.advance(8 * DAY)
    it = steps.failed(steps.asked(it, clock.now()), "away", clock.now(), jitter=0.0)
    assert it.stands(clock.now())
    assert it.hub == FOUND.hubs[0]
    clock.advance(2 * DAY)
    assert not it.stands(clock.now())
    it = steps.failed(steps.asked(it, clock.now()), "away", clock.now(), jitter=0.0)
    assert it.state is HubState.WANTED


def test_a_denied_subscription_is_asked_for_again_after_a_week(clock: SettableClock) -> None:
    it, answer = verify(
        active(clock), asking("denied", reason="not\n here", challenge=""), NOON, 0.0
    )
    assert answer.status == 200
    assert (it.state, it.reason) == (HubState.DENIED, "the hub denies it: not here")
    assert not it.stands(NOON)
    assert verify(it, asking(), NOON, 0.0) == (it, NO)
    assert steps.mode_due(it, NOON + 7 * DAY) == "subscribe"


def test_unsubscribing_is_verified_and_then_over(clock: SettableClock) -> None:
    it = steps.leaving(active(clock), "the feed was retired", NOON)
    assert steps.mode_due(it, NOON) == "unsubscribe"
    it = steps.asked(it, NOON)
    assert it.state is HubState.LEAVING
    assert verify(it, asking(), NOON, 0.0) == (it, NO)
    over, answer = verify(it, asking("unsubscribe"), NOON, 0.0)
    assert (over.state, over.due_at, answer.text) == (HubState.LEFT, None, "c")
    assert steps.mode_due(over, NOON + 99 * DAY) is None
    # The hub may have lost our answer, and asks again.
    assert verify(over, asking("unsubscribe"), NOON, 0.0)[1].status == 200


def test_a_hub_that_is_away_is_left_all_the_same(clock: SettableClock) -> None:
    it = steps.leaving(active(clock), "retired", NOON)
    for _ in range(steps.MOST_FAREWELLS):
        assert it.state is HubState.LEAVING
        it = steps.failed(steps.asked(it, NOON), "away", NOON, jitter=0.0)
    assert it.state is HubState.LEFT
    assert steps.leaving(new(), "retired", NOON).state is HubState.LEFT


def test_a_feed_leaves_its_hub_after_three_documents_without_it(clock: SettableClock) -> None:
    it = active(clock)
    assert steps.after_document(it, FOUND, NOON) is it
    for _ in range(2):
        it = steps.after_document(it, Hubs(), NOON)
        assert it.state is HubState.ACTIVE
    assert steps.after_document(it, FOUND, NOON).strayed == 0
    moved = Hubs(FOUND.hubs, "https://outlet.example/other")
    assert steps.after_document(it, moved, NOON).state is HubState.LEAVING


def test_another_public_address_is_another_callback(clock: SettableClock) -> None:
    it = active(clock)
    assert steps.rebased(it, it.base, NOON) is it
    anew = steps.rebased(it, "https://new.example", NOON)
    assert (anew.state, anew.callback) == (HubState.WANTED, "https://new.example/websub/t0ken")


def test_the_safety_poll_is_slow_within_bounds() -> None:
    cases = {3 * MINUTE: HOUR, 30 * MINUTE: 2 * HOUR, 3 * HOUR: 5 * HOUR, DAY: DAY}
    assert {usual: safety_interval(FEED, usual) for usual in cases} == cases
    bounded = FEED.model_copy(update={"max_interval": 40 * MINUTE})
    assert safety_interval(bounded, 3 * MINUTE) == 40 * MINUTE
    fixed = FEED.model_copy(update={"interval": MINUTE})
    assert safety_interval(fixed, MINUTE) == MINUTE


def test_a_hub_is_trusted_from_its_first_push_on(clock: SettableClock) -> None:
    assert not is_trusted(active(clock), NOON)
    it = pushed(clock)
    assert is_trusted(it, NOON)
    assert not is_trusted(it.model_copy(update={"missed_at": NOON}), NOON)
    assert not is_trusted(it, NOON + 10 * DAY)
    lost = it.model_copy(update={"lost_at": NOON})
    assert not is_trusted(lost, NOON + DISTRUST)
    after = lost.model_copy(update={"last_push_at": NOON + HOUR})
    assert not is_trusted(after, NOON + 2 * HOUR)
    assert is_trusted(after, NOON + DISTRUST)


def report(published: datetime | None, name: str = "r") -> Report:
    return Report(
        id=name,
        entry=name,
        feed="wire",
        source="The Wire",
        title="A title",
        published_at=published,
        seen_at=NOON,
    )


def test_a_push_is_lost_where_a_poll_finds_what_is_old(clock: SettableClock) -> None:
    it, now = pushed(clock), NOON + 3 * HOUR
    state = FeedState(last_success_at=NOON)
    old, fresh = report(NOON + HOUR), report(now - MINUTE)
    earlier, undated = report(NOON - HOUR), [report(None, "a"), report(None, "b")]

    def lost(*new: Report, since: datetime = NOON - DAY) -> list[Report]:
        return found_lost(it, state, new, listening_since=since, now=now)

    assert lost(old, fresh, earlier) == [old]
    assert lost(fresh, earlier, undated[0]) == []
    assert lost(*undated) == undated
    # While this worker was away, no hub could push.
    assert lost(old, *undated, since=now - MINUTE) == []
    untrusted = active(clock)
    assert found_lost(untrusted, state, [old], listening_since=NOON, now=now) == []
