"""`nightdesk rarity`: learning from the archive, what is in force, and going back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nightdesk.archive import Archive, articles, rarities
from nightdesk.pipeline.rarity import in_force
from nightdesk.storylines.rarity import shipped_rarity
from tests.unit.commands.conftest import Run
from tests.unit.storylines.build import make_article

BUNDLE = """\
storylines:
  - id: puerto
    title: Puerto cerrado
    description: El puerto de Lindane sigue cerrado.
    cues: {supporting: [gobierno]}
"""


@pytest.fixture
def filled(archive: Archive) -> Archive:
    now = datetime.now(UTC)
    several = [
        make_article("El gobierno habla del puerto.", id=f"es{n}", language="es", seen_at=now)
        for n in range(200)
    ]
    several += [
        make_article("Old news.", id=f"en{n}", language="en", seen_at=now - timedelta(days=100))
        for n in range(150)
    ]
    several += [make_article("Zug", id="de", language="de", seen_at=now)]
    with archive.begin() as conn:
        articles.add_revisions(conn, several, {})
    return archive


def test_learn_show_and_reset(nightdesk: Run, filled: Archive) -> None:
    said = nightdesk("rarity", "learn")
    assert said.code == 0, said.err
    assert "es" in said.out
    assert "200" in said.out
    assert "Version 1 is in force" in said.out
    shown = nightdesk("rarity", "show")
    assert "gobierno 8.0→" in shown.out
    assert "too few to teach anything" in shown.out
    with filled.read() as conn:
        assert in_force(conn).weight("gobierno") < 8.0
    data = json.loads(nightdesk("rarity", "show", "--words", "1", "--json").out)
    assert data["languages"]["es"] == {"articles": 200, "words": 5, "counts": True}
    assert (data["version"], data["shipped"], len(data["moved"]["es"])) == (1, False, 1)
    assert "shipped rarity is in force" in nightdesk("rarity", "reset").out
    assert json.loads(nightdesk("rarity", "show", "--json").out)["shipped"] is True
    assert "shipped rarity is in force since" in nightdesk("rarity", "show").out
    with filled.read() as conn:
        assert in_force(conn) is shipped_rarity()


def test_learn_counts_what_was_seen_since(nightdesk: Run, filled: Archive) -> None:
    data = json.loads(nightdesk("rarity", "learn", "--since", "200d", "--json").out)
    assert {name: one["articles"] for name, one in data["languages"].items()} == {
        "de": 1,
        "en": 150,
        "es": 200,
    }
    with filled.read() as conn:
        learnt = rarities.in_force(conn)
    assert learnt is not None
    assert learnt.since is not None


def test_too_little_changes_nothing_and_is_said(nightdesk: Run, archive: Archive) -> None:
    said = nightdesk("rarity", "learn")
    assert said.code != 0
    assert "too few articles" in said.err
    with archive.read() as conn:
        assert rarities.version(conn) == 0


def test_nothing_learnt_is_said(nightdesk: Run, archive: Archive) -> None:
    assert archive
    assert "The shipped rarity is in force" in nightdesk("rarity", "show").out
    data = json.loads(nightdesk("rarity", "show", "--json").out)
    assert (data["version"], data["shipped"]) == (0, True)


def test_explain_and_backtest_weigh_as_the_archive_does(
    nightdesk: Run, filled: Archive, desk: Path
) -> None:
    (desk / "draft.yaml").write_text(BUNDLE, "utf-8")

    def explained() -> float:
        said = nightdesk("explain", "es1", "puerto", "--bundle", "draft.yaml", "--json")
        assert said.code == 0, said.err
        return float(json.loads(said.out)["score"])

    def caught() -> object:
        said = nightdesk("backtest", "draft.yaml", "--json")
        assert said.code == 0, said.err
        data = json.loads(said.out)
        del data["speed"]
        return data

    before, caught_before = explained(), caught()
    nightdesk("rarity", "learn")
    assert explained() != before
    assert caught() != caught_before
    nightdesk("rarity", "reset")
    assert explained() == before
    assert caught() == caught_before
    assert filled
