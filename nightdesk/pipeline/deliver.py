"""Stage `deliver`: each alert is routed to the subscriptions; what is to be sent is put into the
archive as due, where `nightdesk.delivery.dispatcher` finds it.

Outcomes: `routed` (something is to be sent), `suppressed` (rules held back all of it),
`unsubscribed` (nobody asked), `redelivered`.  `deliveries` counts what is planned.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.alerts.routing import plan, route
from nightdesk.archive import accounts, alerts, definitions, deliveries
from nightdesk.archive.definitions import Definitions
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.stage import Received, Work
from schemas import Alert, Delivery


class DeliverStage:
    """Plans deliveries; does no I/O but the archive's."""

    name = "deliver"
    topic = "alerts"
    contract = Alert

    def __init__(self, catalogues: CatalogueCache) -> None:
        self._catalogues = catalogues

    def process(
        self, connection: Connection, batch: Sequence[Received[Alert]], now: datetime
    ) -> Work:
        work = Work()
        catalogue = self._catalogues.get(connection)
        done = alerts.routed(connection, [(r.body.id, r.body.sequence) for r in batch])
        told = {pair for pair, count in done.items() if count is not None}
        planned: list[Delivery] = []
        rows: list[tuple[str, int, int]] = []
        suppressed = 0
        for received in batch:
            alert = received.body
            if (alert.id, alert.sequence) in told:
                work.counts["redelivered"] += 1
                continue
            told.add((alert.id, alert.sequence))
            routed = route(
                alert,
                _tags_of(connection, alert, catalogue.current),
                catalogue.subscriptions,
                catalogue.silences,
                now=now,
            )
            for item in routed:
                delivery = plan(alert, item, now=now)
                planned.append(delivery)
                work.send("deliveries", delivery.subscription, delivery)
                suppressed += not item.send
            sends = sum(item.send for item in routed)
            outcome = "routed" if sends else "suppressed" if routed else "unsubscribed"
            work.counts[outcome] += 1
            work.extra["deliveries"] += len(routed)
            rows.append((alert.id, alert.sequence, sends))
        if suppressed:
            accounts.count(connection, "plan", "deliveries", {"suppressed": suppressed})
        deliveries.plan(connection, planned, due_at=now)
        alerts.set_routed(connection, rows)
        return work

    def forget(self) -> None:
        """Nothing is cached."""


def _tags_of(connection: Connection, alert: Alert, current: Definitions) -> frozenset[str]:
    """Return the tags of the storyline or of the feeds that an alert is about; of a storyline that is gone,
    none.  A feed that was retired has those that it had: who was told that it broke hears of the end."""
    if alert.trouble is None:
        stored = current.storylines.get(alert.storyline or "")
        return frozenset(stored.definition.tags if stored else ())
    tags: set[str] = set()
    for name in alert.trouble.feeds:
        feed = current.feeds.get(name) or definitions.last_feed(connection, name)
        tags |= set(feed.definition.tags if feed else ())
    return frozenset(tags)
