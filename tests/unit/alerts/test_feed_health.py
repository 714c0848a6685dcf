"""A feed's health is told once when it is really broken or quiet, again for another reason, and closed."""

from __future__ import annotations

from datetime import timedelta

from nightdesk.alerts.feed_health import FAILURES, LASTING, MOST_CAUSES, follow
from nightdesk.feeds.after import after_push
from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.state import FeedState
from nightdesk.settings import Settings
from schemas import AlertKind
from tests.support.feedhealth import FEED, THREE, PolledFeed

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


def test_one_failed_poll_or_two_tell_nothing_and_the_third_tells_why() -> None:
    feed = PolledFeed()
    for word in ("new", "503", "503"):
        assert feed.poll(word, QUARTER).alert is None
    alert = feed.poll("503", QUARTER).alert
    assert alert is not None
    assert (alert.kind, alert.sequence, alert.feed, alert.pages) == (
        AlertKind.FEED_BROKEN,
        1,
        FEED.id,
        True,
    )
    assert alert.title == "Harbour Post: ferries cannot be read"
    assert "503" in alert.reason
    trouble = alert.trouble
    assert trouble is not None
    assert (trouble.health, trouble.failures, trouble.feeds) == ("http_error", 3, (FEED.id,))
    assert trouble.since == alert.first_seen_at == THREE + 2 * QUARTER
    assert trouble.last_success_at == trouble.last_new_at == THREE + QUARTER
    assert trouble.hint


def test_the_setting_has_the_same_default() -> None:
    assert Settings.model_fields["feed_broken_after"].default == LASTING


def test_failures_that_come_fast_must_last() -> None:
    feed = PolledFeed(FEED.model_copy(update={"interval": timedelta(minutes=1)}))
    for _ in range(20):
        assert feed.poll("dns", timedelta(minutes=1)).alert is None
    assert feed.poll("dns", timedelta(minutes=1)).alert is not None


def test_a_new_feed_that_was_never_read_is_told_too() -> None:
    feed = PolledFeed()
    for _ in range(FAILURES):
        feed.poll("404", QUARTER)
    (alert,) = feed.told
    assert alert.trouble is not None
    assert alert.trouble.last_success_at is None


def test_a_feed_that_is_gone_is_told_at_the_second_poll() -> None:
    feed = PolledFeed()
    feed.poll("410")
    assert feed.poll("410", DAY).alert is not None


def test_nothing_is_repeated_while_the_reason_stays_or_comes_again() -> None:
    feed = PolledFeed()
    words = ["503"] * 6 + ["dns", "503", "dns", "404", "503", "dns", "404"]
    for word in words:
        feed.poll(word, QUARTER)
    assert [alert.sequence for alert in feed.told] == [1, 2, 3]
    assert len({alert.id for alert in feed.told}) == 1
    assert [alert.trouble.health for alert in feed.told if alert.trouble] == [
        "http_error",
        "dns",
        "http_error",
    ]
    assert "404" in feed.told[-1].reason


def test_it_recovers_once_and_a_304_after_a_failure_is_no_recovery() -> None:
    feed = PolledFeed()
    for word in ("new", "503", "503", "503", "not modified", "not modified"):
        feed.poll(word, QUARTER)
    assert feed.kinds() == ["feed_broken"]
    alert = feed.poll("same", QUARTER).alert
    assert alert is not None
    assert (alert.kind, alert.sequence, alert.id) == (
        AlertKind.FEED_RECOVERED,
        2,
        feed.told[0].id,
    )
    assert alert.trouble is not None
    assert alert.trouble.over_at == feed.now
    assert alert.trouble.since == feed.told[0].first_seen_at
    assert feed.poll("same", QUARTER).alert is None
    assert feed.state.told is None


def test_the_next_spell_is_another_alert() -> None:
    feed = PolledFeed()
    for word in ("503", "503", "503", "new", "503", "503", "503"):
        feed.poll(word, QUARTER)
    assert feed.kinds() == ["feed_broken", "feed_recovered", "feed_broken"]
    assert feed.told[2].id != feed.told[0].id
    assert feed.told[2].sequence == 1


