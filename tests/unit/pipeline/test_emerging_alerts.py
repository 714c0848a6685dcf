"""What emerges is told once, told anew when it has doubled, and closed when it is taken, dismissed or
gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.runtime import Runtime
from nightdesk.accounting import check
from nightdesk.archive import accounts, alerts, definitions, emerging, outbox
from nightdesk.bundles import parse
from nightdesk.clock import SettableClock
from nightdesk.pipeline.emerging import KEPT
from nightdesk.settings import Settings
from schemas import Alert, AlertKind, AlertState, Arrival, Severity
from schemas.offer import OfferState
from tests.support.newsdesk import ferry_reports
from tests.unit.pipeline.test_emerging_look import EVENING, lookout, offers, store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(
        Settings(state_dir=tmp_path, emerging_outlets=3), clock=SettableClock(EVENING)
    )
    yield runtime
    runtime.close()


def told(desk: Runtime) -> list[Alert]:
    """Return every change of the one alert, and see that each is on its way, once."""
    with desk.archive.read() as connection:
        history = [
            change
            for alert in alerts.recent(connection, limit=9)
            for change in alerts.history(connection, alert.id)
        ]
        sent = [
            row.value for _, row in outbox.pending(connection, before=EVENING + KEPT * 2, limit=99)
        ]
        totals = accounts.totals(connection)
    assert sorted(sent) == sorted(change.to_bytes() for change in history)
    assert totals.get("chores", {}).get("alerts", 0) == len(history)
    (balance,) = [b for b in check(totals) if "chores" in b.left_words]
    assert balance.left == len(history)
    return history


async def test_an_offer_is_told_when_it_is_made_and_when_it_has_doubled(desk: Runtime) -> None:
    store(desk.archive, ferry_reports(3))
    await lookout(desk).look()
    await lookout(desk).look()
    [offer] = offers(desk.archive)
    [alert] = told(desk)
    assert (alert.kind, alert.emerging, alert.title) == (AlertKind.EMERGING, offer.id, offer.title)
    assert (alert.sequence, alert.state, alert.severity) == (1, AlertState.NEW, Severity.INFO)
    assert (alert.sources, alert.pages, alert.storyline) == (3, True, None)
    assert {a.source for a in alert.articles} == {f"Outlet {n}" for n in range(3)}
    assert alert.reason == "3 reports of 3 outlets that no storyline holds"
    store(desk.archive, ferry_reports(5)[3:])
    await lookout(desk).look()
    assert len(told(desk)) == 1, "5 are not twice 3"
    store(desk.archive, ferry_reports(6)[5:])
    await lookout(desk).look()
    grown = told(desk)[-1]
    assert (grown.id, grown.sequence, grown.state) == (alert.id, 2, AlertState.DEVELOPING)
    assert (grown.sources, len(grown.articles)) == (6, 6)


async def test_what_is_dismissed_is_closed_once(desk: Runtime) -> None:
    store(desk.archive, ferry_reports(5))
    await lookout(desk).look()
    [offer] = offers(desk.archive)
    with desk.archive.begin() as connection:
        emerging.set_state(connection, offer.id, OfferState.DISMISSED, EVENING)
    await lookout(desk).look()
    await lookout(desk).look()
    closed = told(desk)[-1]
    assert (closed.sequence, closed.state) == (2, AlertState.QUIET)
    assert closed.reason == "it was dismissed"


async def test_what_is_taken_is_closed(desk: Runtime) -> None:
    store(desk.archive, ferry_reports(5))
    await lookout(desk).look()
    [offer] = offers(desk.archive)
    bundle = parse(offer.draft).bundle
    assert bundle is not None
    with desk.archive.begin() as connection:
        definitions.put(connection, bundle.storylines[0], author="test", now=EVENING)
    await lookout(desk).look()
    closed = told(desk)[-1]
    assert (closed.sequence, closed.state) == (2, AlertState.QUIET)
    assert closed.reason == f"it was taken: storyline {offer.storyline} is in force"


async def test_what_is_forgotten_is_closed(desk: Runtime) -> None:
    store(desk.archive, ferry_reports(5))
    await lookout(desk).look()
    clock: Any = desk.clock
    clock.set(EVENING + KEPT)
    await lookout(desk).look()
    assert [alert.state for alert in told(desk)] == [AlertState.NEW, AlertState.QUIET]


async def test_what_is_offered_once_more_is_no_second_alert(desk: Runtime) -> None:
    store(desk.archive, ferry_reports(5))
    await lookout(desk).look()
    [offer] = offers(desk.archive)
    with desk.archive.begin() as connection:
        emerging.drop(connection, [offer.id])
    await lookout(desk).look()
    assert len(told(desk)) == 1


async def test_old_news_page_nobody(desk: Runtime) -> None:
    old = [r.model_copy(update={"arrival": Arrival.FIRST_FETCH}) for r in ferry_reports(5)]
    store(desk.archive, old)
    await lookout(desk).look()
    [alert] = told(desk)
    assert not alert.pages


async def test_offers_of_before_alerts_told_of_them_stay_untold(desk: Runtime) -> None:
    store(desk.archive, ferry_reports(5))
    await lookout(desk).look()
    with desk.archive.begin() as connection:
        [offer] = emerging.recent(connection, 9)
        older = offer.model_copy(update={"id": "emerging-older"})
        emerging.drop(connection, [offer.id])
        emerging.save(connection, [older])
    store(desk.archive, ferry_reports(12)[5:])
    await lookout(desk).look()
    assert {alert.emerging for alert in told(desk)} == {offer.id}
    assert [alert.state for alert in told(desk)] == [AlertState.NEW]
