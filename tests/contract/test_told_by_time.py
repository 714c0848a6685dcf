"""What time tells, on every kind of database: developments that go quiet, silences that end; each once."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.runtime import Runtime
from agents.timekeeper import LISTENED, MISSED, Timekeeper
from nightdesk.accounting import broken, check
from nightdesk.archive import (
    Archive,
    accounts,
    alerts,
    definitions,
    deliveries,
    developments,
    handling,
    outbox,
)
from nightdesk.archive.outbox import Outgoing
from nightdesk.archive.tables import developments as table
from nightdesk.clock import SettableClock
from nightdesk.pipeline import quiet
from nightdesk.pipeline.alert import AlertStage
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.deliver import DeliverStage
from nightdesk.pipeline.handling import Wanted, act
from nightdesk.pipeline.notify import tell_due
from nightdesk.pipeline.runner import BatchRunner
from nightdesk.pipeline.stage import Incoming
from nightdesk.settings import Settings
from schemas import Alert, AlertKind, Arrival, DeliveryState, Match, Silence
from tests.support.alerting import make_feed_alert, make_subscription
from tests.support.freighter import NOON, OTHER, STORYLINE, make_match
from tests.unit.alerts.test_reminders import SILENCE


class Desk:
    """The stages `alert` and `deliver` and the timekeeper of one worker, by the clock of the test."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.clock = SettableClock(NOON)
        self.archive = archive
        self.runtime = Runtime(Settings(state_dir=folder), clock=self.clock, archive=archive)
        self.catalogues = CatalogueCache()
        self._alert = BatchRunner(AlertStage(self.catalogues), archive, self.clock)
        self._deliver = BatchRunner(DeliverStage(self.catalogues), archive, self.clock)
        self._offsets = {"matches": 0, "alerts": 0}
        self.keeper = self.timekeeper()
        with archive.begin() as connection:
            definitions.put(connection, STORYLINE, author="test", now=NOON)

    def timekeeper(self) -> Timekeeper:
        canary: Any = SimpleNamespace(owned=lambda: frozenset({0}))
        return Timekeeper(self.runtime, canary)

    def take(self, match: Match) -> None:
        self.clock.set(max(self.clock.now(), match.article.seen_at))
        done = self._alert.run([self._incoming("matches", match.to_bytes())])
        assert not done.buried
        self.deliver()

    def deliver(self) -> None:
        """Take what waits in the outbox to the stage `deliver`."""
        with self.archive.read() as connection:
            waiting = outbox.pending(
                connection, before=datetime.max.replace(tzinfo=NOON.tzinfo), limit=99
            )
        sent = [(row, message) for row, message in waiting if message.topic == "alerts"]
        for row, message in sent:
            done = self._deliver.run([self._incoming("alerts", message.value)], sent=[row])
            assert not done.buried

    def _incoming(self, topic: str, value: bytes) -> Incoming:
        self._offsets[topic] += 1
        return Incoming(topic, 0, self._offsets[topic] - 1, None, value)

    async def at(self, hours: float) -> int:
        """Let the timekeeper look so many hours after noon, having listened for long enough; return how many
        alerts it raised."""
        self.clock.set(NOON + timedelta(hours=hours) - LISTENED)
        told = await self.keeper.look() + await self.listen(LISTENED)
        self.deliver()
        return told

    async def listen(self, length: timedelta) -> int:
        """Let the timekeeper look again and again for so long; return how many alerts it raised."""
        told = 0
        for _ in range(length // MISSED):
            self.clock.advance(MISSED)
            told += await self.keeper.look()
        return told

    def told(self) -> list[Alert]:
        with self.archive.read() as connection:
            (standing,) = alerts.recent(connection, limit=9, storyline="port")
            return alerts.history(connection, standing.id)

    def in_words(self) -> list[str]:
        return [f"{a.sequence} {a.kind.value} {a.state.value}" for a in self.told()]

    def balances(self) -> None:
        with self.archive.read() as connection:
            totals = accounts.totals(connection)
        assert broken(totals) == []
        (between,) = [b for b in check(totals) if b.stage == "deliver" and "chores" in b.left_words]
        assert between.holds, str(between)


@pytest.fixture
def desk(archive: Archive, tmp_path: Path) -> Desk:
    return Desk(archive, tmp_path)


async def test_a_development_goes_quiet_once_and_is_reopened_by_what_comes_after(
    desk: Desk,
) -> None:
    desk.take(make_match("gazette"))
    desk.take(make_match("herald", OTHER, hours=1))
    assert await desk.at(6.9) == 0
    assert await desk.at(7.1) == 1
    assert await desk.keeper.look() == 0
    assert await desk.timekeeper().look() == 0
    desk.take(make_match("mirror", OTHER, title="Tugs", hours=9))
    assert desk.in_words() == [
        "1 new_development new",
        "2 grown developing",
        "3 gone_quiet quiet",
        "4 more_of_the_same reopened",
    ]
    assert await desk.at(16) == 1
    assert desk.in_words()[-1] == "5 gone_quiet quiet"
    desk.balances()


async def test_who_has_just_begun_to_listen_calls_nothing_quiet(desk: Desk) -> None:
    desk.take(make_match("gazette"))
    desk.clock.set(NOON + timedelta(hours=60))
    assert await desk.keeper.look() == 0
    assert await desk.listen(LISTENED) == 1


async def test_who_was_asleep_calls_nothing_quiet(desk: Desk) -> None:
    desk.take(make_match("gazette"))
    assert await desk.at(1) == 0
    # The machine slept for three days: the worker lives, and has heard of nothing since.
    desk.clock.advance(timedelta(hours=72))
    assert await desk.keeper.look() == 0
    assert await desk.listen(LISTENED - MISSED) == 0
    assert await desk.listen(MISSED) == 1


async def test_a_clock_that_is_set_back_and_forth_calls_nothing_quiet_too_soon(desk: Desk) -> None:
    desk.take(make_match("gazette"))
    assert await desk.at(1) == 0
    desk.clock.advance(timedelta(days=365))
    assert await desk.keeper.look() == 0
    desk.clock.set(NOON + timedelta(hours=1))
    assert await desk.keeper.look() == 0
    # Nor does it wait for a year to call anything quiet.
    assert await desk.at(60) == 1


async def test_while_our_network_is_out_nothing_is_called_quiet(desk: Desk) -> None:
    desk.take(make_match("gazette"))
    outage = make_feed_alert(scope="network", raised_at=NOON, failures=0)
    with desk.archive.begin() as connection:
        alerts.record(connection, [outage])
    assert await desk.at(60) == 0
    over = outage.model_copy(update={"sequence": 2, "kind": AlertKind.FEED_RECOVERED})
    with desk.archive.begin() as connection:
        alerts.record(
            connection, [over.model_copy(update={"raised_at": NOON + timedelta(hours=1)})]
        )
    assert await desk.at(61) == 1


async def test_what_never_paged_does_not_go_quiet(desk: Desk) -> None:
    desk.take(make_match("gazette", arrival=Arrival.FIRST_FETCH))
    assert await desk.at(900) == 0
    assert desk.in_words() == ["1 new_development new"]


async def test_a_retired_storyline_closes_its_developments_and_pages_nobody(desk: Desk) -> None:
    desk.take(make_match("gazette"))
    with desk.archive.begin() as connection:
        definitions.retire(connection, "storyline", "port", author="test", now=NOON)
    assert await desk.at(1) == 0
    assert await desk.at(99) == 0
    closed = desk.told()[-1]
    assert desk.in_words() == ["1 new_development new", "2 gone_quiet quiet"]
    assert not closed.pages
    desk.balances()


async def test_what_was_snoozed_of_a_retired_storyline_does_not_wait_for_ever(desk: Desk) -> None:
    with desk.archive.begin() as connection:
        definitions.put(connection, make_subscription(), author="test", now=NOON)
    desk.take(make_match("gazette"))
    (alert,) = {one.id for one in desk.told()}
    with desk.archive.begin() as connection:
        act(connection, alert, Wanted("snooze", "Mara", more_sources=3), NOON)
    desk.take(make_match("herald", OTHER, hours=0.5))
    with desk.archive.begin() as connection:
        definitions.retire(connection, "storyline", "port", author="test", now=NOON)
    assert await desk.at(1) == 0
    tell_due(desk.archive, desk.catalogues, desk.clock.now())
    with desk.archive.read() as connection:
        assert handling.of_alert(connection, alert).snoozed is None
        states = [one.state for one in deliveries.of_alert(connection, alert)]
    assert states == [DeliveryState.PENDING] * 2


async def test_a_report_that_comes_meanwhile_keeps_it_open(desk: Desk) -> None:
    desk.take(make_match("gazette"))
    with desk.archive.read() as connection:
        (due,) = developments.due(connection, NOON + timedelta(hours=60), limit=9)
    rows: list[list[tuple[int, Outgoing]]] = []

    def look() -> None:
        rows.append(quiet.go_quiet(desk.archive, due, now=NOON + timedelta(hours=60)))

    other = threading.Thread(target=look)
    with desk.archive.begin() as connection:
        held = developments.hold(connection, due)
        assert held is not None
        other.start()
        values = {"quiet_at": NOON + timedelta(hours=90)}
        connection.execute(table.update().where(table.c.id == due).values(values))
    other.join(60)
    assert rows == [[]]
    assert desk.in_words() == ["1 new_development new"]


async def test_two_workers_that_look_at_once_tell_once(desk: Desk) -> None:
    desk.take(make_match("gazette"))
    with desk.archive.read() as connection:
        (due,) = developments.due(connection, NOON + timedelta(hours=60), limit=9)
    rows: list[list[tuple[int, Outgoing]]] = []
    start = threading.Barrier(4)

    def look() -> None:
        start.wait(60)
        rows.append(quiet.go_quiet(desk.archive, due, now=NOON + timedelta(hours=60)))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(len, rows)) == [0, 0, 0, 1]
    desk.deliver()
    desk.balances()


async def test_a_silence_that_is_about_to_end_is_told_of_once_for_each_version(desk: Desk) -> None:
    silence = Silence(
        **{
            **SILENCE.model_dump(),
            "starts_at": NOON,
            "ends_at": NOON + timedelta(hours=10),
            "matchers": SILENCE.matchers,
        }
    )
    with desk.archive.begin() as connection:
        definitions.put(connection, silence, author="test", now=NOON)
    assert await desk.at(8) == 0
    assert await desk.at(9.6) == 1
    with desk.archive.read() as connection:
        alert = alerts.last_about(connection, "silence:fog-week")
    assert alert is not None
    assert (alert.kind, alert.sequence) == (AlertKind.SILENCE_EXPIRING, 1)
    longer = silence.model_copy(update={"ends_at": NOON + timedelta(hours=20)})
    with desk.archive.begin() as connection:
        definitions.put(connection, longer, author="test", now=NOON)
    assert await desk.at(10) == 0
    desk.clock.set(NOON + timedelta(hours=19.5))
    assert await desk.keeper.look() == 1
    assert await desk.timekeeper().look() == 0
    desk.deliver()
    desk.balances()
