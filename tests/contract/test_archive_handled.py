"""What people do about alerts: snoozes and acknowledgements, what they hold, and what ends them."""

from __future__ import annotations

import pytest

from nightdesk.alerts import handling
from nightdesk.pipeline.handling import Wanted, act
from schemas import AlertKind, AlertState, Occasion
from schemas.delivery import DeliveryState as State
from tests.support.alerting import NOON, make_subscription
from tests.support.telling import HOUR, MINUTE, TellingDesk, change


@pytest.mark.parametrize("ends", ["time", "sources", "fact", "unsnoozed"])
def test_a_snoozed_alert_waits_for_its_time_or_for_what_is_new(archive, ends):
    desk = TellingDesk(archive, make_subscription())
    alert = change("a")
    desk.raise_(alert, now=NOON)
    given = {
        "time": {"until": NOON + 3 * HOUR},
        "sources": {"more_sources": 2, "until": NOON + 30 * HOUR},
        "fact": {"until_new_fact": True},
        "unsnoozed": {"until": NOON + 30 * HOUR},
    }[ends]
    desk.handle(alert, handling.snooze, NOON, of=(alert,), by="Ines", **given)
    more = AlertKind.MORE_OF_THE_SAME
    second = change("a", 2, kind=more, sources=("A", "B"), raised_at=NOON + HOUR)
    desk.raise_(second, now=NOON + HOUR)
    desk.look(NOON + HOUR)
    assert desk.states("a")[-1][1] is State.HELD
    assert desk.decisions(desk.deliveries("a")[-1].id)[-1][2].startswith("snoozed by Ines until")
    if ends == "time":
        desk.look_until(NOON + 3 * HOUR)
        told = desk.deliveries("a")[-1]
        assert (told.state, told.occasion) == (State.PENDING, Occasion.SNOOZED)
        return
    if ends == "unsnoozed":
        with archive.begin() as connection:
            act(connection, "a", Wanted("unsnooze", "Ines"), NOON + 2 * HOUR)
        desk.look(NOON + 2 * HOUR)
        assert desk.deliveries("a")[-1].state is State.PENDING
        return
    kind = more if ends == "sources" else AlertKind.GROWN
    sources = ("A", "B", "C") if ends == "sources" else ("A", "B")
    third = change("a", 3, kind=kind, sources=sources, raised_at=NOON + 2 * HOUR)
    desk.raise_(third, now=NOON + 2 * HOUR)
    desk.look(NOON + 2 * HOUR)
    assert desk.states("a")[1:] == [
        (2, State.INCLUDED, "change 3 was told in its place"),
        (3, State.PENDING, desk.deliveries("a")[-1].reason),
    ]


def test_a_snooze_without_a_time_ends_with_its_alert_and_nothing_waits_for_ever(archive):
    desk = TellingDesk(archive, make_subscription())
    alert = change("a")
    desk.raise_(alert, now=NOON)
    desk.handle(alert, handling.snooze, NOON, of=(alert,), by="Ines", more_sources=2)
    second = change("a", 2, kind=AlertKind.MORE_OF_THE_SAME, sources=("A", "B"))
    desk.raise_(second, now=NOON + HOUR)
    desk.look(NOON + HOUR)
    assert desk.states("a")[-1][1] is State.HELD
    quiet = change("a", 3, kind=AlertKind.GONE_QUIET, state=AlertState.QUIET, sources=("A", "B"))
    desk.raise_(quiet, now=NOON + 9 * HOUR)
    desk.look(NOON + 9 * HOUR)
    assert [state for _, state, _ in desk.states("a")[1:]] == [State.PENDING, State.SUPPRESSED]


def test_a_snooze_until_a_time_lasts_until_then_whatever_ends(archive):
    desk = TellingDesk(archive, make_subscription())
    alert = change("a")
    desk.raise_(alert, now=NOON)
    until = NOON + 9 * HOUR
    desk.handle(alert, handling.snooze, NOON, of=(alert,), by="Ines", until=until, more_sources=2)
    desk.raise_(change("a", 2), now=NOON + HOUR)
    quiet = change("a", 3, kind=AlertKind.GONE_QUIET, state=AlertState.QUIET)
    desk.raise_(quiet, now=NOON + 2 * HOUR)
    desk.look_until(NOON + 8 * HOUR)
    assert desk.states("a")[1][1] is State.HELD
    desk.look_until(until)
    assert desk.states("a")[1][1] is State.PENDING


def test_a_new_fact_that_comes_with_a_surge_ends_a_snooze_by_whatever_clock(archive):
    desk = TellingDesk(archive, make_subscription())
    alert = change("a")
    desk.raise_(alert, now=NOON)
    desk.handle(alert, handling.snooze, NOON + HOUR, of=(alert,), by="Ines", until_new_fact=True)
    more = {"kind": AlertKind.SURGE, "also": (AlertKind.MORE_OF_THE_SAME,)}
    # The clock of the worker that raised it had been an hour ahead, and was set right.
    desk.raise_(change("a", 2, **more), now=NOON + 2 * MINUTE)
    assert desk.states("a")[-1][1] is State.HELD
    desk.raise_(
        change("a", 3, kind=AlertKind.SURGE, also=(AlertKind.GROWN,)), now=NOON + 3 * MINUTE
    )
    assert desk.states("a")[-1][1] is State.PENDING


def test_who_saw_an_alert_hears_that_it_is_reopened(archive):
    desk = TellingDesk(archive, make_subscription())
    alert = change("a")
    desk.raise_(alert, now=NOON)
    desk.handle(alert, handling.acknowledge, NOON, by="Ines")
    more = AlertKind.MORE_OF_THE_SAME
    states = (AlertState.DEVELOPING, AlertState.REOPENED, AlertState.DEVELOPING)
    for number, state in enumerate(states, 2):
        desk.raise_(change("a", number, kind=more, state=state), now=NOON + number * HOUR)
    assert [state for _, state, _ in desk.states("a")[1:]] == [
        State.SUPPRESSED,
        State.PENDING,
        State.SUPPRESSED,
    ]
