"""Search, on each kind of database."""

from __future__ import annotations

from nightdesk.archive import Archive, article_search, articles, reports
from nightdesk.archive.article_search import Wanted
from nightdesk.archive.reports import RecordedReport
from tests.support.archive_samples import article, at


def test_each_article_is_found_once_by_its_latest_words(archive: Archive) -> None:
    with archive.begin() as conn:
        first = [article(f"article-{n}", seen_at=at(n // 2)) for n in range(5)]
        articles.add_revisions(conn, first, {})
        later = article("article-0", 2, seen_at=at(9), title="Pears", source="Orchard \x00")
        articles.add_revisions(conn, [later], {})
        record = RecordedReport(later.report, "herald", "entry", "revision", at(9), "article-0")
        reports.record(conn, [record])
    with archive.read() as conn:
        seen, before = [], None
        while True:
            page = article_search.page(conn, Wanted(), limit=2, before=before)
            seen += [one.id for one in page.items]
            if (before := page.next) is None:
                break
        assert seen == ["article-0", "article-4", "article-3", "article-2", "article-1"]

        def found(**wanted) -> list[str]:
            page = article_search.page(conn, Wanted(**wanted), limit=10)
            return [one.id for one in page.items]

        assert found(words="PEARS ferry") == ["article-0"]
        assert found(words="resume (article-0)") == []
        assert found(source="Orchard \x00") == ["article-0"]
        assert found(since=at(2), until=at(9)) == ["article-4"]
        [told] = reports.by_id(conn, [later.report, "none"])
        assert (told.outcome, told.seen_at) == ("revision", at(9))
