"""What waits is told when it is due, on every kind of archive, and each decision is on record."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest

from nightdesk.alerts import handling
from nightdesk.archive import deliveries
from nightdesk.errors import ArchiveError
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.notify import tell_due
from schemas import AlertKind, Digest, Occasion, QuietHours, RateLimit, Severity
from schemas.delivery import DeliveryState as State
from tests.support.alerting import NOON, make_subscription
from tests.support.telling import HOUR, MINUTE, TellingDesk, change


def test_who_asks_for_nothing_is_told_at_once_and_nothing_waits(archive):
    desk = TellingDesk(archive, make_subscription())
    desk.raise_(change("a"), now=NOON)
    assert [state for _, state, _ in desk.states("a")] == [State.PENDING]
    assert desk.next_due() is None


def test_a_group_waits_and_is_told_as_one(archive):
    desk = TellingDesk(
        archive,
        make_subscription(group_by=("storyline",), group_wait=5 * MINUTE, group_interval=HOUR),
    )
    desk.raise_(change("a"), now=NOON)
    desk.look(NOON)
    desk.raise_(change("b", severity=Severity.CRITICAL), now=NOON + 2 * MINUTE)
    desk.look(NOON + 2 * MINUTE)
    assert {state for _, state, _ in desk.states("a", "b")} == {State.HELD}
    assert "told with its group at" in desk.states("a")[0][2] or desk.decisions(
        desk.deliveries("a")[0].id
    )
    desk.look_until(NOON + 5 * MINUTE)
    (told,) = desk.pending()
    # The gravest leads.
    assert (told.alert, told.occasion) == ("b", Occasion.GROUP)
    assert [(ref.alert, ref.sequence) for ref in told.also] == [("a", 1)]
    assert "2 alerts" in told.note
    assert desk.states("a") == [(1, State.INCLUDED, f"told in delivery {told.id}")]
    # The next one waits for the interval.
    desk.raise_(change("c"), now=NOON + 10 * MINUTE)
    desk.look(NOON + 10 * MINUTE)
    assert desk.next_due() == NOON + 5 * MINUTE + HOUR
    desk.look_until(NOON + 2 * HOUR)
    assert [state for _, state, _ in desk.states("c")] == [State.PENDING]


def test_what_is_told_within_another_delivery_counts_as_delivered(archive):
    desk = TellingDesk(archive, make_subscription(group_by=("storyline",)))
    desk.raise_(change("a"), change("b"), change("b", 2), now=NOON)
    desk.look(NOON)
    (told,) = desk.pending()
    with archive.begin() as connection:
        done = told.model_copy(update={"state": State.DELIVERED})
        deliveries.finish(connection, done)
    with archive.read() as connection:
        found = deliveries.for_subscription(connection, "desk", 9)
    assert {(one.id, one.sequence) for one in found} == {("a", 1), ("b", 2)}


def test_quiet_hours_hold_what_is_not_grave_and_tell_it_together_afterwards(archive):
    desk = TellingDesk(
        archive,
        make_subscription(
            quiet_hours=(QuietHours(start="13:00", end="15:30", zone="Europe/Berlin"),)
        ),
    )
    desk.raise_(change("a"), change("b"), change("c", severity=Severity.CRITICAL), now=NOON)
    desk.look(NOON)
    assert [told.alert for told in desk.pending()] == ["c"]
    held = desk.deliveries("a")[0]
    assert desk.decisions(held.id) == [
        (NOON, State.HELD, "quiet hours until 2024-05-17 15:30 Europe/Berlin")
    ]
    # A later change of the same alert takes the place of the earlier one.
    desk.raise_(change("a", 2), now=NOON + 30 * MINUTE)
    desk.look(NOON + 30 * MINUTE)
    desk.look_until(NOON + 2 * HOUR)
    told = desk.pending()[-1]
    assert told.occasion is Occasion.QUIET_HOURS
    assert {(told.alert, told.sequence), *((r.alert, r.sequence) for r in told.also)} == {
        ("a", 2),
        ("b", 1),
    }
    assert desk.states("a")[0] == (1, State.INCLUDED, "change 2 was told in its place")
    assert told.changed_at == NOON + 1.5 * HOUR


def test_a_digest_tells_all_since_the_last_and_leaves_out_what_was_told(archive):
    desk = TellingDesk(
        archive,
        make_subscription(
            digest=Digest(at="07:30", zone="Europe/Berlin", kinds=(AlertKind.MORE_OF_THE_SAME,))
        ),
    )
    more = AlertKind.MORE_OF_THE_SAME
    desk.raise_(change("a"), change("a", 2, kind=more), change("b", 1, kind=more), now=NOON)
    desk.look(NOON)
    assert [(one.alert, one.sequence) for one in desk.pending()] == [("a", 1)]
    desk.raise_(change("a", 3), now=NOON + HOUR)
    desk.look_until(NOON + 24 * HOUR)
    digest = desk.pending()[-1]
    assert (digest.alert, digest.occasion, digest.also) == ("b", Occasion.DIGEST, ())
    assert digest.note == "Daily digest of 2024-05-18 07:30 Europe/Berlin: 1 alert"
    assert desk.states("a")[1] == (2, State.INCLUDED, "change 3 was told in its place")


def test_beyond_the_rate_limit_all_is_told_together_once_there_is_room(archive):
    desk = TellingDesk(archive, make_subscription(rate_limit=RateLimit(most=2, per=HOUR)))
    for n, name in enumerate("abcd"):
        desk.raise_(change(name), now=NOON + n * MINUTE)
        desk.look(NOON + n * MINUTE)
    assert [one.alert for one in desk.pending()] == ["a", "b"]
    assert desk.next_due() == NOON + HOUR
    reason = desk.decisions(desk.deliveries("c")[0].id)[-1][2]
    assert reason == (
        "the rate limit of 2 in an hour is reached: told together at 2024-05-17 13:00:00 UTC"
    )
    desk.look_until(NOON + HOUR)
    told = desk.pending()[-1]
    assert (told.occasion, {told.alert, *(r.alert for r in told.also)}) == (
        Occasion.RATE_LIMIT,
        {"c", "d"},
    )
    assert told.note == "Held by the rate limit of 2 in an hour, and told together: 2 alerts"


def test_what_stands_is_repeated_until_somebody_has_seen_it(archive):
    desk = TellingDesk(archive, make_subscription(repeat_interval=4 * HOUR))
    alert = change("a")
    desk.raise_(alert, now=NOON)
    desk.look_until(NOON + 9 * HOUR)
    told = desk.deliveries("a")
    assert [(one.repeat, one.occasion) for one in told] == [
        (0, Occasion.ALERT),
        (1, Occasion.REPEAT),
        (2, Occasion.REPEAT),
    ] or sorted(one.repeat for one in told) == [0, 1, 2]
    desk.handle(alert, handling.acknowledge, NOON + 9 * HOUR, by="Ines", comment="on it")
    desk.look_until(NOON + 48 * HOUR)
    assert len(desk.deliveries("a")) == 3
    more = change("a", 2, kind=AlertKind.MORE_OF_THE_SAME)
    desk.raise_(more, now=NOON + 50 * HOUR)
    assert desk.states("a")[-1] == (
        2,
        State.SUPPRESSED,
        "acknowledged by Ines: more of the same is not sent: on it",
    )


def test_a_flood_keeps_to_the_rate_limit_and_is_told_all_the_same(archive):
    desk = TellingDesk(archive, make_subscription(rate_limit=RateLimit(most=2)))
    grave = {7, 101}
    flood = [
        change(f"a{n}", severity=Severity.CRITICAL if n in grave else Severity.INFO)
        for n in range(233)
    ]
    desk.raise_(*flood[:3], now=NOON)
    desk.look(NOON)
    desk.raise_(*flood[3:], now=NOON + MINUTE)
    desk.look(NOON + MINUTE)
    desk.look_until(NOON + 9 * HOUR)
    told = desk.pending()
    at = Counter((one.changed_at - NOON) // HOUR for one in told)
    assert at == {0: 2, 1: 2, 2: 2, 3: 1}
    assert sum(1 + len(one.also) for one in told) == 233
    first = min((one for one in told if one.changed_at == NOON + HOUR), key=lambda one: one.note)
    assert "231 alerts (the gravest 100 of them; the others follow) (part 1 of 2)" in first.note
    assert {first.alert, first.also[0].alert} == {f"a{n}" for n in grave}


def test_the_account_balances_when_all_is_told(archive):
    desk = TellingDesk(
        archive,
        make_subscription(group_by=("storyline",), group_wait=MINUTE, repeat_interval=HOUR),
    )
    desk.raise_(change("a"), change("b"), change("a", 2), now=NOON)
    desk.look_until(NOON + 90 * MINUTE)
    totals = desk.totals()
    planned = totals["deliver"]["deliveries"] + totals["deliveries"]["repeated"]
    assert planned == totals["deliveries"]["included"] + len(desk.pending())
    assert totals["deliveries"]["included"] == 2


@pytest.mark.parametrize(
    "wish",
    [
        {"digest": Digest(at="07:30")},
        {"quiet_hours": (QuietHours(start="12:30", end="15:30"),)},
        {"rate_limit": RateLimit(most=1)},
        {"group_wait": 5 * MINUTE, "group_interval": HOUR},
    ],
)
def test_a_clock_that_jumps_a_year_ahead_and_back_holds_nothing_for_a_year(archive, wish):
    desk = TellingDesk(archive, make_subscription(**wish))
    year = timedelta(days=365)
    for n, name in enumerate("abc"):
        desk.raise_(change(name), now=NOON + year + n * MINUTE)
        desk.look(NOON + year + n * MINUTE)
    desk.look(NOON)
    desk.raise_(change("d"), now=NOON + 45 * MINUTE)
    desk.look(NOON + 45 * MINUTE)
    desk.look_until(NOON + 25 * HOUR)
    assert {state for _, state, _ in desk.states(*"abcd")} <= {State.PENDING, State.INCLUDED}


def test_several_workers_tell_each_change_once(archive):
    """Two notifiers look at the same subscriptions while the stage goes on putting changes in."""
    names = [f"desk-{n}" for n in range(4)]
    desk = TellingDesk(
        archive, *(make_subscription(name, group_by=("storyline",)) for name in names)
    )
    done = threading.Event()
    failures: list[Exception] = []

    def tell() -> None:
        catalogues = CatalogueCache()
        while not done.is_set() or desk.next_due() is not None:
            try:
                tell_due(archive, catalogues, NOON)
            except ArchiveError as error:
                if not error.transient:
                    failures.append(error)
                    return

    workers = [threading.Thread(target=tell) for _ in range(2)]
    for worker in workers:
        worker.start()
    changes = [change(f"alert-{n}") for n in range(40)]
    for n in range(0, 40, 5):
        retried(lambda n=n: desk.raise_(*changes[n : n + 5], now=NOON))
    done.set()
    for worker in workers:
        worker.join(60)
    assert failures == []
    states = Counter(one.state for one in desk.deliveries(*(c.id for c in changes)))
    assert set(states) <= {State.PENDING, State.INCLUDED}
    pending = desk.pending()
    told = Counter(
        (one.subscription, alert)
        for one in pending
        for alert in (one.alert, *(ref.alert for ref in one.also))
    )
    assert told == Counter((name, c.id) for name in names for c in changes)
    assert desk.totals()["deliveries"].get("included", 0) == states[State.INCLUDED]


def retried(work):
    """Do what another worker may make fail, as a stage does, until it is done."""
    while True:
        try:
            return work()
        except ArchiveError as error:
            if not error.transient:
                raise
