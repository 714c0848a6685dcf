"""Learning the rarity of words from an archive, and every worker's taking it over at one moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from nightdesk.archive import articles, definitions, rarities
from nightdesk.archive.engine import Archive
from nightdesk.archive.tables import revisions
from nightdesk.errors import ArchiveError
from nightdesk.pipeline import rarity
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.rarity import Learning, RarityCache, bring_into_force
from nightdesk.storylines.own_counts import Counted, Counts
from nightdesk.storylines.rarity import UNKNOWN, shipped_rarity
from tests.unit.storylines.build import NOON, make_article, make_storyline

HEARD = Counts({"es": Counted(5_000, {"gobierno": 900, "puerto": 40})})


@pytest.fixture
def archive(sqlite_archive: Archive) -> Archive:
    return sqlite_archive


def fill(archive: Archive, number: int) -> None:
    several = [
        make_article(
            f"El gobierno habla del puerto numero {'abcdefghij'[n % 10]}.",
            id=f"a{n}",
            language="es",
            seen_at=NOON + timedelta(minutes=n),
        )
        for n in range(number)
    ]
    with archive.begin() as connection:
        articles.add_revisions(connection, several, {})


def learnt(archive: Archive, **options: object) -> Counts:
    learning = Learning(archive, **options)  # type: ignore[arg-type]
    while learning.step():
        pass
    return learning.counts()


def test_all_articles_of_the_archive_are_counted_once(archive: Archive) -> None:
    fill(archive, 450)
    counts = learnt(archive)
    assert counts.languages["es"].articles == 450
    assert counts.languages["es"].words["gobierno"] == 450
    assert learnt(archive, since=NOON + timedelta(minutes=400)).articles == 50


def test_of_very_many_articles_a_sample_is_counted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rarity, "MOST_ARTICLES", 100)
    fill(archive, 450)
    counts = learnt(archive)
    assert 60 <= counts.articles <= 140
    assert learnt(archive) == counts


def test_what_cannot_be_read_keeps_nobody_from_learning(archive: Archive) -> None:
    fill(archive, 10)
    with archive.begin() as connection:
        damaged = update(revisions).where(revisions.c.article == "a3").values(document="{}")
        connection.execute(damaged)
    assert learnt(archive).articles == 9


def test_all_workers_take_it_over_with_their_next_transaction_and_then_agree(
    archive: Archive,
) -> None:
    storyline = make_storyline(id="puerto", description="El gobierno cierra el puerto.")
    caches = [CatalogueCache(), CatalogueCache()]
    with archive.begin() as connection:
        definitions.put(connection, storyline, author="mara", now=NOON)
    with archive.read() as connection:
        before = [cache.get(connection) for cache in caches]
    assert all(view.index.rarity is shipped_rarity() for view in before)
    with archive.begin() as connection:
        bring_into_force(connection, HEARD, author="mara", now=NOON)
    with archive.read() as connection:
        after = [cache.get(connection) for cache in caches]
    assert {view.index.rarity.weight("gobierno") for view in after} == {5.0}
    words = [dict(view.index.storylines["puerto"].profile) for view in after]
    assert words[0] == words[1] != dict(before[0].index.storylines["puerto"].profile)
    # A worker that starts now weighs as those that were there.
    with archive.read() as connection:
        late = CatalogueCache().get(connection)
        assert caches[0].get(connection) is after[0]
    assert late.index.rarity.weights == after[0].index.rarity.weights


def test_a_change_of_a_definition_alone_compiles_nothing_else_again(archive: Archive) -> None:
    cache = CatalogueCache()
    with archive.begin() as connection:
        bring_into_force(connection, HEARD, author="mara", now=NOON)
        definitions.put(
            connection, make_storyline(id="one", description="A ferry."), author="mara", now=NOON
        )
        first = cache.get(connection)
        definitions.put(
            connection, make_storyline(id="two", description="A barge."), author="mara", now=NOON
        )
        second = cache.get(connection)
    assert second.index.storylines["one"] is first.index.storylines["one"]
    assert second.index.rarity is first.index.rarity


def test_reset_goes_back_to_the_shipped_rarity(archive: Archive) -> None:
    cache = RarityCache()
    with archive.begin() as connection:
        bring_into_force(connection, HEARD, author="mara", now=NOON)
        assert cache.get(connection).weight("gobierno") < UNKNOWN
        assert bring_into_force(connection, None, author="mara", now=NOON) == 2
        assert cache.get(connection) is shipped_rarity()
        assert rarity.in_force(connection) is shipped_rarity()


def test_what_says_the_same_keeps_its_version(archive: Archive) -> None:
    with archive.begin() as connection:
        assert bring_into_force(connection, HEARD, author="mara", now=NOON) == 1
        assert bring_into_force(connection, HEARD, author="mara", now=NOON) == 1


def test_counts_that_cannot_be_read_are_named_with_a_way_out(archive: Archive) -> None:
    with archive.begin() as connection:
        rarities.put(connection, b"no counts", author="mara", now=NOON)
        with pytest.raises(ArchiveError, match="cannot be read") as told:
            rarity.in_force(connection)
    assert "nightdesk rarity reset" in told.value.hint
