"""The decision after a fetch: state, health, first fetch, validators, schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nightdesk.errors import FeedError
from nightdesk.feeds.errors import (
    BotWall,
    ConnectionLost,
    EmptyBody,
    Gone,
    HttpError,
    NotAFeed,
    RateLimited,
)
from nightdesk.feeds.fetched import Fetched, Validators
from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.poll import NOTHING_READ, PollConclusion, conclude, read
from nightdesk.feeds.schedule import next_poll
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.trust import validators_for
from schemas import Arrival, Feed
from tests.support.feedserver import rss

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
FEED_INTERVAL = timedelta(minutes=10)
FEED = Feed(id="f", url="http://outlet.example/feed", source="Outlet", interval=FEED_INTERVAL)
BRIDGE = ("Bridge reopened", "http://outlet.example/1")
TUNNEL = ("Tunnel closed", "http://outlet.example/2")


def fetched(body: bytes | None, *, status: int = 200, etag: str | None = '"1"') -> Fetched:
    digest = None if body is None else str(hash(body))
    return Fetched(status, FEED.url, body, validators=Validators(etag), body_hash=digest)


NOT_MODIFIED = fetched(None, status=304)


def poll(
    state: FeedState,
    result: Fetched | FeedError,
    *,
    seen: dict[str, str] | None = None,
    now: datetime = NOW,
    feed: Feed = FEED,
) -> PollConclusion:
    found = NOTHING_READ
    if isinstance(result, Fetched):
        try:
            found = read(feed, state, result, now=now)
        except NotAFeed as error:
            result = error
    return conclude(
        feed,
        state,
        result,
        found,
        seen=seen or {},
        now=now,
        jitter=0.0,
    )


def test_the_first_fetch_pages_nobody_and_the_second_is_live() -> None:
    first = poll(FeedState(), fetched(rss(BRIDGE)))
    assert [report.arrival for report in first.new] == [Arrival.FIRST_FETCH]
    assert first.state.first_fetched_at == NOW
    assert first.state.health is FeedHealth.OK
    second = poll(first.state, fetched(rss(TUNNEL, BRIDGE)), seen=dict(first.remember))
    assert [(report.title, report.arrival) for report in second.new] == [
        ("Tunnel closed", Arrival.LIVE)
    ]
    assert second.counts == {"polled": 2, "new": 1, "unchanged": 1, "duplicate": 0, "rejected": 0}
    assert second.state.first_fetched_at == NOW


def test_a_failed_first_poll_is_no_first_fetch() -> None:
    failed = poll(FeedState(), ConnectionLost("outlet.example", "refused"))
    assert failed.state.first_fetched_at is None
    assert poll(failed.state, fetched(rss(BRIDGE))).new[0].arrival is Arrival.FIRST_FETCH


def test_an_empty_first_document_counts_as_first_fetch() -> None:
    empty = poll(FeedState(), fetched(rss()))
    assert empty.state.health is FeedHealth.EMPTY
    assert poll(empty.state, fetched(rss(BRIDGE))).new[0].arrival is Arrival.LIVE


def test_an_empty_feed_is_told_as_such_until_it_is_not() -> None:
    empty = poll(FeedState(), fetched(rss()))
    again = poll(empty.state, fetched(rss()))
    assert again.state.health is FeedHealth.EMPTY
    assert again.state.health_reason == empty.state.health_reason, (
        "it is told for as long as it is so"
    )
    full = poll(again.state, fetched(rss(BRIDGE)))
    gone = poll(full.state, EmptyBody())
    assert poll(gone.state, fetched(rss(BRIDGE))).state.health is FeedHealth.UNCHANGED


def test_a_changed_address_is_a_first_fetch_without_old_validators() -> None:
    known = poll(FeedState(), fetched(rss(BRIDGE))).state
    moved = FEED.model_copy(update={"url": "http://other.example/feed"})
    assert validators_for(known, moved.url, NOW) == Validators()
    assert poll(known, fetched(rss(TUNNEL)), feed=moved).new[0].arrival is Arrival.FIRST_FETCH


def test_304_and_the_same_body_are_unchanged() -> None:
    known = poll(FeedState(), fetched(rss(BRIDGE))).state
    for result in (NOT_MODIFIED, fetched(rss(BRIDGE))):
        again = poll(known, result)
        assert again.counts == {
            "polled": 0,
            "new": 0,
            "unchanged": 0,
            "duplicate": 0,
            "rejected": 0,
        }
        assert again.state.health is FeedHealth.UNCHANGED
        assert again.state.body_hash == known.body_hash


def test_an_edited_entry_is_new() -> None:
    first = poll(FeedState(), fetched(rss(BRIDGE)))
    edited = poll(
        first.state, fetched(rss(("Bridge shut again", BRIDGE[1]))), seen=dict(first.remember)
    )
    assert len(edited.new) == 1
    assert edited.new[0].entry == first.new[0].entry
    assert edited.remember != first.remember


def test_a_304_never_clears_a_failure_and_a_document_does() -> None:
    good = poll(FeedState(), fetched(rss(BRIDGE))).state
    broken = poll(good, fetched(b"<html><head><title>Oops</title></head></html>")).state
    assert (broken.health, broken.failures) == (FeedHealth.NOT_A_FEED, 1)
    assert broken.body_hash == good.body_hash
    assert validators_for(broken, FEED.url, NOW) == Validators()
    still = poll(broken, NOT_MODIFIED).state
    assert (still.health, still.failures, still.health_reason) == (
        broken.health,
        broken.failures,
        broken.health_reason,
    )
    mended = poll(still, fetched(rss(BRIDGE))).state
    assert (mended.health, mended.failures) == (FeedHealth.UNCHANGED, 0)
    assert mended.next_poll_at == NOW + FEED_INTERVAL


def test_a_failure_is_said_as_exactly_as_it_is_known() -> None:
    good = poll(FeedState(), fetched(rss(BRIDGE))).state
    missing = poll(good, HttpError("outlet.example", 404)).state
    walled = poll(missing, BotWall("Cloudflare")).state
    lost = poll(walled, ConnectionLost("outlet.example", "refused")).state
    well = poll(lost, fetched(rss(BRIDGE))).state
    said = [state.words for state in (good, missing, walled, lost, well)]
    assert said == ["ok", "HTTP 404", "bot wall (Cloudflare)", "connection", "unchanged"]


def test_failures_back_off_to_a_day_and_say_why() -> None:
    state, waits = FeedState(), []
    for _ in range(12):
        state = poll(state, ConnectionLost("outlet.example", "refused")).state
        assert state.next_poll_at is not None
        waits.append(state.next_poll_at - NOW)
    assert waits[:3] == [timedelta(minutes=20), timedelta(minutes=40), timedelta(minutes=80)]
    assert waits[-1] == timedelta(days=1)
    assert state.health is FeedHealth.CONNECTION
    assert "refused" in state.health_reason
    assert state.health_hint
    assert state.failures == 12


def test_retry_after_is_honoured() -> None:
    soon = poll(FeedState(), RateLimited("h", 429, timedelta(seconds=30))).state
    late = poll(FeedState(), RateLimited("h", 429, timedelta(hours=2))).state
    assert soon.next_poll_at == NOW + timedelta(minutes=10)
    assert late.next_poll_at == NOW + timedelta(hours=2)


def test_a_wish_for_patience_that_is_repeated_was_too_small() -> None:
    state, waits = FeedState(), []
    for _ in range(12):
        state = poll(state, RateLimited("h", 429, timedelta(seconds=1))).state
        assert state.next_poll_at is not None
        waits.append(state.next_poll_at - NOW)
    assert waits[:3] == [timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=40)]
    assert waits[-1] == timedelta(days=1)


def test_a_gone_feed_is_asked_once_a_day() -> None:
    state = poll(FeedState(), Gone("h")).state
    assert (state.health, state.next_poll_at) == (FeedHealth.GONE, NOW + timedelta(days=1))


def test_a_quiet_feed_is_frozen_not_broken() -> None:
    state = poll(FeedState(), fetched(rss(BRIDGE))).state
    state = poll(state, fetched(rss(TUNNEL, BRIDGE)), now=NOW + timedelta(hours=1)).state
    quiet = poll(state, NOT_MODIFIED, now=NOW + timedelta(days=2)).state
    assert quiet.health is FeedHealth.UNCHANGED
    frozen = poll(state, NOT_MODIFIED, now=NOW + timedelta(days=4)).state
    assert frozen.health is FeedHealth.FROZEN
    assert not frozen.health.is_failure
    assert "2026-03-03" in frozen.health_reason


def test_health_since_tells_when_it_changed() -> None:
    first = poll(FeedState(), ConnectionLost("h", "refused")).state
    later = poll(first, ConnectionLost("h", "refused"), now=NOW + timedelta(hours=1)).state
    assert later.health_since == NOW


def test_an_error_without_health_is_ours() -> None:
    state = poll(FeedState(), FeedError("surprise")).state
    assert state.health is FeedHealth.INTERNAL


def test_a_clock_that_was_set_back_leaves_a_state_that_can_be_read() -> None:
    state = poll(FeedState(), fetched(rss(BRIDGE))).state
    back = poll(state, fetched(rss(TUNNEL, BRIDGE)), now=NOW - timedelta(hours=1)).state
    assert FeedState.model_validate_json(back.to_bytes()) == back


def test_state_survives_its_json() -> None:
    state = poll(FeedState(), fetched(rss(BRIDGE), etag='W/"\xe9"')).state
    assert FeedState.model_validate_json(state.to_bytes()) == state


@pytest.mark.parametrize("jitter", [0.0, 0.5, 0.999])
@pytest.mark.parametrize("failures", [0, 1, 5, 1_000])
def test_the_next_poll_is_never_early_and_never_beyond_bounds(failures: int, jitter: float) -> None:
    wait = next_poll(FEED_INTERVAL, now=NOW, jitter=jitter, failures=failures) - NOW
    assert FEED_INTERVAL <= wait <= timedelta(days=1) * 1.1


def test_a_long_interval_is_not_shortened_by_failing() -> None:
    assert next_poll(timedelta(days=7), now=NOW, jitter=0, failures=3) - NOW == timedelta(days=7)


def test_what_was_not_read_is_told_in_words() -> None:
    many = rss(*((f"Story {i}", f"http://outlet.example/{i}") for i in range(2_300)))
    done = poll(FeedState(), fetched(many))
    assert done.words == "2000 new, 300 rejected, 300 entries not read: more than 2,000 entries"
    assert done.counts["polled"] == 2_300


def test_an_edit_that_is_taken_back_is_new_under_an_id_of_its_own() -> None:
    state, seen, ids = FeedState(), dict[str, str](), []
    for title in ("Two dead", "Twelve dead", "Two dead", "Two dead"):
        done = poll(state, fetched(rss((title, BRIDGE[1]))), seen=seen)
        state, seen = done.state, seen | dict(done.remember)
        ids += [report.id for report in done.new]
    assert len(set(ids)) == len(ids) == 3
