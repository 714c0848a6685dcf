"""`nightdesk explain` of a storyline with rivals: how near each of them is to the article."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nightdesk.archive import Archive, articles
from tests.unit.commands.conftest import Run
from tests.unit.commands.newsroom import FERRY, STRIKE, bundle, fill, lines, reports

PAY = """\
  - id: pay-talks
    title: Pay talks in the port of Velmora
    exemplars:
      - title: Velmora dock workers and port talk about pay for night shifts
        text: The union of dock workers in Velmora and the port met to talk about pay for night shifts.
"""
RIVALS = (STRIKE + "    rivals: [pay-talks]\n", PAY)


@pytest.fixture
def draft(desk: Path) -> Path:
    path = desk / "draft.yaml"
    path.write_text(bundle(*RIVALS))
    return path


def test_rivals_of_a_draft_are_told_with_their_likeness(
    nightdesk: Run, draft: Path, desk: Path
) -> None:
    (desk / "reports.jsonl").write_text(lines(reports()))
    arguments = ("explain", desk / "reports.jsonl#r00", "port-strike", "--bundle", draft)
    said = nightdesk(*arguments)
    assert said.code == 0, said.err
    [rival] = json.loads(nightdesk(*arguments, "--json").out)["rivals"]
    assert rival["storyline"] == "pay-talks"
    assert 0 < rival["cosine"] < 1
    assert f"rival pay-talks: {rival['cosine']:.2f} like the article" in said.out


def test_rivals_in_force_take_part_where_nothing_was_recorded(
    nightdesk: Run, archive: Archive
) -> None:
    fill(archive, reports(), FERRY)
    with archive.read() as conn:
        [article] = [a for a in articles.recent(conn, limit=99) if a.title.endswith("3 terminals")]
    fill(archive, [], *RIVALS)
    said = nightdesk("explain", article.id, "port-strike")
    assert said.code == 0, said.err
    assert "not recorded; judged now by version 1, in force" in said.out
    assert re.search(r"^rival pay-talks: 0\.\d\d like the article", said.out, re.MULTILINE)
