"""An evening on which all went as the corpus expects, as a snapshot; tests spoil it in one place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from demo.excerpt import Piece
from demo.receiver import Post
from demo.reports import DemoReport, Outlet
from demo.snapshot import AlertCard, Decided, DeliveryLine, FeedLine, ReportLine, Snapshot
from schemas import Alert, AlertedArticle, AlertKind, Arrival, Span

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)

TOTALS = {
    "poll": {"polled": 70, "new": 55, "unchanged": 12, "duplicate": 2, "rejected": 1},
    "normalise": {"received": 55, "new": 49, "revision": 1, "duplicate": 4, "dead_letter": 1},
    "nominate": {"received": 50, "nominated": 15, "not_nominated": 35, "candidates": 20},
    "decide": {"received": 20, "fits": 11, "possible": 1, "not": 8, "matches": 12},
    "alert": {
        "received": 12,
        "opened": 4,
        "grew": 4,
        "copy": 2,
        "revised": 1,
        "held": 1,
        "alerts": 11,
    },
    "deliver": {"received": 11, "routed": 10, "suppressed": 1, "deliveries": 33},
    "deliveries": {"delivered": 30, "suppressed": 3},
}


def evening(outlets: tuple[Outlet, ...]) -> tuple[Snapshot, list[Post]]:
    """Return the final snapshot and the posts that the webhook got."""
    reports = [
        line for outlet in outlets for report in outlet.reports for line in _lines(outlet, report)
    ]
    alerts = _alerts(outlets)
    deliveries = [
        DeliveryLine(
            f"delivery-{card.alert.id}-{channel}",
            channel,
            "delivered" if card.alert.pages else "suppressed",
            card.alert.id,
            card.alert.sequence,
        )
        for card in alerts
        for channel in ("console", "atom", "webhook")
    ]
    posts = [
        Post(d.id, d.alert, d.sequence, True)
        for d in deliveries
        if d.channel == "webhook" and d.state == "delivered"
    ]
    feeds = [
        FeedLine(
            feed.id,
            outlet.name,
            "not_a_feed" if feed.format == "page" else "unchanged",
            feed.format == "page",
            "an HTML page came in place of a feed" if feed.format == "page" else "",
            ("rate_limited", "ok") if feed.too_many_requests else ("ok", "unchanged"),
            rejected=int(any(r.bare for r in outlet.reports)),
            duplicate=int(any(r.repeat for r in outlet.reports)),
        )
        for outlet in outlets
        for feed in outlet.feeds
    ]
    return (
        Snapshot(TOTALS, tuple(reports), tuple(alerts), tuple(feeds), tuple(deliveries)),
        posts,
    )


def _lines(outlet: Outlet, report: DemoReport) -> list[ReportLine]:
    if report.expect.fate == "rejected":
        return []
    dead = report.expect.fate == "dead_letter"
    decided = ()
    if report.expect.storyline:
        outcome = {"original": "opened", "back_catalogue": "opened"}
        said = outcome.get(str(report.expect.role), "grew")
        decided = (Decided(report.expect.storyline, "fits", 0.93, said),)
    lines = [
        ReportLine(
            id=f"report-{report.slug}-{number}",
            feed=feed,
            slug=report.slug,
            source=outlet.name,
            language=outlet.language,
            title=report.title,
            seen_at=NOW + timedelta(minutes=report.wave),
            arrival="live" if report.wave else "first_fetch",
            outcome="dead_letter" if dead else "duplicate" if number else "new",
            reason="",
            article=None if dead else f"article-{report.slug}",
            revision=0 if dead else 1,
            candidates=None if dead else len(decided),
            decided=decided,
            copies=report.expect.role == "rewrite",
        )
        for number, feed in enumerate(report.feeds)
    ]
    if report.revised:
        first = lines[0]
        told = (Decided(str(report.expect.storyline), "fits", 0.93, "revised"),)
        edited = {"id": first.id + "-edited", "outcome": "revision", "revision": 2, "decided": told}
        values = {name: getattr(first, name) for name in ReportLine.__dataclass_fields__}
        lines.append(ReportLine(**(values | edited)))
    return lines


def _alerts(outlets: tuple[Outlet, ...]) -> list[AlertCard]:
    groups: dict[tuple[str, bool], list[tuple[Outlet, DemoReport]]] = {}
    pairs = [(outlet, report) for outlet in outlets for report in outlet.reports]
    for outlet, report in sorted(pairs, key=lambda pair: pair[1].wave):
        if report.expect.storyline:
            key = (report.expect.storyline, report.expect.role != "back_catalogue")
            groups.setdefault(key, []).append((outlet, report))
    return [_card(storyline, pages, group) for (storyline, pages), group in groups.items()]


def _card(storyline: str, pages: bool, group: list[tuple[Outlet, DemoReport]]) -> AlertCard:
    articles = tuple(
        AlertedArticle(
            id=f"article-{report.slug}",
            revision=2 if report.revised else 1,
            source=outlet.name,
            title=report.title,
            seen_at=NOW,
            arrival=Arrival.LIVE if pages else Arrival.FIRST_FETCH,
            probability=0.93,
            copy_of=f"article-{report.expect.of}" if report.expect.of else None,
        )
        for outlet, report in group
    )
    alert = Alert(
        id=f"alert-{storyline}-{pages}",
        sequence=len(articles),
        kind=AlertKind.GROWN if len(articles) > 1 else AlertKind.NEW_DEVELOPMENT,
        storyline=storyline,
        storyline_title=storyline.replace("-", " ").capitalize(),
        storyline_version=1,
        development=f"development-{storyline}-{pages}",
        title=articles[0].title,
        reason="a further outlet tells it",
        articles=articles,
        sources=sum(article.copy_of is None for article in articles),
        spans=(Span(field="title", start=0, end=5, weight=1.5),),
        pages=pages,
        first_seen_at=NOW,
        latest_seen_at=NOW,
        raised_at=NOW,
    )
    title = (Piece(alert.title[:11], True), Piece(alert.title[11:], False))
    excerpt = (
        Piece("The two militaries are ", False),
        Piece("not coordinating", True),
        Piece(" what they do, a person who knows them both said on the stairs. ", False),
        Piece("Military operations", True),
        Piece(" go on apart, and the telephone rings as often as before.", False),
    )
    return AlertCard(alert, title, excerpt)
