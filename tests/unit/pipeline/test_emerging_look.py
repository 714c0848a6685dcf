"""A look for emerging storylines on a real archive: from unmatched articles to offers with a draft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.emerging import Lookout
from agents.runtime import Runtime
from nightdesk.archive import Archive, articles, definitions, emerging, matches
from nightdesk.bundles import parse
from nightdesk.clock import SettableClock
from nightdesk.pipeline.emerging import KEPT
from nightdesk.settings import Settings
from schemas import Arrival, Article, Decision
from schemas.offer import Offer, OfferState
from tests.support.archive_samples import match
from tests.support.newsdesk import NOON, ferry_again, ferry_reports, other_reports, report

EVENING = NOON + timedelta(hours=8)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(Settings(state_dir=tmp_path), clock=SettableClock(EVENING))
    yield runtime
    runtime.close()


def store(archive: Archive, several: Sequence[Article]) -> None:
    with archive.begin() as connection:
        articles.add_revisions(connection, several, {})
        articles.set_nominated(connection, [(one.id, one.revision, 0) for one in several])


def lookout(runtime: Runtime, *partitions: int) -> Lookout:
    canary: Any = SimpleNamespace(owned=lambda: frozenset(partitions))
    return Lookout(runtime, canary)


def offers(archive: Archive) -> list[Offer]:
    with archive.read() as connection:
        return emerging.recent(connection, 99)


async def test_what_four_outlets_tell_is_offered_with_a_sound_draft(desk: Runtime) -> None:
    store(desk.archive, ferry_reports() + other_reports())
    assert await lookout(desk).look() == 1
    [offer] = offers(desk.archive)
    assert (offer.outlets, offer.articles, offer.state) == (6, 6, OfferState.OFFERED)
    assert offer.title in {article.title for article in ferry_reports()}
    loaded = parse(offer.draft)
    assert [p for p in loaded.problems if p.severity == "error"] == []
    assert loaded.bundle is not None
    [storyline] = loaded.bundle.storylines
    assert storyline.id == offer.storyline
    assert len(storyline.exemplars) == 4


async def test_a_second_look_changes_nothing_until_more_is_told(desk: Runtime) -> None:
    store(desk.archive, ferry_reports(5))
    await lookout(desk).look()
    before = offers(desk.archive)
    assert await lookout(desk).look() == 1
    assert offers(desk.archive) == before
    store(desk.archive, ferry_reports(9)[5:])
    await lookout(desk).look()
    [grown] = offers(desk.archive)
    assert (grown.id, grown.articles) == (before[0].id, 9)
    assert grown.draft == before[0].draft


async def test_what_a_storyline_holds_is_not_offered(desk: Runtime) -> None:
    several = ferry_reports(6)
    store(desk.archive, several)
    with desk.archive.begin() as connection:
        decided = [match(of=one) for one in several[:3]]
        matches.record(connection, [(m, f"c{n}") for n, m in enumerate(decided)])
    assert await lookout(desk).look() == 0
    with desk.archive.begin() as connection:
        undone = match(of=several[0], version=2, decision=Decision.NOT)
        matches.record(connection, [(undone, "c9")])
    assert await lookout(desk).look() == 1


async def test_what_happened_long_ago_or_nobody_knows_when_counts_for_nothing(
    desk: Runtime,
) -> None:
    texts = [(one.text, one.source) for one in ferry_reports(5)]
    old: dict[str, datetime] = {"published_at": NOON - timedelta(days=3)}
    store(desk.archive, [report(text, source, n, **old) for n, (text, source) in enumerate(texts)])
    undated: dict[str, Any] = {"published_at": None, "arrival": Arrival.FIRST_FETCH}
    store(
        desk.archive,
        [report(text, source, 50 + n, **undated) for n, (text, source) in enumerate(texts)],
    )
    assert await lookout(desk).look() == 0
    assert offers(desk.archive) == []


async def test_a_dismissed_offer_grows_in_silence(desk: Runtime) -> None:
    store(desk.archive, ferry_reports(5))
    await lookout(desk).look()
    with desk.archive.begin() as connection:
        emerging.set_state(connection, offers_id(desk), OfferState.DISMISSED, EVENING)
    store(desk.archive, ferry_reports(9)[5:])
    assert await lookout(desk).look() == 0
    [offer] = offers(desk.archive)
    assert (offer.state, offer.articles) == (OfferState.DISMISSED, 9)


def offers_id(desk: Runtime) -> str:
    [offer] = offers(desk.archive)
    return offer.id


@pytest.mark.parametrize("state", [OfferState.DISMISSED, OfferState.OFFERED])
async def test_what_comes_up_again_days_later_is_the_offer_that_it_was(
    desk: Runtime, state: OfferState
) -> None:
    store(desk.archive, ferry_reports(5))
    await lookout(desk).look()
    name = offers_id(desk)
    with desk.archive.begin() as connection:
        emerging.set_state(connection, name, state, EVENING)
    clock: Any = desk.clock
    clock.set(EVENING + timedelta(days=2))
    store(desk.archive, ferry_again())
    assert await lookout(desk).look() == (state is OfferState.OFFERED)
    [offer] = offers(desk.archive)
    assert (offer.id, offer.state, offer.articles) == (name, state, 10)


async def test_another_story_days_later_is_an_offer_of_its_own(desk: Runtime) -> None:
    store(desk.archive, ferry_reports(5))
    await lookout(desk).look()
    with desk.archive.begin() as connection:
        emerging.set_state(connection, offers_id(desk), OfferState.DISMISSED, EVENING)
    clock: Any = desk.clock
    clock.set(EVENING + timedelta(days=2))
    strike = [
        "Bakers of Westerham walk out over night shifts and march to the guildhall.",
        "No bread in Westerham as the bakers' walkout over night shifts enters its second day.",
        "The guildhall offers Westerham's bakers shorter night shifts to end their walkout.",
        "Westerham's striking bakers refuse the guildhall's offer on night shifts.",
    ]
    days = 2 * 24 * 60
    store(desk.archive, [report(text, f"Outlet {n}", days + n) for n, text in enumerate(strike)])
    assert await lookout(desk).look() == 1


async def test_an_offer_is_taken_once_its_storyline_is_in_force(desk: Runtime) -> None:
    store(desk.archive, ferry_reports())
    await lookout(desk).look()
    [offer] = offers(desk.archive)
    bundle = parse(offer.draft).bundle
    assert bundle is not None
    with desk.archive.begin() as connection:
        definitions.put(connection, bundle.storylines[0], author="test", now=EVENING)
    assert await lookout(desk).look() == 0
    assert [one.state for one in offers(desk.archive)] == [OfferState.TAKEN]


async def test_old_offers_are_forgotten(desk: Runtime) -> None:
    store(desk.archive, ferry_reports())
    await lookout(desk).look()
    clock: Any = desk.clock
    clock.set(EVENING + KEPT)
    await lookout(desk).look()
    assert offers(desk.archive) == []


async def test_a_look_reads_no_more_than_it_may(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, emerging_articles=250)
    runtime = Runtime(settings, clock=SettableClock(EVENING))
    try:
        later = [report(f"Word{n} thing{n} matter{n}", "Outlet", 200 + n) for n in range(260)]
        store(runtime.archive, ferry_reports() + later)
        assert await lookout(runtime).look() == 0
    finally:
        runtime.close()


async def test_two_who_look_at_once_make_the_same_offer(desk: Runtime) -> None:
    store(desk.archive, ferry_reports())
    await lookout(desk).look()
    first = offers(desk.archive)
    with desk.archive.begin() as connection:
        emerging.drop(connection, [first[0].id])
    await lookout(desk).look()
    assert [one.id for one in offers(desk.archive)] == [first[0].id]
