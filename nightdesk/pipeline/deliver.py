"""Stage `deliver`: each alert is routed to the subscriptions; what is to be sent is put into the
archive as due, where `nightdesk.delivery.dispatcher` finds it, or as held, where the notifier does.

Outcomes: `routed` (something is to be sent), `suppressed` (rules held back all of it),
`unsubscribed` (nobody asked), `redelivered`.  `deliveries` counts what is planned.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.alerts.muters import Situation
from nightdesk.alerts.routing import plan, route
from nightdesk.archive import accounts, alerts, definitions, deliveries, handling, notifications
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.handling import wake
from nightdesk.pipeline.notify import inbox, standing
from nightdesk.pipeline.stage import Received, Work
from schemas import Alert, AlertState, Delivery, DeliveryState


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
        handled = handling.of_alerts(connection, (r.body.id for r in batch))
        stand = standing(connection, catalogue, now)
        ends = [r.body.id for r in batch if r.body.state is AlertState.QUIET]
        heard = deliveries.heard_by(connection, ends)
        planned: list[Delivery] = []
        rows: list[tuple[str, int, int]] = []
        suppressed = 0
        for received in batch:
            alert = received.body
            if (alert.id, alert.sequence) in told:
                work.counts["redelivered"] += 1
                continue
            told.add((alert.id, alert.sequence))
            awake = wake(connection, handled.get(alert.id), alert, now)
            if awake is not None:
                handled[alert.id] = awake
            current = catalogue.current
            tags = definitions.tags_of(connection, current, alert)
            routed = route(
                alert,
                tags,
                catalogue.selection.of(alert, tags),
                Situation(
                    now, catalogue.silences, handled.get(alert.id), stand, heard.get(alert.id)
                ),
            )
            if alert.id in heard:
                heard[alert.id].update(item.subscription for item in routed if item.send)
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
        held = [delivery for delivery in planned if delivery.state is DeliveryState.HELD]
        if held:
            notifications.hold(connection, held, inbox(now), now)
        alerts.set_routed(connection, rows)
        return work

    def forget(self) -> None:
        """Nothing is cached."""
