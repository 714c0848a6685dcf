"""Stage `normalise`: reports become articles; copies and edits of known articles are told apart.

Outcomes: `new` (an article never seen), `revision` (the same feed entry says something else now),
`duplicate` (known, nothing new in it), `redelivered` (this very report was processed before, under
another offset).  What holds nothing to read is buried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.archive import articles, reports
from nightdesk.archive.articles import ArticleHead
from nightdesk.archive.reports import RecordedReport
from nightdesk.errors import PoisonMessage
from nightdesk.pipeline.stage import Received, Work
from nightdesk.text.normalise import NormalisedReport, normalise
from schemas import Article, Report


@dataclass(slots=True)
class _Known:
    """What the archive, or an earlier message of this batch, knows of an article."""

    article: str
    feed: str
    revision: int
    hashes: set[str]


class NormaliseStage:
    """Needs nothing but the archive; caches nothing."""

    name = "normalise"
    topic = "reports"
    contract = Report

    def process(
        self, connection: Connection, batch: Sequence[Received[Report]], now: datetime
    ) -> Work:
        work = Work()
        before = reports.known(connection, [received.body.id for received in batch])
        readable: list[tuple[Report, NormalisedReport]] = []
        told: set[str] = set(before)
        rows: list[RecordedReport] = []
        for received in batch:
            report = received.body
            if report.id in told:
                work.counts["redelivered"] += 1
                continue
            told.add(report.id)
            try:
                readable.append((report, normalise(report)))
            except PoisonMessage as poison:
                work.buried.append((received.incoming, poison))
                rows.append(_row(report, None, "dead_letter", poison.message))
        known = self._known(connection, [normalised for _, normalised in readable])
        written: list[Article] = []
        keys: dict[str, tuple[str, ...]] = {}
        for report, normalised in readable:
            outcome, article, reason = _judge(report, normalised, known)
            if article is not None:
                written.append(article)
                keys[article.id] = (*keys.get(article.id, ()), *normalised.keys)
                work.send("articles", article.id, article)
                if report.published_at is not None:
                    work.took(
                        "published_to_seen", report.published_at, report.seen_at, report.arrival
                    )
                work.took("seen_to_normalised", report.seen_at, now, report.arrival)
            work.counts[outcome] += 1
            rows.append(_row(report, known[normalised.keys[0]].article, outcome, reason))
        articles.add_revisions(connection, written, keys)
        reports.record(connection, rows)
        return work

    def forget(self) -> None:
        """Nothing is cached."""

    @staticmethod
    def _known(connection: Connection, normalised: Sequence[NormalisedReport]) -> dict[str, _Known]:
        """Map each identity key to what is known under it."""
        keys = {key for item in normalised for key in item.keys}
        owners = articles.resolve(connection, sorted(keys))
        heads = articles.latest(connection, sorted(set(owners.values())))
        known = {
            article: _Known(article, _feed_of(head), head.revision, {head.content_hash})
            for article, head in heads.items()
        }
        return {key: known[article] for key, article in owners.items() if article in known}


def _judge(
    report: Report, normalised: NormalisedReport, known: dict[str, _Known]
) -> tuple[str, Article | None, str]:
    """Return the outcome, the article to write if any, and the reason in words; update `known`."""
    owner = next((known[key] for key in normalised.keys if key in known), None)
    if owner is None:
        owner = _Known(normalised.article_id, report.feed, 1, {normalised.content_hash})
        outcome, reason = "new", "never seen before"
    elif normalised.content_hash in owner.hashes:
        outcome, reason = "duplicate", f"says what {owner.article} says"
    elif owner.feed != report.feed:
        outcome, reason = "duplicate", f"another feed's version of {owner.article}"
    else:
        owner.revision += 1
        owner.hashes.add(normalised.content_hash)
        outcome, reason = "revision", f"edits {owner.article}"
    for key in normalised.keys:
        known.setdefault(key, owner)
    if outcome == "duplicate":
        return outcome, None, reason
    article = normalised.article(report, name=owner.article, revision=owner.revision)
    return outcome, article, reason


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


def _feed_of(head: ArticleHead) -> str:
    return Article.model_validate_json(head.document).feed
