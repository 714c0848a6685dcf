"""Routing, whatever is declared: rows are complete, ordered, explained, and depend on nothing else."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.alerts.muters import Situation
from nightdesk.alerts.routing import plan, route, selected_by
from nightdesk.alerts.selection import Selection
from schemas import (
    AlertKind,
    AtomReceiver,
    ConsoleReceiver,
    DeliveryState,
    Matcher,
    Silence,
    Subscription,
)
from tests.support.alerting import NOON, make_alert, make_feed_alert, make_webhook

names = st.sampled_from(["a", "b", "c"])
hours = st.integers(-3, 3).map(lambda number: timedelta(hours=number))
receivers = st.lists(
    st.sampled_from([ConsoleReceiver(), AtomReceiver(), make_webhook()]),
    min_size=1,
    unique_by=lambda receiver: receiver.name,
).map(tuple)
subscriptions = st.lists(
    st.builds(
        Subscription,
        id=names,
        feeds=st.lists(names, max_size=2).map(tuple),
        storylines=st.lists(names, max_size=2).map(tuple),
        tags=st.lists(names, max_size=2).map(tuple),
        kinds=st.lists(st.sampled_from(AlertKind), max_size=2).map(tuple),
        min_sources=st.integers(1, 3),
        receivers=receivers,
        enabled=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda subscription: subscription.id,
)
silences = st.lists(
    st.builds(
        lambda label, value, start, length: Silence(
            id="s",
            matchers=(Matcher(label=label, value=value),),
            starts_at=NOON + start,
            ends_at=NOON + start + timedelta(hours=length),
            author="x",
            comment="y",
        ),
        st.sampled_from(["storyline", "kind", "subscription", "source", "feed"]),
        names,
        hours,
        st.integers(1, 4),
    ),
    max_size=3,
)
of_storylines = st.builds(
    lambda storyline, kind, sources, pages, sequence: make_alert(
        storyline=storyline, kind=kind, sources=sources, pages=pages, sequence=sequence
    ),
    names,
    st.sampled_from([kind for kind in AlertKind if kind.is_of_storylines]),
    st.lists(names, min_size=1, max_size=4),
    st.booleans(),
    st.integers(1, 9),
)
of_feeds = st.builds(
    lambda scope, feeds, kind, pages, sequence: make_feed_alert(
        scope=scope,
        feeds=sorted(feeds)[: 1 if scope == "feed" else None],
        kind=kind,
        pages=pages,
        sequence=sequence,
    ),
    st.sampled_from(["feed", "host", "network"]),
    st.sets(names, min_size=1),
    st.sampled_from([kind for kind in AlertKind if kind.is_of_feeds]),
    st.booleans(),
    st.integers(1, 9),
)
alerts = of_storylines | of_feeds


@settings(max_examples=150, deadline=None)
@given(alert=alerts, tags=st.sets(names), declared=subscriptions, quiet=silences)
def test_every_selected_receiver_has_exactly_one_explained_row(alert, tags, declared, quiet):
    rows = route(alert, tags, declared, Situation(NOON, quiet))
    expected = [
        (subscription.id, receiver.name)
        for subscription in declared
        if selected_by(subscription, alert, tags) is not None
        for receiver in subscription.receivers
    ]
    assert [(row.subscription, row.receiver) for row in rows] == expected
    assert all(row.reason for row in rows)
    assert rows == route(alert, tags, declared, Situation(NOON, quiet))
    deliveries = [plan(alert, row, now=NOON) for row in rows]
    assert len({delivery.id for delivery in deliveries}) == len(rows)
    for row, delivery in zip(rows, deliveries, strict=True):
        assert (delivery.state is DeliveryState.PENDING) == row.send


@settings(max_examples=100, deadline=None)
@given(alert=alerts, tags=st.sets(names), declared=subscriptions, quiet=silences)
def test_a_subscription_is_routed_alone_as_beside_others(alert, tags, declared, quiet):
    together = route(alert, tags, declared, Situation(NOON, quiet))
    alone = [row for one in declared for row in route(alert, tags, [one], Situation(NOON, quiet))]
    assert list(together) == alone


@settings(max_examples=100, deadline=None)
@given(alert=alerts, tags=st.sets(names), declared=subscriptions, quiet=silences)
def test_nothing_is_sent_that_no_live_report_took_part_in_and_silences_only_hold(
    alert, tags, declared, quiet
):
    replayed = alert.model_copy(update={"pages": False})
    assert not any(row.send for row in route(replayed, tags, declared, Situation(NOON, quiet)))
    loud = {
        (row.subscription, row.receiver)
        for row in route(alert, tags, declared, Situation(NOON))
        if row.send
    }
    silenced = {
        (row.subscription, row.receiver)
        for row in route(alert, tags, declared, Situation(NOON, quiet))
        if row.send
    }
    assert silenced <= loud


@settings(max_examples=100, deadline=None)
@given(alert=of_feeds, tags=st.sets(names), declared=subscriptions)
def test_nobody_is_told_of_feeds_who_did_not_ask(alert, tags, declared):
    told = {row.subscription for row in route(alert, tags, declared, Situation(NOON))}
    asked = {one.id for one in declared if one.feeds or any(k.is_of_feeds for k in one.kinds)}
    assert told <= asked


@settings(max_examples=150, deadline=None)
@given(alert=alerts, tags=st.sets(names), declared=subscriptions, quiet=silences)
def test_what_the_index_leaves_out_would_not_have_been_selected(alert, tags, declared, quiet):
    situation = Situation(NOON, quiet)
    found = Selection(declared).of(alert, tags)
    assert route(alert, tags, found, situation) == route(alert, tags, declared, situation)
