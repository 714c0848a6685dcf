"""The story of an article: polled, normalised, named for storylines, decided, and what it became part of."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from nightdesk.archive import articles, matches, reports
from nightdesk.archive.matches import Decided
from nightdesk.history.alerts import of_alert
from nightdesk.history.events import Happened
from nightdesk.history.reports import came, decided, named_for
from nightdesk.ids import content_id

_MEANS = {
    "joined": "one of many outlets that tell the same: it counts, and nobody is told for it alone",
    "copy": "its outlet told the same already",
    "unchanged": "it tells nothing that was not told",
    "held": "it does not fit for certain: nobody is told",
    "retracted": "it was told before the mind was changed, and that stands: see below",
    "retired": "the storyline is not followed any more",
}
"""What becomes of a report that is told nobody, in words."""


def of_article(conn: Connection, article: str, subscription: str = "") -> Iterator[Happened]:
    """Tell what became of an article, to deliveries (to one subscription alone, if asked)."""
    history = articles.history(conn, article)
    brought = reports.of_article(conn, article)
    told = {revision.report for revision in history}
    for revision in history:
        yield from came(revision, [row for row in brought if row.id == revision.report])
    for row in brought:
        if row.id not in told:
            reason = f": {row.reason}" if row.reason else ""
            yield Happened(row.seen_at, "normalise", f"{row.outcome}, from feed {row.feed}{reason}")
    named = articles.nominated(conn, [(r.id, r.revision) for r in history])
    for revision in history:
        yield named_for(revision, named.get((revision.id, revision.revision)))
    alerts: list[str] = []
    for one in matches.of_article(conn, article):
        yield from _decided(conn, one)
        if one.development is not None:
            alerts.append(content_id("alert", one.match.storyline, one.development))
    for alert in dict.fromkeys(alerts):
        yield from of_alert(conn, alert, subscription, article=article)


def _decided(conn: Connection, one: Decided) -> Iterator[Happened]:
    for match in matches.history(conn, one.match.id):
        yield from decided(match)
    if one.outcome is not None:
        retracted = one.outcome == "held" and one.development is not None
        means = _MEANS.get("retracted" if retracted else one.outcome, "")
        means = f" ({means})" if means else ""
        development = f", development {one.development}" if one.development else ""
        yield Happened(None, "alert", f"{one.outcome}{means}{development}", 1)
