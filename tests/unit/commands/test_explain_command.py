"""`nightdesk explain`: what was recorded, what would be decided, and what was missing."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

from nightdesk.archive import Archive, articles, definitions, matches
from nightdesk.clock import SystemClock
from schemas import Article, Decision
from tests.unit.commands.conftest import Run, data_of
from tests.unit.commands.newsroom import MONDAY, STRIKE, bundle, lines, record


def stored(archive: Archive, title: str) -> Article:
    """Return the archived article whose title begins so."""
    with archive.read() as conn:
        [found] = [a for a in articles.recent(conn, limit=99) if a.title.startswith(title)]
    return found


def adds_up(data: dict[str, Any]) -> bool:
    total = sum(part["value"] for part in data["contributions"])
    return abs(total - data["score"]) < 1e-6


def test_a_recorded_hit(nightdesk: Run, filled: Archive) -> None:
    article = stored(filled, "Velmora strike: dockers walked out at all terminals, 5")
    data = data_of(nightdesk, "explain", article.id, "port-strike")
    assert (data["basis"], data["decision"], data["named"]) == ("recorded", "fits", True)
    assert adds_up(data)
    assert data["needs"]["fits"] < 0
    assert [one["decision"] for one in data["history"]] == ["fits"]
    fields = data["article"]
    for span in data["spans"]:
        assert fields[span["field"]][span["start"] : span["end"]] == span["text"]
    said = nightdesk("explain", article.id[: len("article-") + 8], "port-strike").out
    assert said.startswith("fits ")
    assert re.search(r"to spare at 0\.\d\d \(balanced\)", said)
    assert re.search(r"\[walked out \+\d\.\d\d\]", said), "quoted where it stands, with its sign"
    assert re.search(rf"^\+?{data['score']:+.2f} +sum", said, re.MULTILINE)
    assert "History: 1 version" in said


def test_the_address_of_an_article_is_its_name_too(nightdesk: Run, filled: Archive) -> None:
    article = stored(filled, "Velmora strike: dockers walked out at all terminals, 5")
    by_url = data_of(
        nightdesk, "explain", "http://www.wire.example/r02/?utm_source=x", "port-strike"
    )
    assert by_url == data_of(nightdesk, "explain", article.id, "port-strike")


def test_a_recorded_no_says_what_stood_against_it(nightdesk: Run, filled: Archive) -> None:
    article = stored(filled, "Velmora dockers play football against crane drivers, 6")
    data = data_of(nightdesk, "explain", article.id, "port-strike")
    assert (data["basis"], data["decision"]) == ("recorded", "not")
    assert data["missing"]["excluded"] == ["football"]
    assert adds_up(data)
    said = nightdesk("explain", article.id, "port-strike").out
    assert "it says “football”" in said
    assert re.search(r"\[football -\d+\.\d\d\]", said)


def test_an_article_that_was_never_named(nightdesk: Run, filled: Archive) -> None:
    article = stored(filled, "Pear harvest of orchard 8")
    data = data_of(nightdesk, "explain", article.id, "port-strike")
    assert (data["basis"], data["decision"], data["named"]) == ("computed", "not", False)
    assert data["history"] == []
    assert adds_up(data)
    assert data["score"] < data["floor"]
    lacks = data["missing"]
    assert {lack["name"] for lack in lacks["entities"]} == {"Velmora", "Dockers"}
    assert all(lack["gain"] > 0 for lack in lacks["entities"])
    assert lacks["cue"]["any_of"] == ["walk out", "walked out", "open-ended strike"]
    assert lacks["cue"]["gain"] > 0
    assert "velmora" in lacks["words"]
    assert data["needs"]["fits"] > data["needs"]["possible"] > 0
    said = nightdesk("explain", article.id, "port-strike").out
    assert "not recorded; judged now by version 1, in force" in said
    assert "never named" in said
    assert re.search(r"would need \+\d+\.\d\d to fit at 0\.\d\d", said)
    assert "Dockers: one of “dockers”, “dock workers” would add +" in said


def test_every_version_of_a_changed_mind(nightdesk: Run, filled: Archive) -> None:
    article = stored(filled, "Velmora dockers play football against crane drivers, 6")
    with filled.begin() as conn:
        [first] = [
            m.match
            for m in matches.of_article(conn, article.id)
            if m.match.storyline == "port-strike"
        ]
        changed = first.model_copy(
            update={"version": 2, "decision": Decision.FITS, "reason": "the strike is known by now"}
        )
        matches.record(conn, [(changed, "candidate")])
    data = data_of(nightdesk, "explain", article.id, "port-strike")
    assert data["decision"] == "fits"
    assert [one["version"] for one in data["history"]] == [1, 2]
    assert [one["reason"] for one in data["history"]] == [first.reason, changed.reason]
    said = nightdesk("explain", article.id, "port-strike").out
    assert "History: 2 versions" in said
    assert "the strike is known by now" in said


def test_a_draft_judges_anew_and_writes_nothing(
    nightdesk: Run, filled: Archive, draft: Path, desk: Path
) -> None:
    draft.write_text(bundle(STRIKE.replace("[football]", "[football, ships wait]")))
    article = stored(filled, "Velmora strike: dockers walked out at all terminals, 5")
    database = desk / "var" / "archive.sqlite"
    with sqlite3.connect(database) as connection:
        before = list(connection.iterdump())
    data = data_of(nightdesk, "explain", article.id, "port-strike", "--bundle", draft)
    assert (data["basis"], data["decision"]) == ("draft", "not")
    assert data["remembered"] > 0
    assert data["storyline_version"] == 2
    said = nightdesk("explain", article.id, "port-strike", "-b", draft).out
    assert f"judged now by {draft}" in said
    with sqlite3.connect(database) as connection:
        assert list(connection.iterdump()) == before


def test_the_version_that_judged_is_the_one_that_explains(nightdesk: Run, filled: Archive) -> None:
    article = stored(filled, "Velmora dockers play football against crane drivers, 6")
    with filled.begin() as conn:
        now = SystemClock().now()
        [held] = [
            s for s in definitions.current(conn).storylines.values() if "port" in s.definition.id
        ]
        milder = held.definition.model_copy(update={"exclusions": ()})
        assert definitions.put(conn, milder, author="mara", now=now) == 2
    data = data_of(nightdesk, "explain", article.id, "port-strike")
    assert data["storyline_version"] == 1
    assert data["missing"]["excluded"] == ["football"]
    with filled.begin() as conn:
        definitions.retire(conn, "storyline", "port-strike", author="mara", now=now)
    assert data_of(nightdesk, "explain", article.id, "port-strike") == data
    far = stored(filled, "Pear harvest of orchard 8")
    said = nightdesk("explain", far.id, "port-strike")
    assert said.code == 1
    assert "was retired" in said.err


def test_long_texts_are_shown_around_what_is_quoted(
    nightdesk: Run, draft: Path, desk: Path
) -> None:
    filler = "Nothing of note happened on the quay that day. " * 40
    text = f"{filler}Then the dockers of Velmora walked out. {filler}"
    (desk / "long.txt").write_text(text)
    short = nightdesk("explain", desk / "long.txt", "port-strike", "-b", draft).out
    whole = nightdesk("explain", desk / "long.txt", "port-strike", "-b", draft, "--whole").out
    for said in (short, whole):
        assert re.search(r"\[dockers [+-]\d\.\d\d\] of \[Velmora [+-]\d\.\d\d\]", said)
    assert " … " in short
    assert len(short) < len(whole) / 2
    assert whole.count("Nothing of note") == 80


def test_control_characters_never_reach_the_terminal(
    nightdesk: Run, draft: Path, desk: Path
) -> None:
    evil = record(
        "e\x1b[2J", "Velmora \x1b[31mdockers walk out\u202e", MONDAY, source="W\x1b]0;x\x07"
    )
    (desk / "evil.jsonl").write_text(lines([evil]))
    said = nightdesk("explain", desk / "evil.jsonl", "port-strike", "-b", draft)
    assert said.code == 0
    assert not set("\x1b\x07\u202e") & set(said.out)


def test_an_unknown_article_is_told_with_those_like_it(nightdesk: Run, filled: Archive) -> None:
    article = stored(filled, "Pear harvest of orchard 8")
    said = nightdesk("explain", article.id[:-6] + "zzzzzz", "port-strike")
    assert said.code == 1
    assert "holds no article" in said.err
    assert article.id in said.err
    said = nightdesk("explain", "https://wire.example/r0222", "port-strike")
    assert said.code == 1
    assert "https://wire.example/r02" in said.err
    assert "give an id" in nightdesk("explain", "zz", "port-strike").err


def test_an_ambiguous_beginning_is_told(nightdesk: Run, archive: Archive) -> None:
    from tests.support.archive_samples import article

    ids = ["article-00ff00aa", "article-00ff00bb"]
    with archive.begin() as conn:
        articles.add_revisions(conn, [article(id_) for id_ in ids], {})
    said = nightdesk("explain", "00ff", "port-strike")
    assert said.code == 1
    assert "several articles" in said.err
    assert all(id_ in said.err for id_ in ids)


def test_an_unknown_storyline_is_told_with_those_like_it(
    nightdesk: Run, filled: Archive, draft: Path, jsonl: Path
) -> None:
    article = stored(filled, "Pear harvest of orchard 8").id
    assert "did you mean port-strike?" in nightdesk("explain", article, "port-strikes").err
    by_title = nightdesk("explain", article, "dockers of velmora")
    assert by_title.code == 1
    assert "port-strike" in by_title.err
    none = nightdesk("explain", article, "xyz")
    assert none.code == 1
    assert "there are ferry-line, port-strike" in none.err
    in_file = nightdesk("explain", f"{jsonl}#r00", "ferry-line", "--bundle", draft)
    assert in_file.code == 1
    assert str(draft) in in_file.err
