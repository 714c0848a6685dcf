"""Who waits for so many sources is told when so many have it, and nobody else is told for their sake."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from nightdesk.archive import Archive, definitions, deliveries, handling
from nightdesk.pipeline.handling import Wanted, act
from nightdesk.pipeline.notify import tell_due
from schemas import AlertKind, Delivery, DeliveryState, Match
from tests.contract.test_told_by_time import Desk
from tests.support.alerting import make_subscription
from tests.support.freighter import NOON, make_match

WIRE = (
    "The harbour of Port Lindane was closed after a freighter ran aground in thick fog. Pilots had warned"
    " of the sandbank for years and nobody listened to them. Sailors were brought ashore unhurt and spent"
    " the night in a school. Fishermen cannot leave the basin before the salvage company has finished."
)


def outlet(number: int) -> Match:
    """Return the report of the n-th independent outlet: all tell the same, each in an order of its own."""
    words = WIRE.split()
    if number > 1:
        words = WIRE.lower().split()
        Random(number).shuffle(words)
    return make_match(
        f"outlet{number}", " ".join(words), title="Freighter aground", hours=number / 10
    )


@pytest.fixture
def desk(archive: Archive, tmp_path: Path) -> Desk:
    return Desk(archive, tmp_path)


def subscribe(desk: Desk, *names: str, **changes: object) -> None:
    with desk.archive.begin() as connection:
        for name in names:
            one = make_subscription(name, **changes)
            definitions.put(connection, one, author="test", now=NOON)


def planned(desk: Desk, subscription: str) -> list[Delivery]:
    alert = desk.told()[0].id
    with desk.archive.read() as connection:
        found = deliveries.of_alert(connection, alert)
    return [one for one in found if one.subscription == subscription]


def told(desk: Desk, subscription: str) -> list[int]:
    """Return how many sources had the changes that a subscription was told, or is to be told."""
    sources = {one.sequence: one.sources for one in desk.told()}
    waits = {DeliveryState.SUPPRESSED, DeliveryState.HELD}
    return [sources[one.sequence] for one in planned(desk, subscription) if one.state not in waits]


@pytest.mark.parametrize("wish", [2, 6, 8, 9])
def test_a_wish_for_n_sources_is_told_at_n(desk: Desk, wish: int) -> None:
    subscribe(desk, "waits", min_sources=wish)
    new = (AlertKind.NEW_DEVELOPMENT,)
    subscribe(desk, "waits-for-new", min_sources=wish, kinds=new)
    subscribe(desk, "all")
    subscribe(desk, "retired", min_sources=8, enabled=False)
    for number in range(1, wish + 1):
        desk.take(outlet(number))
    assert told(desk, "waits") == [wish]
    assert told(desk, "waits-for-new") == [wish]
    steps = [at for at in (1, 2, 3, 4, 5, 7) if at <= wish]
    assert told(desk, "all") == steps
    if wish not in steps:
        assert planned(desk, "all")[-1].reason == (
            f"source {wish} adds nothing: told to those alone who wait for so many"
        )
    if wish == 6:
        # What was told to few counts as told, and the next step is for all again.
        desk.take(outlet(7))
        assert told(desk, "all") == [1, 2, 3, 4, 5, 7]


def test_only_what_a_subscription_takes_is_waited_for(desk: Desk) -> None:
    subscribe(desk, "elsewhere", min_sources=6, storylines=("another",))
    subscribe(desk, "tagged", min_sources=6, tags=("sea",))
    subscribe(desk, "edits", min_sources=6, kinds=(AlertKind.REVISION,))
    subscribe(desk, "feeds", min_sources=6, feeds=("wire",))
    for number in range(1, 7):
        desk.take(outlet(number))
    assert [one.sources for one in desk.told()] == [1, 2, 3, 4, 5]


def test_a_subscription_that_comes_late_is_told_with_the_next_outlet(desk: Desk) -> None:
    for number in range(1, 9):
        desk.take(outlet(number))
    subscribe(desk, "late", min_sources=8, kinds=(AlertKind.NEW_DEVELOPMENT,))
    desk.take(outlet(9))
    assert told(desk, "late") == [9]


def test_who_waits_for_a_second_source_is_told_although_somebody_has_seen_the_first(
    desk: Desk,
) -> None:
    subscribe(desk, "waits", min_sources=2)
    subscribe(desk, "all")
    desk.take(outlet(1))
    alert = desk.told()[0].id
    with desk.archive.begin() as connection:
        act(connection, alert, Wanted("acknowledge", "Mara"), NOON)
    desk.take(outlet(2))
    assert told(desk, "waits") == [2]
    assert told(desk, "all") == [1]


@pytest.mark.parametrize("more", [1, 2, 3])
def test_a_snooze_until_n_more_sources_ends_at_n(desk: Desk, more: int) -> None:
    subscribe(desk, "all")
    for number in range(1, 6):
        desk.take(outlet(number))
    alert = desk.told()[0].id
    with desk.archive.begin() as connection:
        wanted = Wanted("snooze", "Mara", more_sources=more)
        act(connection, alert, wanted, NOON + timedelta(hours=1))
    for number in range(6, 6 + more):
        assert told(desk, "all")[-1] == 5
        desk.take(outlet(number))
        tell_due(desk.archive, desk.catalogues, desk.clock.now())
    assert told(desk, "all")[-1] == 5 + more
    with desk.archive.read() as connection:
        assert handling.of_alert(connection, alert).snoozed is None
    desk.balances()
