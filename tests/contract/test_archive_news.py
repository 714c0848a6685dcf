"""Reports and articles keep their word on every kind of database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from nightdesk.archive import Archive, articles, feeds, matches, reports
from nightdesk.archive.errors import ArchiveConflict
from nightdesk.archive.feeds import Poll
from nightdesk.archive.reports import RecordedReport
from schemas import Arrival, Decision
from tests.support.archive_samples import NOON, article, at, match


def _report(id_: str, outcome: str = "new", **changes: object) -> RecordedReport:
    values = {"id": id_, "feed": "f", "entry": "e", "outcome": outcome, "seen_at": NOON}
    return RecordedReport(**(values | changes))  # type: ignore[arg-type]


def test_what_became_of_reports(archive: Archive) -> None:
    first = _report("r1", article="a1", arrival=Arrival.BACKFILL)
    copy = _report("r2", "duplicate", article="a1", reason="same text", seen_at=at(1))
    with archive.begin() as conn:
        reports.record(conn, [first, copy, _report("r3", "rejected")])
        reports.record(conn, [_report("r3", "new", article="a3")])
        reports.record(conn, [])
    with archive.read() as conn:
        found = reports.known(conn, ["r1", "r2", "r3", "r4"])
        assert found == {"r1": "new", "r2": "duplicate", "r3": "new"}
        assert reports.known(conn, []) == {}


def test_only_a_report_that_died_is_retried(archive: Archive) -> None:
    with archive.begin() as conn:
        reports.record(conn, [_report("r1", reports.DEAD), _report("r2", "new")])
        for name in ("r1", "r2", "r3"):
            reports.retry(conn, name)
    with archive.read() as conn:
        assert reports.known(conn, ["r1", "r2", "r3"]) == {"r1": reports.RETRIED, "r2": "new"}


def test_edits_are_known_by_the_texts_between_which_they_lie(archive: Archive) -> None:
    texts = ["A", "B", "A", "C"]
    edits = [
        article("a", n, content_hash=text, seen_at=at(n)) for n, text in enumerate(texts, start=1)
    ]
    with archive.begin() as conn:
        articles.add_revisions(conn, [*edits, article("b"), article("b", 2)], {})
        articles.seen_again(conn, [("a", 2, at(60)), ("a", 9, at(60))])
    with archive.read() as conn:
        found = articles.passages(conn, ["a", "none"], at(4))
        assert sorted(found) == [("a", 2, "A", "B", at(60)), ("a", 4, "A", "C", at(4))]
        assert len(articles.passages(conn, ["a", "b"], NOON)) == 4
        second = articles.get(conn, "a", 2)
    assert second is not None
    assert second.seen_at == at(2)


def test_an_article_is_found_by_any_of_its_keys(archive: Archive) -> None:
    long_key = "guid:" + "ü" * 9_000
    keys = {"a": ["url:a", "guid:a"], "b": ["url:b", "guid:a", long_key], "c": []}
    with archive.begin() as conn:
        articles.add_revisions(conn, [article("a"), article("b"), article("c")], keys)
        articles.add_revisions(conn, [article("d")], {"d": ["url:a", "url:d"]})
    with archive.read() as conn:
        asked = ["url:a", "guid:a", "url:b", long_key, "url:none", long_key + "x", "url:d"]
        assert articles.resolve(conn, asked) == {
            "url:a": "a",
            "guid:a": "a",
            "url:b": "b",
            long_key: "b",
            "url:d": "d",
        }


def test_a_later_revision_becomes_the_head_and_earlier_ones_stay(archive: Archive) -> None:
    first = article("a")
    second = article("a", 2, title="Ferry talks fail", seen_at=at(5))
    with archive.begin() as conn:
        articles.add_revisions(conn, [first], {})
    with archive.begin() as conn:
        articles.add_revisions(conn, [second, article("a", 3, seen_at=at(6)), article("b")], {})
    with archive.read() as conn:
        heads = articles.latest(conn, ["a", "b", "none"])
        assert {id_: head.revision for id_, head in heads.items()} == {"a": 3, "b": 1}
        assert heads["a"].article() == article("a", 3, seen_at=at(6))
        assert heads["a"].content_hash == article("a", 3).content_hash
        assert articles.get(conn, "a") == article("a", 3, seen_at=at(6))
        assert articles.get(conn, "a", 2) == second
        assert articles.get(conn, "a", 9) is None
        assert articles.get(conn, "none") is None
        assert [a.revision for a in articles.history(conn, "a")] == [1, 2, 3]


def test_a_revision_that_another_worker_stored_is_a_conflict(archive: Archive) -> None:
    with archive.begin() as conn:
        articles.add_revisions(conn, [article("a")], {})
    with pytest.raises(ArchiveConflict) as told, archive.begin() as conn:
        articles.add_revisions(conn, [article("b"), article("a", title="other")], {"b": ["k"]})
    assert told.value.transient
    with archive.read() as conn:
        assert articles.resolve(conn, ["k"]) == {}
        assert articles.get(conn, "b") is None


def test_nominations_are_noted_once_judged(archive: Archive) -> None:
    with archive.begin() as conn:
        articles.add_revisions(conn, [article(f"a{n}") for n in range(5)], {})
        pairs = [("a0", 1), ("a1", 1), ("a1", 2)]
        assert articles.nominated(conn, pairs) == {("a0", 1): None, ("a1", 1): None}
        articles.set_nominated(conn, [("a0", 1, 3), ("a1", 1, 0), ("none", 1, 4)])
        articles.set_nominated(conn, [])
        assert articles.nominated(conn, pairs) == {("a0", 1): 3, ("a1", 1): 0}
        assert articles.nominated(conn, []) == {}


def test_recent_articles_page_by_page(archive: Archive) -> None:
    several = [article(f"a{n}", seen_at=at(n // 2)) for n in range(6)]
    with archive.begin() as conn:
        articles.add_revisions(conn, several, {})
    with archive.read() as conn:
        seen, before = [], None
        while page := articles.recent(conn, limit=2, before=before):
            seen += [a.id for a in page]
            before = (page[-1].seen_at, page[-1].id)
        assert seen == ["a5", "a4", "a3", "a2", "a1", "a0"]


def test_recent_articles_of_a_storyline_are_those_that_fit_it_now(archive: Archive) -> None:
    fits, possible, once, never = (article(name) for name in ("fits", "possible", "once", "never"))
    with archive.begin() as conn:
        articles.add_revisions(conn, [fits, possible, once, never], {})
        rows = [
            match(of=fits),
            match(of=possible, decision=Decision.POSSIBLE),
            match(of=once),
            match(of=once, version=2, decision=Decision.NOT),
            match(of=never, decision=Decision.NOT),
            match("other", of=never),
        ]
        matches.record(conn, [(m, f"c{n}") for n, m in enumerate(rows)])
    with archive.read() as conn:
        found = articles.recent(conn, limit=9, storyline="ferry")
        assert [a.id for a in found] == ["possible", "fits"]


def test_times_come_back_in_utc_whatever_zone_they_had(archive: Archive) -> None:
    zone = timezone(timedelta(hours=-9, minutes=-30))
    moment = datetime(2026, 3, 1, 2, 30, 0, 123_456, tzinfo=zone)
    with archive.begin() as conn:
        feeds.add_polls(conn, [Poll("f", moment, 200, "new", 1, 0, 0, 0, 0.1)])
        found = feeds.polls_of(conn, "f", limit=1)[0].polled_at
    assert found == moment
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize("hostile", ["\x00", "a\ud800b", "𝕏" * 3_000, "';--", "é\r\n%s %(x)s :y ?"])
def test_words_that_publishers_write_are_stored_whatever_they_are(
    archive: Archive, hostile: str
) -> None:
    with archive.begin() as conn:
        reports.record(conn, [_report("r", reason=hostile, entry=hostile, article="a")])
        keys = {"a": [f"url:{hostile}"]}
        title = hostile.replace("\ud800", "")
        articles.add_revisions(conn, [article("a", title=title, url=title)], keys)
    with archive.read() as conn:
        assert reports.known(conn, ["r"]) == {"r": "new"}
        assert articles.resolve(conn, [f"url:{hostile}"]) == {f"url:{hostile}": "a"}
        kept = articles.get(conn, "a")
        assert kept is not None
        assert kept.title == title
