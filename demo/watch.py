"""Reads the archive of the running service, read only, into one snapshot.

In comes an open archive; out comes a `Snapshot` of one consistent moment.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from demo.excerpt import marked_excerpt, marked_title
from demo.snapshot import AlertCard, Decided, DeliveryLine, FeedLine, ReportLine, Snapshot
from nightdesk.archive import accounts, alerts, feeds
from nightdesk.archive.engine import Archive
from nightdesk.archive.tables import (
    deliveries,
    matches,
    reports,
    revisions,
)
from nightdesk.feeds.health import FeedHealth
from schemas import Alert, Article

_MOST = 1_000
"""More than the demo ever has of anything."""

_SLUG = re.compile(r"([a-z0-9-]+)(?:\?.*)?$")


class Watcher:
    """Looks at an archive again and again; texts that cannot change are read once."""

    def __init__(self, archive: Archive, sources: Mapping[str, str]) -> None:
        """`sources` maps a feed's id to its publisher's name."""
        self._archive = archive
        self._sources = sources
        self._texts: dict[tuple[str, int], Article] = {}

    def look(self) -> Snapshot:
        """Return the archive as it stands.  Raises ArchiveError."""
        with self._archive.read() as conn:
            self._read_texts(conn)
            cards = self._alerts(conn)
            return Snapshot(
                totals=accounts.totals(conn),
                reports=self._reports(conn, cards),
                alerts=cards,
                feeds=self._feeds(conn),
                deliveries=_deliveries(conn),
            )

    def _read_texts(self, conn: Connection) -> None:
        count = conn.execute(select(func.count()).select_from(revisions)).scalar_one()
        if count == len(self._texts):
            return
        for article, revision, document in conn.execute(
            select(revisions.c.article, revisions.c.revision, revisions.c.document)
        ):
            if (article, revision) not in self._texts:
                self._texts[article, revision] = Article.model_validate_json(document)

    def _reports(self, conn: Connection, cards: tuple[AlertCard, ...]) -> tuple[ReportLine, ...]:
        copies = {a.id for card in cards for a in card.alert.articles if a.copy_of is not None}
        named = {
            (row.article, row.revision): row.candidates
            for row in conn.execute(
                select(revisions.c.article, revisions.c.revision, revisions.c.candidates)
            )
        }
        by_report = {text.report: text for text in self._texts.values()}
        decided = _decisions(conn)
        lines = []
        query = select(reports).order_by(reports.c.seen_at, reports.c.id).limit(_MOST)
        for row in conn.execute(query):
            text = by_report.get(row.id) or self._texts.get((row.article, 1))
            pair = (row.article, text.revision) if text else (row.article, 0)
            lines.append(
                ReportLine(
                    id=row.id,
                    feed=row.feed,
                    slug=_slug(row.entry, text),
                    source=self._sources.get(row.feed, row.feed),
                    language=text.language if text else "und",
                    title=(text.title if text else "") or "(no title)",
                    seen_at=row.seen_at,
                    arrival=row.arrival,
                    outcome=row.outcome,
                    reason=row.reason,
                    article=row.article,
                    revision=pair[1],
                    candidates=named.get(pair),
                    decided=tuple(decided.get(pair, ())),
                    copies=row.article in copies,
                )
            )
        return tuple(lines)

    def _alerts(self, conn: Connection) -> tuple[AlertCard, ...]:
        latest = [alert for alert in alerts.recent(conn, limit=_MOST) if alert.articles]
        return tuple(
            self._card(alert) for alert in sorted(latest, key=lambda a: (a.first_seen_at, a.id))
        )

    def _card(self, alert: Alert) -> AlertCard:
        opening = alert.articles[0]
        text = self._texts.get((opening.id, opening.revision))
        if text is None:
            return AlertCard(alert, (), ())
        return AlertCard(alert, marked_title(text, alert.spans), marked_excerpt(text, alert.spans))

    def _feeds(self, conn: Connection) -> tuple[FeedLine, ...]:
        states = {state.feed: state for state in feeds.health(conn)}
        lines = []
        for feed in (feed for feed in self._sources if feed in states):
            polls = list(reversed(feeds.polls_of(conn, feed, limit=_MOST)))
            health = states[feed].health
            lines.append(
                FeedLine(
                    id=feed,
                    source=self._sources[feed],
                    health=health,
                    failing=FeedHealth(health).is_failure,
                    detail=polls[-1].detail if polls else "",
                    outcomes=tuple(poll.outcome for poll in polls),
                    rejected=sum(poll.rejected for poll in polls),
                    duplicate=sum(poll.duplicate for poll in polls),
                )
            )
        return tuple(lines)


def _decisions(conn: Connection) -> dict[tuple[str, int], list[Decided]]:
    """Return (article, revision) -> the latest decision for each storyline."""
    latest: dict[tuple[str, int], dict[str, Decided]] = defaultdict(dict)
    for row in conn.execute(select(matches).order_by(matches.c.version)):
        latest[row.article, row.revision][row.storyline] = Decided(
            row.storyline, row.decision, row.probability, row.outcome
        )
    return {pair: list(by_storyline.values()) for pair, by_storyline in latest.items()}


def _deliveries(conn: Connection) -> tuple[DeliveryLine, ...]:
    columns = (
        deliveries.c.id,
        deliveries.c.channel,
        deliveries.c.state,
        deliveries.c.alert,
        deliveries.c.sequence,
    )
    return tuple(
        DeliveryLine(row.id, row.channel, row.state, row.alert, row.sequence)
        for row in conn.execute(select(*columns).order_by(deliveries.c.planned_at))
    )


def _slug(entry: str, text: Article | None) -> str:
    """Return the corpus's name of an entry: the end of its guid or of its link."""
    found = _SLUG.search(text.url if text and text.url else entry)
    return found[1] if found else ""
