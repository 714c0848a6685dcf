"""`nightdesk check` and `apply` on what storylines are told by: warnings, articles of the archive, rivals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nightdesk.archive import Archive, articles, definitions
from tests.support.archive_samples import article
from tests.unit.bundles.support import REPORT
from tests.unit.bundles.test_confusable import DENIAL, PROPOSAL
from tests.unit.commands.conftest import Run

ID = "article-0123456789abcdef01234567"
URL = "https://harbour.example/2026/ferries"
NAMED = """\
storylines:
  - id: ferries
    title: Ferries stand still
    entities: [{{country: GR}}]
    exemplars:
      - {name}
"""


@pytest.fixture
def bundle(desk: Path) -> Path:
    path = desk / "ferries.yaml"
    path.write_text(NAMED.format(name=URL), "utf-8")
    return path


def store(archive: Archive, revision: int = 1, text: str = REPORT) -> None:
    with archive.begin() as conn:
        known = article(ID, revision, url=URL, title="Ferries halted", text=text)
        articles.add_revisions(conn, [known], {ID: ["url:harbour.example/2026/ferries"]})


def exemplars(archive: Archive) -> list[tuple[str, str, str]]:
    with archive.read() as conn:
        stored = definitions.current(conn).storylines["ferries"].definition
    return [(e.article, e.title, e.text) for e in stored.exemplars]


def test_warnings_end_with_0_unless_strict(nightdesk: Run, desk: Path) -> None:
    path = desk / "pair.yaml"
    path.write_text(f"storylines:\n{DENIAL}{PROPOSAL}", "utf-8")
    said = nightdesk("check", path)
    assert said.code == 0
    assert "sound, 2 warnings" in said.out
    assert "hint: write `rivals: [proposal]`" in said.out
    assert nightdesk("check", path, "--strict").code == 1
    data = json.loads(nightdesk("check", path, "--strict", "--json").out)
    assert (data["ok"], data["errors"], data["warnings"]) == (False, 0, 2)


def test_check_says_that_it_looked_at_no_archive(nightdesk: Run, bundle: Path) -> None:
    said = nightdesk("check", bundle)
    assert said.code == 0
    assert f"warning: no archive was looked at: whether it holds '{URL}'" in said.out
    assert ":6:9: " in said.out


def test_check_looks_into_the_archive_if_asked_to(
    nightdesk: Run, bundle: Path, archive: Archive
) -> None:
    missing = nightdesk("check", bundle, "--archive")
    assert missing.code == 1
    assert f"error: the archive holds no article '{URL}'" in missing.out
    store(archive)
    assert "sound (" in nightdesk("check", bundle, "--archive").out


def test_check_makes_no_archive(nightdesk: Run, bundle: Path, desk: Path) -> None:
    said = nightdesk("check", bundle, "--archive")
    assert said.code == 1
    assert "there is no archive at" in said.err
    assert not (desk / "var").exists()


@pytest.mark.parametrize("name", [URL, f"{URL}?utm_source=mail", ID, ID[:16]])
def test_apply_copies_the_articles_words(
    nightdesk: Run, bundle: Path, archive: Archive, name: str
) -> None:
    store(archive)
    bundle.write_text(NAMED.format(name=name), "utf-8")
    assert nightdesk("apply", bundle, "--yes").code == 0
    assert exemplars(archive) == [(name, "Ferries halted", REPORT)]
    with archive.read() as conn:
        [exemplar] = definitions.current(conn).storylines["ferries"].definition.exemplars
        held = articles.get(conn, ID)
    assert held is not None
    assert exemplar.published == held.published_at is not None
    with archive.read() as conn:
        stored = definitions.current(conn).storylines["ferries"].definition
    assert {"Greece", "Greek", "Athens"} <= set(stored.entities[0].any_of)


def test_apply_refuses_what_the_archive_lacks_and_names_what_is_near(
    nightdesk: Run, bundle: Path, archive: Archive
) -> None:
    store(archive)
    bundle.write_text(NAMED.format(name=URL.replace("ferries", "feries")), "utf-8")
    said = nightdesk("apply", bundle, "--yes")
    assert said.code == 1
    assert f"did you mean {URL}?" in said.err
    with archive.read() as conn:
        assert definitions.current(conn).storylines == {}


def test_an_unchanged_file_changes_nothing_though_its_article_was_edited(
    nightdesk: Run, bundle: Path, archive: Archive
) -> None:
    store(archive)
    nightdesk("apply", bundle, "--yes")
    store(archive, 2, f"{REPORT} The strike goes on.")
    assert "Nothing to change" in nightdesk("apply", bundle, "--yes").out
    assert exemplars(archive) == [(URL, "Ferries halted", REPORT)]


def test_a_replay_refuses_a_mere_name(nightdesk: Run, bundle: Path, desk: Path) -> None:
    reports = desk / "reports.jsonl"
    reports.write_text('{"id": "a", "title": "Ferries halted"}\n')
    said = nightdesk("replay", reports, "--bundle", bundle)
    assert said.code == 1
    assert "a replay looks into no archive" in said.err
