"""A worker's catalogue follows the archive, and what did not change is neither read nor compiled again."""

from __future__ import annotations

import tracemalloc

import pytest

from nightdesk.archive import definitions
from nightdesk.archive.engine import Archive
from nightdesk.pipeline.definitions import Catalogue, CatalogueCache, DefinitionsCache
from nightdesk.storylines.nominate import nominate
from schemas import Feed, Storyline
from tests.unit.storylines.build import NOON, make_article, make_storyline

SHIP = make_article("The freighter ran aground at Port Lindane.", title="Freighter aground")


@pytest.fixture
def archive(sqlite_archive: Archive) -> Archive:
    return sqlite_archive


def port(name: str, alias: str) -> Storyline:
    return make_storyline(id=name, entities=[{"name": "Port", "any_of": [alias]}])


def changed(archive: Archive, cache: CatalogueCache, *storylines: Storyline) -> Catalogue:
    with archive.begin() as connection:
        for storyline in storylines:
            definitions.put(connection, storyline, author="mara", now=NOON)
        return cache.get(connection)


def named(catalogue: Catalogue) -> list[str]:
    return [c.storyline for c in nominate(SHIP, catalogue.index, now=NOON)]


def test_only_what_changed_is_read_and_compiled_again(archive: Archive) -> None:
    cache = CatalogueCache()
    first = changed(archive, cache, *(port(f"s{n}", f"Harbour {n}") for n in range(8)))
    assert changed(archive, cache) is first
    assert named(first) == []
    second = changed(archive, cache, port("s3", "Port Lindane"))
    assert named(second) == ["s3"]
    assert second.index.storylines["s3"].version == 2
    for name in first.index.storylines.keys() - {"s3"}:
        assert second.index.storylines[name] is first.index.storylines[name]
        assert second.current.storylines[name] is first.current.storylines[name]
    assert named(first) == []


def test_what_is_retired_or_disabled_is_named_no_longer_and_may_come_back(
    archive: Archive,
) -> None:
    cache = CatalogueCache()
    lindane = port("lindane", "Port Lindane")
    harbours = [port(f"s{n}", f"Harbour {n}") for n in range(8)]
    assert named(changed(archive, cache, lindane, *harbours)) == ["lindane"]
    assert named(changed(archive, cache, lindane.model_copy(update={"enabled": False}))) == []
    assert named(changed(archive, cache, lindane)) == ["lindane"]
    with archive.begin() as connection:
        definitions.retire(connection, "storyline", "lindane", author="mara", now=NOON)
    gone = changed(archive, cache)
    assert named(gone) == []
    assert gone.storyline("lindane") is None
    assert named(changed(archive, cache, lindane)) == ["lindane"]


def test_a_worker_holds_each_definition_once_and_in_little_memory(archive: Archive) -> None:
    feeds = [
        Feed(id=f"f{n}", url=f"http://f.example/{n}", source=f"Source {n}") for n in range(2_000)
    ]
    with archive.begin() as connection:
        for feed in feeds:
            definitions.put(connection, feed, author="mara", now=NOON)
    known = DefinitionsCache()
    cache = CatalogueCache(known=known)
    tracemalloc.start()
    with archive.read() as connection:
        held = known.get(connection)
        used, _ = tracemalloc.get_traced_memory()
        assert cache.get(connection).current is held
        assert known.get(connection) is held
    tracemalloc.stop()
    assert used / len(feeds) < 1_600, "it was 3,200 with a set of field names in each"
    one, other = (held.feeds[name].definition for name in ("f1", "f2"))
    assert one == feeds[1]
    changed = one.model_copy(update={"title": "New"})
    assert changed.model_dump(exclude_unset=True)["title"] == "New"
    assert other.model_fields_set == set(Feed.model_fields)
