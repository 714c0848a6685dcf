"""Routing: each muter holds what it should, says why, and the order of reasons is fixed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.alerts.muters import Situation, passed
from nightdesk.alerts.routing import delivery_id, plan, route
from schemas import (
    AlertKind,
    AtomReceiver,
    ConsoleReceiver,
    DeliveryState,
    Matcher,
    Silence,
    Subscription,
)
from tests.support.alerting import NOON, make_alert, make_feed_alert, make_subscription


def reasons(subscription: Subscription, alert=None, tags=(), silences=()) -> list[tuple[bool, str]]:
    rows = route(alert or make_alert(), tags, [subscription], Situation(NOON, silences))
    return [(row.send, row.reason) for row in rows]


def make_silence(**changes) -> Silence:
    values = {
        "id": "maintenance",
        "matchers": (Matcher(label="storyline", value="patrol-denial"),),
        "starts_at": NOON - timedelta(hours=1),
        "ends_at": NOON + timedelta(hours=1),
        "author": "Ines",
        "comment": "known since noon",
    }
    return Silence(**(values | changes))


def test_one_row_for_each_receiver_in_the_order_declared():
    first = make_subscription("a", receivers=(ConsoleReceiver(), AtomReceiver()))
    second = make_subscription("b")
    rows = route(make_alert(), (), [first, second], Situation(NOON))
    assert [(row.subscription, row.receiver, row.channel, row.send) for row in rows] == [
        ("a", "console", "console", True),
        ("a", "atom", "atom", True),
        ("b", "webhook", "webhook", True),
    ]


@pytest.mark.parametrize(
    ("selector", "tags", "words"),
    [
        ({}, (), "all storylines"),
        ({"storylines": ("patrol-denial",)}, (), "names storyline patrol-denial"),
        ({"tags": ("navy", "east")}, ("east",), "takes tag east"),
        ({"storylines": ("other",), "tags": ("east",)}, ("east",), "takes tag east"),
    ],
)
def test_a_selector_takes_named_storylines_or_tags_or_all(selector, tags, words):
    ((send, reason),) = reasons(make_subscription(**selector), tags=tags)
    assert send
    assert words in reason


@pytest.mark.parametrize("selector", [{"storylines": ("other",)}, {"tags": ("east",)}])
def test_what_a_selector_does_not_take_has_no_row(selector):
    assert reasons(make_subscription(**selector), tags=("west",)) == []
    assert reasons(make_subscription(enabled=False, **selector), tags=("west",)) == []


def test_a_disabled_subscription_is_held():
    assert reasons(make_subscription(enabled=False)) == [(False, "the subscription is disabled")]


def test_what_no_live_report_took_part_in_never_pages():
    ((send, reason),) = reasons(make_subscription(), make_alert(pages=False))
    assert not send
    assert "never pages" in reason


def test_a_silence_holds_and_says_who_until_when_and_why():
    assert reasons(make_subscription(), silences=(make_silence(),)) == [
        (False, "silence maintenance by Ines until 2024-05-17 13:00 UTC: known since noon")
    ]


def test_the_first_silence_that_matches_is_named():
    other = make_silence(id="other", matchers=(Matcher(label="storyline", value="else"),))
    ((_, reason),) = reasons(
        make_subscription(), silences=(other, make_silence(), make_silence(id="z"))
    )
    assert reason.startswith("silence maintenance")


def test_too_few_sources_are_held_until_enough_tell_it():
    subscription = make_subscription(min_sources=2)
    assert reasons(subscription) == [
        (False, "1 independent source so far, the subscription waits for 2")
    ]
    grown = make_alert(sources=("A", "B"), kind=AlertKind.GROWN, sequence=2)
    assert reasons(subscription, grown)[0][0]


def test_unwanted_kinds_are_held_by_name():
    subscription = make_subscription(kinds=(AlertKind.NEW_DEVELOPMENT,))
    revised = make_alert(kind=AlertKind.REVISION, sequence=2)
    assert reasons(subscription, revised) == [
        (False, "the subscription does not take kind revision, only new_development")
    ]
    assert reasons(subscription)[0][0]


def test_who_takes_developments_alone_is_spared_more_of_the_same():
    subscription = make_subscription(kinds=(AlertKind.NEW_DEVELOPMENT, AlertKind.GROWN))
    same = make_alert(sources=("A", "B"), kind=AlertKind.MORE_OF_THE_SAME, sequence=2)
    assert reasons(subscription, same) == [
        (
            False,
            "the subscription does not take kind more_of_the_same, only new_development, grown",
        )
    ]


@pytest.mark.parametrize("kind", [AlertKind.GROWN, AlertKind.MORE_OF_THE_SAME])
def test_the_second_source_counts_though_it_adds_nothing(kind: AlertKind) -> None:
    subscription = make_subscription(kinds=(AlertKind.NEW_DEVELOPMENT,), min_sources=2)
    assert reasons(subscription, make_alert(sources=("A", "B"), kind=kind, sequence=2))[0][0]


def test_who_waits_for_two_sources_and_takes_only_new_developments_is_told_at_the_second():
    subscription = make_subscription(kinds=(AlertKind.NEW_DEVELOPMENT,), min_sources=2)
    told = [
        reasons(subscription, make_alert(sources=sources, kind=kind, sequence=number))[0][0]
        for number, (kind, sources) in enumerate(
            [
                (AlertKind.NEW_DEVELOPMENT, ("A",)),
                (AlertKind.GROWN, ("A", "B")),
                (AlertKind.GROWN, ("A", "B", "C")),
            ],
            start=1,
        )
    ]
    assert told == [False, True, False]


@pytest.mark.parametrize(
    ("kinds", "also", "is_told"),
    [
        ((AlertKind.GROWN,), (AlertKind.GROWN,), True),
        ((AlertKind.GROWN,), (AlertKind.MORE_OF_THE_SAME,), False),
        ((AlertKind.SURGE,), (AlertKind.GROWN,), True),
        ((AlertKind.REVISION,), (AlertKind.GROWN,), False),
    ],
)
def test_a_surge_is_told_also_for_what_came_with_it(kinds, also, is_told):
    surge = make_alert(kind=AlertKind.SURGE, also=also, sequence=4)
    assert reasons(make_subscription(kinds=kinds), surge)[0][0] is is_told


def test_a_source_that_is_waited_for_may_come_with_a_surge():
    subscription = make_subscription(kinds=(AlertKind.NEW_DEVELOPMENT,), min_sources=2)
    surge = make_alert(kind=AlertKind.SURGE, sources=("A", "B"), sources_before=1, sequence=4)
    assert reasons(subscription, surge)[0][0]
    again = make_alert(kind=AlertKind.SURGE, sources=("A", "B"), sources_before=2, sequence=5)
    assert not reasons(subscription, again)[0][0]


def test_the_earliest_stage_gives_the_reason():
    everything = make_subscription(enabled=False, min_sources=9, kinds=(AlertKind.REVISION,))
    alert = make_alert(pages=False)
    expected = ["disabled", "never pages", "silence", "waits for 9", "does not take kind"]
    for number, words in enumerate(expected):
        subscription = everything.model_copy(
            update={"enabled": number > 0, "min_sources": 1 if number > 3 else 9}
        )
        subject = alert.model_copy(update={"pages": number > 1})
        silences = () if number > 2 else (make_silence(),)
        assert words in reasons(subscription, subject, silences=silences)[0][1]


def test_the_delivery_id_is_a_function_of_content():
    alert = make_alert()
    row = route(alert, (), [make_subscription()], Situation(NOON))[0]
    delivery = plan(alert, row, now=NOON)
    assert delivery.id == delivery_id(alert.id, 1, "desk", "webhook")
    assert delivery.state is DeliveryState.PENDING
    later = plan(alert, row, now=NOON + timedelta(hours=9))
    assert later.id == delivery.id
    others = {
        delivery_id("other", 1, "desk", "webhook"),
        delivery_id(alert.id, 2, "desk", "webhook"),
        delivery_id(alert.id, 1, "night", "webhook"),
        delivery_id(alert.id, 1, "desk", "console"),
    }
    assert len(others | {delivery.id}) == 5


def test_a_held_row_becomes_a_suppressed_delivery_with_its_reason():
    alert = make_alert(pages=False)
    row = route(alert, (), [make_subscription()], Situation(NOON))[0]
    delivery = plan(alert, row, now=NOON)
    assert delivery.state is DeliveryState.SUPPRESSED
    assert "never pages" in delivery.reason
    assert delivery.held_by == "unpaged"
    assert passed(delivery.held_by) == ["disabled"]


def test_what_is_told_has_passed_every_rule_and_none_has_two_names():
    row = route(make_alert(), (), [make_subscription()], Situation(NOON))[0]
    assert (row.send, row.held_by) == (True, "")
    assert len(set(passed())) == len(passed()) == 11


BROKEN, QUIET = AlertKind.FEED_BROKEN, AlertKind.FEED_QUIET


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({}, None),
        ({"tags": ("ports",)}, None),
        ({"kinds": (AlertKind.GROWN,), "feeds": ("harbour-post",)}, None),
        ({"kinds": (BROKEN,)}, "takes all feeds"),
        ({"kinds": (BROKEN,), "storylines": ("patrol-denial",)}, "takes all feeds"),
        ({"kinds": (BROKEN, QUIET), "feeds": ("harbour-post",)}, "names feed harbour-post"),
        ({"feeds": ("other", "harbour-post")}, "names feed harbour-post"),
        ({"feeds": ("other",), "tags": ("ports",)}, "takes tag ports"),
        ({"kinds": (BROKEN,), "tags": ("ports",)}, "takes tag ports"),
        ({"kinds": (BROKEN,), "tags": ("navy",)}, None),
        ({"kinds": (BROKEN,), "feeds": ("other",)}, None),
        ({"kinds": (BROKEN,), "min_sources": 3}, "takes all feeds"),
    ],
)
def test_alerts_of_feeds_go_to_those_who_ask_for_them(declared, words):
    rows = reasons(make_subscription(**declared), make_feed_alert(), tags=("ports",))
    assert bool(rows) is (words is not None)
    assert all(send and words in reason for send, reason in rows)


@pytest.mark.parametrize(
    ("declared", "takes"),
    [
        ({"feeds": ("harbour-post",)}, False),
        ({"kinds": (BROKEN,)}, False),
        ({"feeds": ("harbour-post",), "tags": ("east",)}, True),
        ({"feeds": ("harbour-post",), "storylines": ("patrol-denial",)}, True),
        ({"feeds": ("harbour-post",), "kinds": (BROKEN, AlertKind.NEW_DEVELOPMENT)}, True),
    ],
)
def test_who_asks_for_feeds_alone_is_told_of_no_storyline(declared, takes):
    assert bool(reasons(make_subscription(**declared), tags=("east",))) is takes


def test_a_kind_of_feed_that_is_not_taken_is_held_and_says_so():
    ((send, reason),) = reasons(make_subscription(kinds=(QUIET,)), make_feed_alert())
    assert not send
    assert "does not take kind feed_broken" in reason


def test_an_outage_concerns_those_whose_feeds_are_in_it_and_one_of_the_network_all():
    mine = make_subscription(feeds=("a",))
    host = make_feed_alert(scope="host", feeds=("a", "b"))
    assert reasons(mine, host) == [(True, "the subscription names feed a")]
    assert reasons(make_subscription(feeds=("c",)), host) == []
    network = make_feed_alert(scope="network", feeds=("b",))
    assert reasons(mine, network) == [(True, "the subscription takes feeds, and most of all fail")]
    assert reasons(make_subscription(), network) == []


@pytest.mark.parametrize(
    ("label", "value", "holds"),
    [
        ("feed", "harbour-post", True),
        ("feed", "other", False),
        ("kind", "feed_broken", True),
        ("kind", "feed_quiet", False),
        ("source", "Harbour Post", False),
        ("storyline", "harbour-post", False),
        ("subscription", "desk", True),
    ],
)
def test_silences_match_alerts_of_feeds(label, value, holds):
    silence = make_silence(matchers=(Matcher(label=label, value=value),))
    ((send, reason),) = reasons(
        make_subscription(kinds=(BROKEN,)), make_feed_alert(), silences=(silence,)
    )
    assert send is not holds
    assert ("known since noon" in reason) is holds


def test_a_silenced_feed_hides_no_outage_of_several():
    silence = make_silence(matchers=(Matcher(label="feed", value="a"),))
    outage = make_feed_alert(scope="host", feeds=("a", "b"))
    ((send, _),) = reasons(make_subscription(feeds=("a",)), outage, silences=(silence,))
    assert send
