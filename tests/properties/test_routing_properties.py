"""Routing, whatever is declared: rows are complete, ordered, explained, and depend on nothing else."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.alerts.routing import plan, route, selected_by
from schemas import (
    AlertKind,
    AtomReceiver,
    ConsoleReceiver,
    DeliveryState,
    Matcher,
    Silence,
    Subscription,
)
from tests.support.alerting import NOON, make_alert, make_webhook

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
        st.sampled_from(["storyline", "kind", "subscription", "source"]),
        names,
        hours,
        st.integers(1, 4),
    ),
    max_size=3,
)
alerts = st.builds(
    lambda storyline, kind, sources, pages, sequence: make_alert(
        storyline=storyline, kind=kind, sources=sources, pages=pages, sequence=sequence
    ),
    names,
    st.sampled_from(AlertKind),
    st.lists(names, min_size=1, max_size=4),
    st.booleans(),
    st.integers(1, 9),
)


@settings(max_examples=150, deadline=None)
@given(alert=alerts, tags=st.sets(names), declared=subscriptions, quiet=silences)
def test_every_selected_receiver_has_exactly_one_explained_row(alert, tags, declared, quiet):
    rows = route(alert, tags, declared, quiet, now=NOON)
    expected = [
        (subscription.id, receiver.name)
        for subscription in declared
        if selected_by(subscription, alert.storyline, tags) is not None
        for receiver in subscription.receivers
    ]
    assert [(row.subscription, row.receiver) for row in rows] == expected
    assert all(row.reason for row in rows)
    assert rows == route(alert, tags, declared, quiet, now=NOON)
    deliveries = [plan(alert, row, now=NOON) for row in rows]
    assert len({delivery.id for delivery in deliveries}) == len(rows)
    for row, delivery in zip(rows, deliveries, strict=True):
        assert (delivery.state is DeliveryState.PENDING) == row.send


@settings(max_examples=100, deadline=None)
@given(alert=alerts, tags=st.sets(names), declared=subscriptions, quiet=silences)
def test_a_subscription_is_routed_alone_as_beside_others(alert, tags, declared, quiet):
    together = route(alert, tags, declared, quiet, now=NOON)
    alone = [row for one in declared for row in route(alert, tags, [one], quiet, now=NOON)]
    assert list(together) == alone


@settings(max_examples=100, deadline=None)
@given(alert=alerts, tags=st.sets(names), declared=subscriptions, quiet=silences)
def test_nothing_is_sent_that_no_live_report_took_part_in_and_silences_only_hold(
    alert, tags, declared, quiet
):
    replayed = alert.model_copy(update={"pages": False})
    assert not any(row.send for row in route(replayed, tags, declared, quiet, now=NOON))
    loud = {
        (row.subscription, row.receiver)
        for row in route(alert, tags, declared, (), now=NOON)
        if row.send
    }
    silenced = {
        (row.subscription, row.receiver)
        for row in route(alert, tags, declared, quiet, now=NOON)
        if row.send
    }
    assert silenced <= loud
