"""Applying plans to a real archive: all or nothing, versions kept, conflicts told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.archive import Archive, definitions
from nightdesk.bundles.apply import apply
from nightdesk.bundles.plan import plan
from nightdesk.errors import ConfigurationError
from schemas import Bundle
from tests.unit.bundles.support import GOOD, NOW, check


@pytest.fixture
def archive(sqlite_archive: Archive) -> Archive:
    return sqlite_archive


def _bundle(text: str = GOOD) -> Bundle:
    bundle = check(text).bundle
    assert bundle is not None
    return bundle


def _apply(archive: Archive, text: str, **options: bool) -> dict[tuple[str, str], int | None]:
    with archive.begin() as conn:
        planned = plan(definitions.current(conn), _bundle(text), **options)
        return apply(conn, planned, author="mara", now=NOW)


def test_a_bundle_reaches_the_archive_and_applying_it_again_changes_nothing(
    archive: Archive,
) -> None:
    done = _apply(archive, GOOD)
    assert done["feeds", "harbour-wire"] == 1
    assert len(done) == 5
    with archive.read() as conn:
        before = definitions.current(conn)
        assert tuple(v.definition for v in before.feeds.values()) == _bundle().feeds
        assert before.storylines["port-strike"].author == "mara"
    assert _apply(archive, GOOD, prune=True) == {}
    with archive.read() as conn:
        assert definitions.epoch(conn) == before.epoch


def test_an_update_is_a_new_version_and_prune_retires(archive: Archive) -> None:
    _apply(archive, GOOD)
    changed = GOOD[: GOOD.index("storylines:")].replace("interval: 5m", "interval: 1h")
    assert _apply(archive, changed) == {("feeds", "harbour-wire"): 2}
    pruned = _apply(archive, changed, prune=True)
    assert set(pruned.values()) == {None}
    with archive.read() as conn:
        assert list(definitions.current(conn).storylines) == []
        assert definitions.history(conn, "feed", "harbour-wire")[-1].version == 2


def test_a_change_by_somebody_else_is_not_overwritten(archive: Archive) -> None:
    with archive.read() as conn:
        stale = plan(definitions.current(conn), _bundle())
    _apply(archive, GOOD.replace("interval: 5m", "interval: 7m"))
    with (
        pytest.raises(ConfigurationError, match="changed by somebody else"),
        archive.begin() as conn,
    ):
        apply(conn, stale, author="tom", now=NOW + timedelta(hours=1))
    with archive.read() as conn:
        assert definitions.current(conn).feeds["harbour-wire"].author == "mara"
