"""`nightdesk edits`: the ledger as people read it, and as JSON."""

from __future__ import annotations

import json

import pytest

from nightdesk.archive import Archive, articles
from schemas import Change, ChangeClass, Edit
from tests.support.archive_samples import article, at
from tests.unit.commands.conftest import Run

FIGURE = Change(kind=ChangeClass.FIGURE, field="text", before="Two died.", after="Nine died.")
GONE = Change(kind=ChangeClass.REMOVAL, field="text", before="Nobody \x1b[31mknew.")
CAME = Change(kind=ChangeClass.ADDITION, field="text", after="All knew.")
MOVED = Change(kind=ChangeClass.COSMETIC, field="text", before="It rained.", after="It rained.")


@pytest.fixture
def filled(archive: Archive) -> Archive:
    several = [
        article("article-aaaa1111"),
        article("article-aaaa1111", 2, seen_at=at(10), edit=Edit(changes=(FIGURE, GONE))),
        article(
            "article-aaaa1111", 3, seen_at=at(30), edit=Edit(changes=(CAME, MOVED), left_out=4)
        ),
        article("article-bbbb2222", feed="wire", text="Two died. It rained."),
        article("article-bbbb2222", 2, feed="wire", text="Nine died. It rained.", seen_at=at(20)),
        article("article-cccc3333", feed="wire"),
    ]
    with archive.begin() as conn:
        articles.add_revisions(conn, several, {})
    return archive


def changed(said: str) -> list[tuple[str, int, list[str]]]:
    return [
        (edit["article"], edit["revision"], [change["class"] for change in edit["changes"]])
        for edit in json.loads(said)
    ]


def test_edits_are_told_last_seen_first(nightdesk: Run, filled: Archive) -> None:
    said = nightdesk("edits")
    assert said.code == 0, said.err
    assert said.out.splitlines()[:5] == [
        "2026-03-01 12:30  Ferry talks resume (article-aaaa1111)",
        "  Harbour Herald, revision 3 of article-aaaa1111",
        "  addition    → All knew.",
        "  cosmetic    moved: It rained.",
        "  and 4 more",
    ]
    assert "  figure      Two died. → Nine died." in said.out
    assert "  removal     Nobody �[31mknew. →" in said.out
    assert changed(nightdesk("edits", "--json").out) == [
        ("article-aaaa1111", 3, ["addition", "cosmetic"]),
        ("article-bbbb2222", 2, ["figure"]),
        ("article-aaaa1111", 2, ["figure", "removal"]),
    ]


def test_one_article_one_feed_one_class_so_many(nightdesk: Run, filled: Archive) -> None:
    of_one = changed(nightdesk("edits", "bbbb", "--json").out)
    assert of_one == changed(nightdesk("edits", "--feed", "wire", "--json").out)
    assert of_one == [("article-bbbb2222", 2, ["figure"])]
    assert changed(nightdesk("edits", "--class", "figure", "--json").out) == [
        ("article-bbbb2222", 2, ["figure"]),
        ("article-aaaa1111", 2, ["figure"]),
    ]
    assert len(changed(nightdesk("edits", "--limit", "1", "--json").out)) == 1
    said = nightdesk("edits", "--class", "removal").out
    assert "figure" not in said
    assert "more" not in said


def test_nothing_is_said(nightdesk: Run, filled: Archive) -> None:
    assert nightdesk("edits", "cccc").out == "No edits like that.\n"
    assert nightdesk("edits", "--class", "headline").out == "No edits like that.\n"
    assert nightdesk("edits", "--feed", "nobody", "--json").out == "[]\n"


def test_what_does_not_exist_is_said(nightdesk: Run, filled: Archive) -> None:
    said = nightdesk("edits", "--class", "figures")
    assert said.code == 2
    assert "no class is called" in said.err
    said = nightdesk("edits", "article-ffff")
    assert said.code == 1
    assert "no article" in said.err


def test_an_empty_archive_has_none(nightdesk: Run, archive: Archive) -> None:
    assert nightdesk("edits").out == "No edits.\n"
