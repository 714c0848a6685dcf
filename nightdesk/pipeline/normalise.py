"""Stage `normalise`: reports become articles; copies and edits of known articles are told apart.

Outcomes: `new` (an article never seen), `revision` (the same feed entry says something else now),
`duplicate` (known, nothing new in it), `redelivered` (this very report was processed before, under
another offset).  A revision carries what it changed (`Article.edit`).
What holds nothing to read is buried; sent again by hand, it is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from nightdesk.archive import articles, reports
from nightdesk.archive.reports import RecordedReport
from nightdesk.errors import PoisonMessage
from nightdesk.pipeline.boilerplate import Boilerplate
from nightdesk.pipeline.edits import SETTLED_AFTER, Known, Passage, judge, owner_of, with_page
from nightdesk.pipeline.stage import Received, Work
from nightdesk.text.normalise import NormalisedReport, normalise
from nightdesk.text.revised import edit_of
from schemas import Article, Report

Readable = tuple[Report, NormalisedReport]


class _Fresh(NamedTuple):
    """A report that is a revision of an article, the first one or a later one."""

    report: Report
    normalised: NormalisedReport
    article: str
    revision: int


class NormaliseStage:
    """Needs nothing but the archive; caches nothing."""

    name = "normalise"
    topic = "reports"
    contract = Report

    def process(
        self, connection: Connection, batch: Sequence[Received[Report]], now: datetime
    ) -> Work:
        work = Work()
        rows: list[RecordedReport] = []
        readable = list(_read(connection, batch, work, rows))
        known, latest = _known(connection, readable)
        fresh: list[_Fresh] = []
        again: list[tuple[str, int, datetime]] = []
        for report, normalised in readable:
            whole = with_page(report, normalised, known)
            judged = judge(report, whole, known)
            owner = judged.owner
            work.counts[judged.outcome] += 1
            rows.append(_row(report, owner.article, judged.outcome, judged.reason))
            if judged.again is not None:
                again.append((owner.article, judged.again.revision, judged.again.seen_at))
            if judged.outcome != "duplicate":
                fresh.append(_Fresh(report, whole, owner.article, owner.revision))
        written, keys = _written(connection, fresh, latest, work)
        for article in written:
            work.send("articles", article.id, article)
        for one in fresh:
            seen_at, arrival = one.report.seen_at, one.report.arrival
            if one.report.published_at is not None:
                work.took("published_to_seen", one.report.published_at, seen_at, arrival)
            work.took("seen_to_normalised", seen_at, now, arrival)
        articles.add_revisions(connection, written, keys)
        articles.seen_again(connection, again)
        reports.record(connection, rows)
        return work

    def forget(self) -> None:
        """Nothing is cached."""


def _read(
    connection: Connection,
    batch: Sequence[Received[Report]],
    work: Work,
    rows: list[RecordedReport],
) -> Iterator[Readable]:
    """Yield what can be read and was not read before; count, bury and record the rest.

    A report that died is read again, whoever sent it: by hand (`retried`) it may die again; after a
    crash the letter that it left still waits, and there is nothing to add.
    """
    told = reports.known(connection, [received.body.id for received in batch])
    for received in batch:
        report = received.body
        before = told.get(report.id)
        if before is not None and before not in {reports.DEAD, reports.RETRIED}:
            work.counts["redelivered"] += 1
            continue
        try:
            normalised = normalise(report)
        except PoisonMessage as poison:
            told[report.id] = reports.DEAD
            if before == reports.DEAD:
                work.counts["redelivered"] += 1
                continue
            work.buried.append((received.incoming, poison))
            rows.append(_row(report, None, reports.DEAD, poison.message))
        else:
            told[report.id] = "read"
            yield report, normalised


def _written(
    connection: Connection, fresh: Sequence[_Fresh], latest: dict[str, Article], work: Work
) -> tuple[list[Article], dict[str, tuple[str, ...]]]:
    """Return the articles that come of reports, and the keys of each by its id.

    Lines that recur in their sources are dropped, and learned; of a revision it is told what it changed.
    """
    articles_: list[Article] = []
    keys: dict[str, tuple[str, ...]] = {}
    if not fresh:
        return articles_, keys
    recurring = Boilerplate(connection, (report.source for report, *_ in fresh))
    for report, normalised, name, revision in fresh:
        before = latest.get(name)
        kept, dropped = recurring.take(report, normalised, learn=before is None)
        article = kept.article(report, name=name, revision=revision)
        if before is not None:
            is_boilerplate = recurring.is_boilerplate(report.source)
            if before.text_from == "feed" and article.text_from == "page":
                # Its page could be read at last: that is no edit of its publisher's.
                before = before.model_copy(update={"text": article.text})
            edit = edit_of(before, article, is_boilerplate=is_boilerplate)
            article = article.model_copy(update={"edit": edit})
        work.dropped["learned"] += dropped
        work.dropped["first_sight"] += normalised.boilerplate
        latest[name] = article
        articles_.append(article)
        keys[name] = (*keys.get(name, ()), *normalised.keys)
    recurring.save()
    return articles_, keys


def _known(
    connection: Connection, readable: Sequence[Readable]
) -> tuple[dict[str, Known], dict[str, Article]]:
    """Map each identity key to what is known under it; and articles by id, in their latest revision."""
    keys = {key for _, normalised in readable for key in normalised.keys}
    owners = articles.resolve(connection, sorted(keys))
    heads = articles.latest(connection, sorted(set(owners.values())))
    latest = {name: Article.model_validate_json(head.document) for name, head in heads.items()}
    by_article = {
        name: Known(
            name,
            latest[name].feed,
            head.revision,
            head.content_hash,
            title=latest[name].title,
            description=latest[name].description,
            page=latest[name].text if latest[name].text_from == "page" else None,
            url=latest[name].url,
        )
        for name, head in heads.items()
    }
    known = {key: by_article[article] for key, article in owners.items() if article in by_article}
    edited = {
        owner.article
        for report, normalised in readable
        if (owner := owner_of(normalised, known)) is not None
        and owner.feed == report.feed
        and owner.text != normalised.content_hash
    }
    if edited:
        since = min(report.seen_at for report, _ in readable) - SETTLED_AFTER
        for passed in articles.passages(connection, sorted(edited), since):
            passages = by_article[passed.article].passages
            last = passages.get((passed.before, passed.after))
            if last is None or last.revision < passed.revision:
                passages[passed.before, passed.after] = Passage(passed.revision, passed.seen_at)
    return known, latest


def _row(report: Report, article: str | None, outcome: str, reason: str) -> RecordedReport:
    return RecordedReport(
        id=report.id,
        feed=report.feed,
        entry=report.entry,
        outcome=outcome,
        seen_at=report.seen_at,
        article=article,
        reason=reason,
        arrival=report.arrival,
    )
