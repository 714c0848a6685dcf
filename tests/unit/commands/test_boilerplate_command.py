"""`nightdesk boilerplate`: what was learned of sources, undone and redone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from nightdesk.archive import Archive, boilerplate
from nightdesk.archive.boilerplate import LearnedLine
from nightdesk.text.recurring import key_of
from tests.unit.commands.conftest import Run

WRITE, FOLLOW, OLD = "Write to our night desk", "Follow \x1b[2Jour harbour", "Ring us at night"


@pytest.fixture
def filled(archive: Archive) -> Archive:
    now = datetime.now(UTC)

    def line(words: str, source: str, dropped: int, days: int = 1) -> LearnedLine:
        key, seen_at = key_of(words), now - timedelta(days=days)
        assert key is not None
        return LearnedLine(source, key, words, seen_at, seen_at, dropped, None)

    with archive.begin() as conn:
        boilerplate.put(
            conn,
            [
                line(WRITE, "The Wire", 7),
                line(FOLLOW, "The Wire", 1_200),
                line(OLD, "Gazette", 3, 90),
            ],
        )
    return archive


def listed(nightdesk: Run, *arguments: str) -> list[tuple[str, str, int]]:
    said = nightdesk("boilerplate", "list", "--json", *arguments)
    assert said.code == 0, said.err
    return [(one["line"], one["state"], one["dropped"]) for one in json.loads(said.out)]


def test_what_is_dropped_most_comes_first(nightdesk: Run, filled: Archive) -> None:
    assert listed(nightdesk) == [
        (FOLLOW, "dropped", 1_200),
        (WRITE, "dropped", 7),
        (OLD, "lapsed", 3),
    ]
    assert listed(nightdesk, "Gazette") == [(OLD, "lapsed", 3)]
    said = nightdesk("boilerplate", "list", "--limit", "2").out
    assert "1,200" in said
    assert "Follow �[2Jour harbour" in said
    assert "3 lines in all" in said


@pytest.mark.parametrize("name", [WRITE, "write to our NIGHT desk!", key_of(WRITE), "prefix"])
def test_undo_and_redo(nightdesk: Run, filled: Archive, name: str | bytes) -> None:
    key = key_of(WRITE)
    assert key is not None
    text = key.hex()[:6] if name == "prefix" else name.hex() if isinstance(name, bytes) else name
    said = nightdesk("boilerplate", "undo", "The Wire", text)
    assert said.code == 0, said.err
    assert f"Kept from now on: {WRITE}" in said.out
    assert "7 times" in said.out
    assert (WRITE, "undone", 7) in listed(nightdesk)
    said = nightdesk("boilerplate", "redo", "The Wire", text)
    assert WRITE in said.out
    assert (WRITE, "dropped", 7) in listed(nightdesk)


def test_what_was_not_learned_is_said(nightdesk: Run, filled: Archive) -> None:
    for source, line in (("The Wire", OLD), ("Nobody", WRITE), ("The Wire", ""), ("The Wire", "*")):
        said = nightdesk("boilerplate", "undo", source, line)
        assert said.code == 1
        assert "no such line was learned" in said.err
        assert "boilerplate list" in said.err


def test_nothing_is_said(nightdesk: Run, archive: Archive) -> None:
    assert nightdesk("boilerplate", "list").out == "Nothing was learned so far.\n"
    assert nightdesk("boilerplate", "list", "Wire").out == "Nothing was learned of Wire so far.\n"
