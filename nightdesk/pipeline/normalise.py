"""Stage `normalise`: reports become articles; copies and edits of known articles are told apart.

Outcomes: `new` (an article never seen), `revision` (the same feed entry says something else now),
`duplicate` (known, nothing new in it), `redelivered` (this very report was processed before, under
another offset).  A revision carries what it changed (`Article.edit`).
What holds nothing to read is buried; sent again by hand, it is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.archive import articles, reports
from nightdesk.archive.reports import RecordedReport
from nightdesk.errors import PoisonMessage
from nightdesk.pipeline.edits import SETTLED_AFTER, Known, Passage, judge, owner_of
from nightdesk.pipeline.stage import Received, Work
from nightdesk.text.normalise import NormalisedReport, normalise
from nightdesk.text.revised import edit_of
from schemas import Article, Report

Readable = tuple[Report, NormalisedReport]


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
        written: list[Article] = []
        keys: dict[str, tuple[str, ...]] = {}
        again: list[tuple[str, int, datetime]] = []
        for report, normalised in readable:
            judged = judge(report, normalised, known)
            owner = judged.owner
            work.counts[judged.outcome] += 1
            rows.append(_row(report, owner.article, judged.outcome, judged.reason))
            if judged.again is not None:
                again.append((owner.article, judged.again.revision, judged.again.seen_at))
            if judged.outcome == "duplicate":
                continue
            article = normalised.article(report, name=owner.article, revision=owner.revision)
            if judged.outcome == "revision":
                edit = edit_of(latest[article.id], article)
                article = article.model_copy(update={"edit": edit})
            latest[article.id] = article
            written.append(article)
            keys[article.id] = (*keys.get(article.id, ()), *normalised.keys)
            work.send("articles", article.id, article)
            if report.published_at is not None:
                work.took("published_to_seen", report.published_at, report.seen_at, report.arrival)
            work.took("seen_to_normalised", report.seen_at, now, report.arrival)
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


def _known(
    connection: Connection, readable: Sequence[Readable]
) -> tuple[dict[str, Known], dict[str, Article]]:
    """Map each identity key to what is known under it; and articles by id, in their latest revision."""
    keys = {key for _, normalised in readable for key in normalised.keys}
    owners = articles.resolve(connection, sorted(keys))
    heads = articles.latest(connection, sorted(set(owners.values())))
    latest = {name: Article.model_validate_json(head.document) for name, head in heads.items()}
    by_article = {
        article: Known(article, latest[article].feed, head.revision, head.content_hash)
        for article, head in heads.items()
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
