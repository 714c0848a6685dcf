"""A worker's catalogue follows the archive, and what did not change is neither read nor compiled again."""

from __future__ import annotations

import pytest

from nightdesk.archive import definitions
from nightdesk.archive.engine import Archive
from nightdesk.pipeline.definitions import Catalogue, CatalogueCache
from nightdesk.storylines.nominate import nominate
from schemas import Storyline
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
