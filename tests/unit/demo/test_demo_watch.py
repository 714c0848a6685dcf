"""What the demo reads from an archive is what was written there, at every stage of the way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from demo.watch import Watcher
from nightdesk.archive import accounts, alerts, articles, deliveries, feeds, matches, reports
from nightdesk.archive.engine import Archive
from nightdesk.archive.reports import RecordedReport
from schemas import (
    Alert,
    AlertedArticle,
    AlertKind,
    Arrival,
    Article,
    Decision,
    Delivery,
    DeliveryState,
    Match,
    Span,
)

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
SOURCES = {"wire": "The Wire", "wire-world": "The Wire", "late": "The Late One"}


@pytest.fixture
def archive(sqlite_archive: Archive) -> Archive:
    return sqlite_archive


def article(revision: int = 1, text: str = "A pact was denied on Thursday.") -> Article:
    return Article(
        id="article-1",
        revision=revision,
        report=f"report-{revision}",
        feed="wire",
        source="The Wire",
        url="http://127.0.0.1:9/pact-denied",
        title="Pact denied",
        text=text,
        language="en",
        seen_at=NOW,
        content_hash=f"hash-{revision}",
    )


def match(of: Article, version: int = 1) -> Match:
    return Match(
        id="match-1",
        version=version,
        storyline="denial",
        storyline_version=1,
        article=of,
        decision=Decision.FITS,
        probability=0.9,
        score=2.2,
        spans=(Span(field="text", start=2, end=17, weight=2.2),),
        decided_at=NOW,
    )


def report(id_: str, feed: str, outcome: str, of: str | None, entry: str) -> RecordedReport:
    return RecordedReport(id_, feed, entry, outcome, NOW, of, "", Arrival.LIVE)


def test_an_archive_without_anything_is_an_empty_snapshot(archive: Archive) -> None:
    snapshot = Watcher(archive, SOURCES).look()
    assert (snapshot.reports, snapshot.alerts, snapshot.feeds, snapshot.totals) == ((), (), (), {})


def test_a_report_is_followed_from_the_poll_to_its_alert(archive: Archive) -> None:
    watcher = Watcher(archive, SOURCES)
    with archive.begin() as conn:
        articles.add_revisions(conn, [article()], {"article-1": ["url:x"]})
        reports.record(
            conn,
            [
                report("report-1", "wire", "new", "article-1", "wire:pact-denied"),
                report("report-8", "wire-world", "duplicate", "article-1", "wire:pact-denied"),
                report("report-9", "late", "dead_letter", None, "late:nothing-there"),
            ],
        )
        accounts.count(conn, "0", "normalise", {"received": 3, "new": 1})
    lines = {line.id: line for line in watcher.look().reports}
    assert {id_: line.slug for id_, line in lines.items()} == {
        "report-1": "pact-denied",
        "report-8": "pact-denied",
        "report-9": "nothing-there",
    }
    assert [lines[f"report-{n}"].is_settled for n in (1, 8, 9)] == [False, True, True]
    assert lines["report-9"].source == "The Late One"
    assert watcher.look().count("normalise", "received", "new") == 4

    with archive.begin() as conn:
        articles.set_nominated(conn, [("article-1", 1, 1)])
        matches.record(conn, [(match(article()), "candidate-1")])
    (line,) = (line for line in watcher.look().reports if line.id == "report-1")
    assert line.best is not None
    assert (line.best.storyline, line.best.decision, line.is_settled) == ("denial", "fits", False)

    with archive.begin() as conn:
        matches.set_outcome(conn, [("match-1", 1, "opened", "development-1")])
    (line,) = (line for line in watcher.look().reports if line.id == "report-1")
    assert line.is_settled


def test_an_edit_is_a_line_of_its_own_with_its_own_decision(archive: Archive) -> None:
    first, second = article(), article(2, "A pact was denied on Friday.")
    watcher = Watcher(archive, SOURCES)
    with archive.begin() as conn:
        articles.add_revisions(conn, [first, second], {})
        articles.set_nominated(conn, [("article-1", 1, 1), ("article-1", 2, 1)])
        reports.record(
            conn,
            [
                report("report-1", "wire", "new", "article-1", "wire:pact-denied"),
                report("report-2", "wire", "revision", "article-1", "wire:pact-denied"),
            ],
        )
        matches.record(conn, [(match(first), "candidate-1"), (match(second, 2), "candidate-2")])
        matches.set_outcome(conn, [("match-1", 1, "opened", "development-1")])
    lines = {line.revision: line for line in watcher.look().reports}
    assert lines[1].is_settled
    assert not lines[2].is_settled
    assert {line.slug for line in lines.values()} == {"pact-denied"}


def test_an_alert_shows_the_words_of_its_opening_article(archive: Archive) -> None:
    told = AlertedArticle(
        id="article-1",
        revision=1,
        source="The Wire",
        title="Pact denied",
        seen_at=NOW,
        arrival=Arrival.LIVE,
        probability=0.9,
    )
    alert = Alert(
        id="alert-1",
        sequence=1,
        kind=AlertKind.NEW_DEVELOPMENT,
        storyline="denial",
        storyline_title="Denial",
        storyline_version=1,
        development="development-1",
        title="Pact denied",
        reason="a first report",
        articles=(told,),
        sources=1,
        spans=(Span(field="text", start=2, end=17, weight=2.2),),
        pages=True,
        first_seen_at=NOW,
        latest_seen_at=NOW,
        raised_at=NOW,
    )
    planned = Delivery(
        id="delivery-1",
        alert="alert-1",
        sequence=1,
        subscription="desk",
        receiver="console",
        channel="console",
        state=DeliveryState.PENDING,
        changed_at=NOW,
    )
    with archive.begin() as conn:
        articles.add_revisions(conn, [article()], {})
        alerts.record(conn, [alert])
        deliveries.plan(conn, [planned], NOW)
    snapshot = Watcher(archive, SOURCES).look()
    (card,) = snapshot.alerts
    assert card.words == ("pact was denied",)
    assert [(d.id, d.channel, d.state) for d in snapshot.deliveries] == [
        ("delivery-1", "console", "pending")
    ]


def test_feeds_tell_their_health_and_the_statuses_of_their_polls(archive: Archive) -> None:
    with archive.begin() as conn:
        for version, (feed, health) in enumerate([("late", "rate_limited"), ("wire", "ok")]):
            feeds.save(
                conn,
                feed,
                "{}",
                expected_version=0,
                url=f"http://127.0.0.1:{version}/",
                next_poll_at=NOW,
                health=health,
            )
        polls = [(None, "rate_limited", 0), (200, "ok", 1)]
        feeds.add_polls(
            conn,
            [feeds.Poll("wire", NOW, s, o, 2, 0, 0, rejected, 0.1) for s, o, rejected in polls],
        )
    wire, late = Watcher(archive, SOURCES).look().feeds
    assert (wire.id, wire.failing, wire.rejected) == ("wire", False, 1)
    assert wire.outcomes == ("rate_limited", "ok")
    assert (late.id, late.failing, late.outcomes) == ("late", True, ())
