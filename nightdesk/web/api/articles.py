"""`/articles`: search in the archive, and all that became of one article."""

from __future__ import annotations

from nightdesk.archive import alerts, article_search, finding, matches, reports
from nightdesk.archive import articles as archive
from nightdesk.archive.article_search import Wanted
from nightdesk.archive.matches import Decided
from nightdesk.ids import content_id
from nightdesk.web.api import cursors
from nightdesk.web.api.operations import Answer, Call, Routes
from nightdesk.web.api.shapes import ListQuery, Moment, Out, Page, Words
from nightdesk.web.problems import not_found
from schemas.article import Article
from schemas.base import UtcDatetime
from schemas.match import Decision, Span

routes = Routes("articles")
_MOST_REVISIONS = 50


class ArticleQuery(ListQuery):
    """Which articles.  `q` is words that all stand in the title, description, text or source; `since` and
    `until` are of when it was last seen."""

    q: Words | None = None
    source: Words | None = None
    storyline: Words | None = None
    since: Moment | None = None
    until: Moment | None = None


class ArticleLine(Out):
    """An article as a list shows it."""

    id: str
    revision: int
    feed: str
    source: str
    title: str
    url: str | None
    language: str
    published_at: UtcDatetime | None
    seen_at: UtcDatetime


class MatchOf(Out):
    """How an article stands with one storyline: `outcome` is what the alert stage made of it, null until it
    did; `spans` are the words that earned it, in the revision that was judged."""

    storyline: str
    storyline_version: int
    version: int
    revision: int
    decision: Decision
    probability: float
    reason: str
    decided_at: UtcDatetime
    spans: tuple[Span, ...]
    outcome: str | None
    development: str | None
    alert: str | None


class ReportOf(Out):
    """What became of one report of it."""

    id: str
    feed: str
    outcome: str
    reason: str
    seen_at: UtcDatetime


class ArticleWhole(Out):
    """An article, all that was revised in it (the newest 50), and what became of it."""

    article: Article
    revisions: tuple[Article, ...]
    matches: tuple[MatchOf, ...]
    reports: tuple[ReportOf, ...]


@routes.add("GET", "/articles", scope="read", query=ArticleQuery, answers={200: Page[ArticleLine]})
def search_articles(call: Call) -> Answer:
    """Search in the archive, last seen first.

    Words are looked for in the latest revision, wherever in a word they stand.  One page looks at 2,000
    articles at most: it may hold few, or none, and still have one that follows.
    """
    asked = call.asked(ArticleQuery)
    wanted = Wanted(asked.q, asked.source, asked.storyline, asked.since, asked.until)
    with call.api.deps.archive.read() as connection:
        found = article_search.page(
            connection, wanted, limit=asked.limit, before=cursors.unpack_moment(asked.cursor)
        )
    following = cursors.pack(*found.next) if found.next else None
    items = tuple(_line(article) for article in found.items)
    return Answer(Page[ArticleLine](items=items, next=following))


@routes.add("GET", "/articles/{id}", scope="read", answers={200: ArticleWhole}, refuses=(404,))
def show_article(call: Call) -> Answer:
    """Show one article, by its id or at least four characters of the beginning of it.

    With its revisions, how it stands with each storyline that it was named for, the alert that came of
    that, and what became of its reports.
    """
    name = call.path("id")
    with call.api.deps.archive.read() as connection:
        ids = finding.find(connection, name)
        if len(ids) != 1:
            hint = f"it may be any of {', '.join(ids)}" if ids else "/articles?q=… finds them"
            raise not_found("article", name, hint)
        revisions = archive.history(connection, ids[0])
        decided = [
            (one, _alert_of(one)) for one in matches.of_article(connection, revisions[-1].id)
        ]
        raised = alerts.latest_of(connection, (id_ for _, id_ in decided if id_))
        recorded = reports.by_id(connection, (one.report for one in revisions))
    whole = ArticleWhole(
        article=revisions[-1],
        revisions=tuple(revisions[-_MOST_REVISIONS:]),
        matches=tuple(_match(one, id_ if id_ in raised else None) for one, id_ in decided),
        reports=tuple(
            ReportOf(
                id=one.id,
                feed=one.feed,
                outcome=one.outcome,
                reason=one.reason,
                seen_at=one.seen_at,
            )
            for one in recorded
        ),
    )
    return Answer(whole)


def _alert_of(decided: Decided) -> str | None:
    """Return the id that the alert of a match's development has, if there is one."""
    if decided.development is None:
        return None
    return content_id("alert", decided.match.storyline, decided.development)


def _match(decided: Decided, alert: str | None) -> MatchOf:
    match = decided.match
    return MatchOf(
        storyline=match.storyline,
        storyline_version=match.storyline_version,
        version=match.version,
        revision=match.article.revision,
        decision=match.decision,
        probability=match.probability,
        reason=match.reason,
        decided_at=match.decided_at,
        spans=match.spans,
        outcome=decided.outcome,
        development=decided.development,
        alert=alert,
    )


def _line(article: Article) -> ArticleLine:
    return ArticleLine(
        id=article.id,
        revision=article.revision,
        feed=article.feed,
        source=article.source,
        title=article.title,
        url=article.url,
        language=article.language,
        published_at=article.published_at,
        seen_at=article.seen_at,
    )