def test_a_304_makes_no_feed_broken() -> None:
    feed = PolledFeed(FEED.model_copy(update={"interval": timedelta(minutes=1)}))
    for _ in range(3):
        feed.poll("503", timedelta(minutes=1))
    assert feed.poll("not modified", DAY).alert is None


def test_a_feed_that_brings_nothing_new_is_quiet_and_something_new_ends_it() -> None:
    feed = PolledFeed()
    for _ in range(3):
        feed.poll("new", timedelta(hours=1))
    last_new = feed.now
    feed.poll("same", 2 * DAY)
    assert feed.told == []
    for _ in range(3):
        feed.poll("same", DAY)
    (quiet,) = feed.told
    assert quiet.kind is AlertKind.FEED_QUIET
    assert quiet.title.endswith("has gone quiet")
    assert quiet.trouble is not None
    assert quiet.trouble.since == quiet.trouble.last_new_at == last_new
    assert quiet.trouble.last_success_at == quiet.raised_at
    feed.poll("503", QUARTER)
    feed.poll("same", QUARTER)
    assert feed.kinds() == ["feed_quiet"]
    feed.poll("new", QUARTER)
    assert feed.kinds() == ["feed_quiet", "feed_recovered"]


def test_a_push_ends_a_quiet_spell_and_no_failure() -> None:
    feed = PolledFeed()
    for word in ("new", "new"):
        feed.poll(word, timedelta(hours=1))
    feed.poll("same", 4 * DAY)
    report = feed.read_new()
    for failed, kinds in ((False, ["feed_recovered"]), (True, [])):
        before = feed.state.model_copy(update={"failures": 3 * failed})
        after = after_push(
            FEED, before, new=[report], trusted=False, due=feed.now, now=feed.now, jitter=0.0
        )
        alert = follow(FEED, before, after, now=feed.now).alert
        assert ([alert.kind.value] if alert else []) == kinds


def test_a_quiet_feed_that_breaks_is_the_same_alert_with_another_kind() -> None:
    feed = PolledFeed()
    for word in ("new", "new"):
        feed.poll(word, timedelta(hours=1))
    feed.poll("same", 4 * DAY)
    for word in ("503", "503", "503"):
        feed.poll(word, QUARTER)
    feed.poll("same", QUARTER)
    feed.poll("new", QUARTER)
    assert feed.kinds() == ["feed_quiet", "feed_broken", "feed_quiet", "feed_recovered"]
    assert [alert.sequence for alert in feed.told] == [1, 2, 3, 4]
    assert len({alert.id for alert in feed.told}) == 1


def test_ever_new_reasons_are_told_no_more_than_so_often() -> None:
    feed = PolledFeed()
    for _ in range(3):
        feed.poll("503", QUARTER)
    told = feed.state.told
    assert told is not None
    many = tuple(f"reason {number}" for number in range(MOST_CAUSES))
    feed.state = feed.state.model_copy(update={"told": told.model_copy(update={"causes": many})})
    assert feed.poll("dns", QUARTER).alert is None


def test_a_feed_that_failed_before_this_was_counted_is_told_at_its_next_failure() -> None:
    feed = PolledFeed()
    feed.state = FeedState(
        url=FEED.url, failures=9, health=FeedHealth.HTTP_ERROR, health_since=THREE - DAY, polls=40
    )
    (alert,) = [feed.poll("503", QUARTER).alert]
    assert alert is not None
    assert alert.first_seen_at == THREE - DAY


def test_a_feed_without_a_title_is_called_by_its_publisher_and_id() -> None:
    feed = PolledFeed(FEED.model_copy(update={"title": ""}))
    for _ in range(3):
        feed.poll("503", QUARTER)
    assert feed.told[0].title == "Harbour Post (harbour-post) cannot be read"
