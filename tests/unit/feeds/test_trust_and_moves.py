"""Servers that say "not modified" though it was; feeds that are redirected for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nightdesk.feeds.errors import BotWall, ConnectionLost, Gone
from nightdesk.feeds.fetched import Fetched, Redirect, Validators
from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.moves import FAILED_TOO_OFTEN, SEEN_OFTEN_ENOUGH
from nightdesk.feeds.poll import NOTHING_READ, PollConclusion, conclude, read
from nightdesk.feeds.schedule import PAUSE
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.trust import DISTRUST, PROBE_AFTER, validators_for
from schemas import Arrival, Feed

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEED = Feed(id="f", url="http://outlet.example/feed", source="Outlet")
NEW_HOME = "https://new.example/feed"


class Desk:
    """Polls one feed on a clock of its own, remembering what the archive would."""

    def __init__(self, feed: Feed = FEED) -> None:
        self.feed, self.state, self.now = feed, FeedState(), NOW
        self.seen: dict[str, str] = {}

    def poll(self, answer: Any, after: timedelta = timedelta(0)) -> PollConclusion:
        self.now += after
        found = NOTHING_READ
        if isinstance(answer, Fetched):
            found = read(self.feed, self.state, answer, now=self.now)
        done = conclude(
            self.feed,
            self.state,
            answer,
            found,
            seen=self.seen,
            now=self.now,
            jitter=0.0,
        )
        self.state = done.state
        self.seen |= dict(done.remember)
        return done

    @property
    def sends(self) -> Validators:
        return validators_for(self.state, self.feed.url, self.now)


def document(*entries: tuple[str, datetime], etag: str = '"1"', asked: bool = False) -> Fetched:
    items = "".join(
        f"<item><guid>{title}</guid><title>{title}</title>"
        f"<pubDate>{when:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for title, when in entries
    )
    body = f"<rss version='2.0'><channel><ttl>5</ttl>{items}</channel></rss>".encode()
    return Fetched(
        200,
        FEED.url,
        body,
        validators=Validators(etag),
        body_hash=str(hash(body)),
        conditional=asked,
    )


NOT_MODIFIED = Fetched(304, FEED.url, None, validators=Validators('"1"'), conditional=True)
FIRST = ("Bridge reopened", NOW - DAY)


def test_a_document_is_asked_for_now_and_then() -> None:
    desk = Desk()
    desk.poll(document(FIRST))
    assert desk.sends == Validators('"1"')
    desk.poll(NOT_MODIFIED, HOUR)
    assert desk.sends == Validators('"1"')
    desk.now += PROBE_AFTER
    assert desk.sends == Validators()
    desk.poll(document(FIRST))
    assert desk.sends == Validators('"1"'), "it was as the server said"
    assert desk.state.lies == 0


@pytest.mark.parametrize("etag", ['"1"', '"2"'])
def test_a_lie_is_found_remembered_and_forgiven(etag: str) -> None:
    desk = Desk()
    desk.poll(document(FIRST))
    for _ in range(13):
        desk.poll(NOT_MODIFIED, HOUR)
    missed = [(f"Story {n}", NOW + n * HOUR) for n in range(1, 9)]
    found = desk.poll(document(FIRST, *missed, etag=etag))
    assert len(found.new) == 8
    assert (desk.state.lied_at, desk.state.lies) == (desk.now, 1)
    assert desk.sends == Validators()
    desk.now += DISTRUST
    assert desk.sends == Validators(etag)


def test_an_honest_server_is_not_called_a_liar() -> None:
    desk = Desk()
    desk.poll(document(FIRST))
    desk.poll(NOT_MODIFIED, 13 * HOUR)
    fresh = ("Just in", desk.now + timedelta(minutes=10))
    backdated = ("Begun yesterday", NOW - HOUR)
    desk.poll(document(FIRST, fresh, backdated, etag='"2"'), timedelta(minutes=15))
    assert desk.state.lies == 0
    desk.poll(document(FIRST, ("Asked", NOW), etag='"2"', asked=True), HOUR)
    assert desk.state.lies == 0


def moved(status: int = 301, to: str = NEW_HOME, *, body: Fetched | None = None) -> Fetched:
    return replace(body or document(FIRST), url=to, redirects=(Redirect(status, to),))


def test_a_redirect_for_good_is_followed_for_good_once_it_is_beyond_doubt() -> None:
    desk = Desk()
    for _ in range(SEEN_OFTEN_ENOUGH + 3):
        desk.poll(moved(), HOUR)
    assert desk.state.address_of(FEED.url) == FEED.url, "a day has not passed"
    desk.poll(moved(), DAY)
    assert desk.state.address_of(FEED.url) == NEW_HOME
    assert desk.state.moved_at == desk.now
    done = desk.poll(replace(document(FIRST, ("More", desk.now)), url=NEW_HOME), HOUR)
    assert [one.title for one in done.new] == ["More"]
    assert desk.state.address_of("http://elsewhere.example/") == "http://elsewhere.example/"


@pytest.mark.parametrize(
    "answers",
    [
        [moved(302)] * 20,
        [moved(301), moved(301, "https://hotel.example/login")] * 10,
        [moved(301), document(FIRST)] * 10,
        [replace(moved(301), redirects=(Redirect(301, "x"), Redirect(302, NEW_HOME)))] * 20,
    ],
)
def test_any_other_redirect_is_not(answers: list[Fetched]) -> None:
    desk = Desk()
    for answer in answers:
        desk.poll(answer, 6 * HOUR)
    assert desk.state.address == ""


def test_no_move_gives_up_a_secure_connection() -> None:
    desk = Desk(FEED.model_copy(update={"url": "https://outlet.example/feed"}))
    for _ in range(20):
        desk.poll(moved(301, "http://new.example/feed"), 6 * HOUR)
    assert desk.state.address == ""


def test_a_new_address_that_fails_is_given_up() -> None:
    desk = Desk()
    for _ in range(20):
        desk.poll(moved(), 6 * HOUR)
    for _ in range(FAILED_TOO_OFTEN):
        assert desk.state.address == NEW_HOME
        desk.poll(ConnectionLost("new.example", "refused"), HOUR)
    assert desk.state.address_of(FEED.url) == FEED.url


def test_a_feed_that_is_gone_is_paused_and_asked_again() -> None:
    desk = Desk()
    waits = []
    for _ in range(4):
        desk.poll(Gone("outlet.example"), DAY)
        assert desk.state.next_poll_at is not None
        waits.append(desk.state.next_poll_at - desk.now)
    assert waits == [DAY, DAY, PAUSE, PAUSE]
    desk.poll(document(FIRST), DAY)
    assert desk.state.health is FeedHealth.OK
    assert desk.state.next_poll_at is not None
    assert desk.state.next_poll_at - desk.now < 3 * HOUR


def test_a_feed_that_is_gone_from_where_it_moved_is_asked_for_at_its_own_address_soon() -> None:
    desk = Desk()
    for _ in range(20):
        desk.poll(moved(), 6 * HOUR)
    for _ in range(FAILED_TOO_OFTEN):
        desk.poll(Gone("new.example"), DAY)
    assert desk.state.address_of(FEED.url) == FEED.url
    assert desk.state.next_poll_at == desk.now + DAY
    desk.poll(Gone("outlet.example"), DAY)
    assert desk.state.next_poll_at == desk.now + PAUSE


def test_a_bot_wall_that_asks_for_patience_gets_it() -> None:
    desk = Desk()
    desk.poll(BotWall("Cloudflare", 9 * HOUR))
    assert desk.state.next_poll_at == desk.now + 9 * HOUR
    for _ in range(9):
        desk.poll(BotWall("Cloudflare", timedelta(seconds=1)), DAY)
    assert desk.state.next_poll_at == desk.now + DAY, "it backs off as ever"


def test_a_new_declaration_forgets_what_was_learned_at_the_old_address() -> None:
    desk = Desk()
    for _ in range(20):
        desk.poll(moved(), 6 * HOUR)
    desk.feed = FEED.model_copy(update={"url": "http://third.example/feed"})
    desk.poll(replace(document(FIRST), url=desk.feed.url), HOUR)
    assert (desk.state.address, desk.state.url) == ("", desk.feed.url)
    assert desk.state.first_fetched_at == desk.now
    assert desk.state.ttl_seconds == 300


def test_after_a_long_gap_what_is_old_pages_nobody() -> None:
    desk = Desk()
    desk.poll(document(FIRST))
    then = desk.now + 20 * HOUR
    missed, fresh = ("Missed", then - 9 * HOUR), ("Just in", then - HOUR)
    desk.now = then - HOUR
    desk.poll(ConnectionLost("outlet.example", "refused"))
    found = desk.poll(document(FIRST, missed, fresh), HOUR)
    assert {one.title: one.arrival for one in found.new} == {
        "Missed": Arrival.BACKFILL,
        "Just in": Arrival.LIVE,
    }
    late = ("Late", desk.now - 9 * HOUR)
    found = desk.poll(document(FIRST, missed, fresh, late), HOUR)
    assert [one.arrival for one in found.new] == [Arrival.LIVE], "there was no gap"
