"""Looking things up by hand: articles by name and in event time, all versions of a match."""

from __future__ import annotations

from datetime import datetime, timedelta

from nightdesk.archive import Archive, articles, event_time, finding, matches
from nightdesk.archive.event_time import Position
from nightdesk.text.urls import canonical_url, url_key
from schemas import Article, Decision
from tests.support.archive_samples import NOON, article, at, match

IDS = [f"article-{digits}" for digits in ("aa00aa00", "aa00bb00", "aa%_cc00", "ff110000")]


def _store(archive: Archive, *new: Article) -> None:
    keys = {a.id: [f"url:{url_key(canonical_url(a.url) or '')}"] for a in new if a.url}
    with archive.begin() as conn:
        articles.add_revisions(conn, new, keys)


def _all(archive: Archive, *, limit: int, **span: datetime) -> list[str]:
    """Read the span page by page; return the ids in the order in which they came."""
    position, found = event_time.before(span.get("since")), []
    while True:
        with archive.read() as conn:
            page = event_time.page(conn, after=position, until=span.get("until"), limit=limit)
        assert len(page) <= limit
        if not page:
            return found
        found += [a.id for a in page]
        position = Position(page[-1].event_time, page[-1].id)


def test_pages_follow_event_time_and_miss_none_of_one_moment(archive: Archive) -> None:
    told = {"e": 3, "d": 1, "c": 1, "b": 1, "a": 2}
    _store(archive, *(article(id_, published_at=at(when)) for id_, when in told.items()))
    _store(archive, article("unclaimed", published_at=None, seen_at=at(1.5)))
    for limit in (1, 2, 3, 100):
        assert _all(archive, limit=limit) == ["b", "c", "d", "unclaimed", "a", "e"]
    assert _all(archive, limit=2, since=at(1.5), until=at(3)) == ["unclaimed", "a"]
    with archive.read() as conn:
        assert event_time.extent(conn) == (6, at(1), at(3))
        assert event_time.extent(conn, since=at(1.5), until=at(3)) == (2, at(1.5), at(2))
        assert event_time.extent(conn, since=at(9)) == (0, None, None)


def test_an_edited_article_comes_once_as_it_stands_now(archive: Archive) -> None:
    _store(archive, article("a", published_at=at(1)))
    _store(archive, article("a", 2, published_at=at(7), title="Edited"), article("b"))
    with archive.read() as conn:
        page = event_time.page(conn, after=event_time.before(None), limit=9)
    assert [(a.id, a.revision) for a in page] == [("b", 1), ("a", 2)]


def test_an_article_is_found_by_id_beginning_or_address(archive: Archive) -> None:
    _store(archive, *(article(id_) for id_ in IDS))
    with archive.read() as conn:
        assert finding.find(conn, IDS[0]) == [IDS[0]]
        assert finding.find(conn, "aa00a") == [IDS[0]]
        assert finding.find(conn, "article-aa00") == IDS[:2]
        # The digits of another one: a sign of a pattern stands for itself.
        assert finding.find(conn, "aa%_c") == [IDS[2]]
        assert finding.find(conn, "aa%") == []
        assert finding.find(conn, "ff") == []
        url = f"http://www.herald.example/{IDS[3]}/?utm_source=wire#top"
        assert finding.find(conn, url) == [IDS[3]]
        assert finding.find(conn, "https://herald.example/none") == []
        assert finding.find(conn, "http://[") == []


def test_several_entries_of_one_page_are_all_found_by_its_address(archive: Archive) -> None:
    page = "https://herald.example/live"
    with archive.begin() as conn:
        articles.add_revisions(conn, [article("one", url=page), article("two", url=page)], {})
    with archive.read() as conn:
        assert finding.find(conn, page) == ["one", "two"]


def test_what_is_near_to_a_name_that_means_nothing(archive: Archive) -> None:
    _store(archive, *(article(id_) for id_ in IDS))
    with archive.read() as conn:
        assert finding.near(conn, "aa00cc") == IDS[:2]
        assert finding.near(conn, "article-f") == [IDS[3]]
        assert finding.near(conn, "zzz") == []
        near = finding.near(conn, f"https://herald.example/{IDS[3][:-1]}")
        assert near[0] == f"https://herald.example/{IDS[3]}"


def test_every_version_of_a_match_is_kept_in_order(archive: Archive) -> None:
    first = match(decision=Decision.POSSIBLE, probability=0.4)
    second = match(version=2, decided_at=NOON + timedelta(hours=1), reason="promoted")
    other = match(of=article("article-2"), decision=Decision.NOT, probability=0.1)
    with archive.begin() as conn:
        matches.record(conn, [(second, "c"), (other, "d"), (first, "c")])
        matches.record(conn, [(match("strike"), "e")])
    with archive.read() as conn:
        assert matches.history(conn, first.id) == [first, second]
        assert matches.history(conn, "none") == []
        verdicts = list(matches.verdicts(conn, "ferry"))
        assert list(matches.verdicts(conn, "none")) == []
    by_article: dict[str, list[Decision]] = {}
    for verdict in verdicts:
        by_article.setdefault(verdict.article, []).append(verdict.decision)
    assert by_article == {
        "article-1": [Decision.POSSIBLE, Decision.FITS],
        "article-2": [Decision.NOT],
    }
