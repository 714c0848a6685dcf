"""What holds alerts back for good: silences, mute times, alerts that stand, and what was retired."""

from __future__ import annotations

import pytest

from schemas import (
    AlertKind,
    AlertState,
    Feed,
    Inhibition,
    Matcher,
    Severity,
    Silence,
    TimeInterval,
    Times,
)
from schemas.delivery import DeliveryState as State
from tests.support.alerting import NOON, make_feed_alert, make_subscription
from tests.support.telling import HOUR, MINUTE, TellingDesk, change


@pytest.mark.parametrize("together", [False, True])
def test_the_end_of_what_nobody_told_them_is_not_told_either(archive, together):
    new, quiet = AlertKind.NEW_DEVELOPMENT, AlertKind.GONE_QUIET
    desk = TellingDesk(
        archive,
        make_subscription("told", kinds=(new, quiet)),
        make_subscription("silenced", kinds=(new, quiet)),
        make_subscription("waits", kinds=(new, quiet), group_wait=HOUR),
        make_subscription("ends", kinds=(quiet,)),
        Silence(
            id="briefing",
            matchers=(Matcher(label="subscription", value="silenced"),),
            starts_at=NOON - HOUR,
            ends_at=NOON + HOUR,
            author="Ines",
            comment="briefing",
        ),
    )
    first = change("a")
    last = change("a", 2, kind=quiet, state=AlertState.QUIET)
    if together:
        desk.declare(make_subscription("late", kinds=(new, quiet)))
        desk.raise_(first, last, now=NOON)
    else:
        desk.raise_(first, now=NOON)
        desk.look(NOON)
        desk.declare(make_subscription("late", kinds=(new, quiet)))
        desk.raise_(last, now=NOON + 2 * HOUR)
    ends = {one.subscription: one for one in desk.deliveries("a") if one.sequence == 2}
    states = {name: one.state for name, one in ends.items()}
    assert (states["told"], states["waits"], states["ends"]) == (
        State.PENDING,
        State.HELD,
        State.PENDING,
    )
    assert states["silenced"] is State.SUPPRESSED
    if not together:
        assert ends["silenced"].reason == "nothing of it was told, so its end is not told either"
        assert states["late"] is State.SUPPRESSED


def test_a_silence_that_begins_meanwhile_counts_and_so_does_a_retired_subscription(archive):
    desk = TellingDesk(
        archive,
        make_subscription(group_wait=HOUR),
        make_subscription("other", group_wait=HOUR),
    )
    desk.raise_(change("a"), now=NOON)
    desk.look(NOON)
    desk.declare(
        Silence(
            id="known",
            matchers=(Matcher(label="subscription", value="desk"),),
            starts_at=NOON + 10 * MINUTE,
            ends_at=NOON + 5 * HOUR,
            author="Ines",
            comment="known",
        )
    )
    desk.retire("subscription", "other")
    desk.look_until(NOON + HOUR)
    assert [(s, r) for _, s, r in desk.states("a")] == [
        (State.SUPPRESSED, "silence known by Ines until 2024-05-17 17:00 UTC: known"),
        (State.SUPPRESSED, "subscription other was retired while it waited"),
    ]
    assert desk.next_due() is None


def test_mute_times_hold_for_good(archive):
    lunch = TimeInterval(times=(Times(start="12:00", end="13:00"),), zone="UTC")
    desk = TellingDesk(archive, make_subscription(mute_times=(lunch,)))
    desk.raise_(change("a"), now=NOON)
    assert desk.states("a") == [(1, State.SUPPRESSED, "muted until 2024-05-17 13:00 UTC")]


def test_an_alert_that_stands_inhibits_others_as_the_rule_says(archive):
    rule = Inhibition(
        by=(Matcher(label="severity", value="critical"),),
        holds=(Matcher(label="severity", value="critical", is_not=True),),
        equal=("tag",),
    )
    desk = TellingDesk(archive, make_subscription(inhibit=(rule,)))
    grave = change("grave", severity=Severity.CRITICAL, title="The strait is closed")
    desk.raise_(grave, now=NOON)
    desk.raise_(change("small"), now=NOON + MINUTE)
    assert [state for _, state, _ in desk.states("grave")] == [State.PENDING]
    assert desk.states("small") == [
        (1, State.SUPPRESSED, "inhibited while “The strait is closed” (grave) stands")
    ]


def test_a_retired_feed_whose_alert_stands_inhibits_by_its_tags(archive):
    rule = Inhibition(
        by=(Matcher(label="tag", value="ports"),),
        holds=(Matcher(label="kind", value="new_development"),),
    )
    feed = Feed(id="harbour-post", url="https://harbour.example/", source="Post", tags=("ports",))
    desk = TellingDesk(archive, feed, make_subscription(inhibit=(rule,)))
    desk.raise_(make_feed_alert(feeds=("harbour-post",)), now=NOON)
    desk.retire("feed", "harbour-post")
    desk.raise_(change("a"), now=NOON)
    ((_, state, reason),) = desk.states("a")
    assert (state, reason[:15]) == (State.SUPPRESSED, "inhibited while")


def test_what_waits_keeps_the_tags_of_a_storyline_that_is_retired_meanwhile(archive):
    silence = Silence(
        id="east",
        matchers=(Matcher(label="tag", value="east"),),
        starts_at=NOON + MINUTE,
        ends_at=NOON + HOUR,
        author="Mara",
        comment="known",
    )
    desk = TellingDesk(archive, silence, make_subscription(group_wait=2 * MINUTE))
    desk.raise_(change("a"), now=NOON)
    desk.retire("storyline", "patrol-denial")
    desk.look_until(NOON + HOUR)
    ((_, state, reason),) = desk.states("a")
    assert (state, reason[:15]) == (State.SUPPRESSED, "silence east by")
