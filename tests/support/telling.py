"""A desk's subscriptions over an archive, with a clock that the test sets: routed, held, and told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from nightdesk.archive import (
    accounts,
    alerts,
    definitions,
    deliveries,
    dispatch,
    handling,
    notifications,
)
from nightdesk.archive.engine import Archive
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.deliver import DeliverStage
from nightdesk.pipeline.notify import Told, tell_due
from nightdesk.pipeline.stage import Incoming, Received
from schemas import Alert, AlertKind, Delivery, DeliveryState, Silence, Storyline, Subscription
from tests.support.alerting import NOON, make_alert

STORYLINE = Storyline(
    id="patrol-denial", title="Denials of joint patrols", description="patrols", tags=("east",)
)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def change(name: str, sequence: int = 1, **changes: Any) -> Alert:
    """Return the change `sequence` of an alert, raised so many minutes after noon."""
    changes.setdefault("kind", AlertKind.GROWN if sequence > 1 else AlertKind.NEW_DEVELOPMENT)
    changes.setdefault("raised_at", NOON + sequence * MINUTE)
    return make_alert(identity=name, sequence=sequence, **changes)


class TellingDesk:
    """Subscriptions, silences and one storyline on `archive`; alerts are told to them at moments."""

    def __init__(self, archive: Archive, *declared: Subscription | Silence) -> None:
        self.archive = archive
        self.catalogues = CatalogueCache()
        self._offset = 0
        self.declare(STORYLINE, *declared)

    def declare(self, *declared: Any) -> None:
        with self.archive.begin() as connection:
            for definition in declared:
                definitions.put(connection, definition, author="Ines", now=NOON)

    def retire(self, kind: definitions.Kind, name: str) -> None:
        with self.archive.begin() as connection:
            definitions.retire(connection, kind, name, author="Ines", now=NOON)

    def raise_(self, *raised: Alert, now: datetime) -> None:
        """Let alerts come from the stream at `now`."""
        received = []
        for alert in raised:
            self._offset += 1
            incoming = Incoming("alerts", 0, self._offset, alert.about, alert.to_bytes())
            received.append(Received(incoming, alert))
        with self.archive.begin() as connection:
            alerts.record(connection, raised)
            work = DeliverStage(self.catalogues).process(connection, received, now)
            counts = dict(work.counts + work.extra)
            accounts.count(connection, "0", "deliver", counts)

    def look(self, now: datetime) -> list[Told]:
        """Tell what is due at `now`."""
        return tell_due(self.archive, self.catalogues, now)

    def look_until(self, end: datetime) -> None:
        """Look whenever something falls due, up to `end`."""
        while (due := self.next_due()) is not None and due <= end:
            self.look(due)

    def next_due(self) -> datetime | None:
        with self.archive.read() as connection:
            return notifications.next_due(connection)

    def handle(self, alert: Alert, action: Any, now: datetime, **given: Any) -> None:
        """Do something about an alert (a function of `nightdesk.alerts.handling`)."""
        with self.archive.begin() as connection:
            before = handling.of_alert(connection, alert.id)
            done = action(before, *given.pop("of", ()), now=now, **given)
            handling.save(connection, *done, now)

    def deliveries(self, *alerts_: str) -> list[Delivery]:
        with self.archive.read() as connection:
            return [one for name in alerts_ for one in deliveries.of_alert(connection, name)]

    def states(self, *alerts_: str) -> list[tuple[int, DeliveryState, str]]:
        """Return (sequence, state, reason) of the deliveries of these alerts."""
        return [(one.sequence, one.state, one.reason) for one in self.deliveries(*alerts_)]

    def decisions(self, delivery: str) -> list[tuple[datetime, DeliveryState, str]]:
        with self.archive.read() as connection:
            found = notifications.decisions_of(connection, delivery)
        return [(one.decided_at, one.state, one.reason) for one in found]

    def pending(self) -> Sequence[Delivery]:
        """Return what is to be delivered, as the dispatcher would claim it."""
        with self.archive.begin() as connection:
            found, _ = dispatch.claim(
                connection,
                worker="w",
                now=NOON + timedelta(days=400),
                lease=timedelta(seconds=1),
                limit=1_000,
            )
        return found

    def totals(self) -> dict[str, dict[str, int]]:
        with self.archive.read() as connection:
            return accounts.totals(connection)
