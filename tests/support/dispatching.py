"""A dispatcher on a real archive with settable clocks, and channels that do as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from prometheus_client import CollectorRegistry

from nightdesk.alerts.muters import Situation
from nightdesk.alerts.routing import plan, route
from nightdesk.archive import accounts, alerts, deadletters, definitions, deliveries, left_alone
from nightdesk.archive.engine import Archive
from nightdesk.archive.left_alone import LeftAlone
from nightdesk.archive.outbox import Outgoing
from nightdesk.clock import SettableClock
from nightdesk.delivery.dispatcher import Dispatcher, Pace
from nightdesk.delivery.ledger import ArchiveLedger
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.retry import RetryPolicy
from nightdesk.metrics import Metrics
from schemas import Alert, Delivery, Subscription
from tests.support.alerting import NOON


class ScriptedChannel:
    """Delivers by calling `behave(delivery)`; keeps what it was given and what it delivered."""

    def __init__(self, behave: Callable[[Delivery], Awaitable[None]] | None = None) -> None:
        self.behave = behave
        self.tried: list[Delivery] = []
        self.delivered: list[Delivery] = []

    async def deliver(self, notice: Notice, receiver: Any) -> None:
        delivery, alert = notice.delivery, notice.alert
        assert (alert.id, alert.sequence) == (delivery.alert, delivery.sequence)
        assert receiver.name == delivery.receiver
        self.tried.append(delivery)
        if self.behave is not None:
            await self.behave(delivery)
        self.delivered.append(delivery)


async def never(delivery: Delivery) -> None:
    """Try without an end."""
    await asyncio.Event().wait()


def failing(*errors: Exception) -> Callable[[Delivery], Awaitable[None]]:
    """Fail with each of `errors` in turn, then deliver."""
    left = list(errors)

    async def behave(delivery: Delivery) -> None:
        if left:
            raise left.pop(0)

    return behave


class Desk:
    """An archive with definitions and planned deliveries, and dispatchers over it."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.clock = SettableClock(NOON)
        self.ticks = 0.0
        self.published: list[Outgoing] = []
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.policy = RetryPolicy()

    def declare(self, *subscriptions: Subscription) -> None:
        with self.archive.begin() as connection:
            for subscription in subscriptions:
                definitions.put(connection, subscription, author="test", now=self.clock.now())

    def plan(self, alert: Alert, *subscriptions: Subscription, **changes: Any) -> list[Delivery]:
        """Record `alert` and plan its deliveries, due now; `changes` are fields of each."""
        now = self.clock.now()
        planned = [
            plan(alert, row, now=now).model_copy(update=changes)
            for row in route(alert, (), subscriptions, Situation(now))
        ]
        with self.archive.begin() as connection:
            alerts.record(connection, [alert])
            deliveries.plan(connection, planned, due_at=now)
        return planned

    def dispatcher(
        self, channels: dict[str, Any], *, worker: str = "w1", **changes: Any
    ) -> Dispatcher:
        async def publish(rows: Sequence[tuple[int, Outgoing]]) -> None:
            self.published.extend(message for _, message in rows)

        values: dict[str, Any] = {
            "ledger": ArchiveLedger(self.archive, worker),
            "channels": channels,
            "clock": self.clock,
            "ticks": lambda: self.ticks,
            "in_thread": asyncio.to_thread,
            "publish": publish,
            "metrics": self.metrics,
            "chance": lambda: 0.0,
            "policy": self.policy,
            "pace": Pace(look_every=timedelta(milliseconds=10)),
        }
        return Dispatcher(**(values | changes))

    def standing(self, delivery: Delivery) -> Delivery:
        """Return the delivery as the archive holds it now."""
        with self.archive.read() as connection:
            found = deliveries.of_alert(connection, delivery.alert, delivery.sequence)
        return next(one for one in found if one.id == delivery.id)

    def state(self, delivery: Delivery) -> str:
        return self.standing(delivery).state.value

    def attempts(self, delivery: Delivery) -> list[deliveries.Attempt]:
        with self.archive.read() as connection:
            return deliveries.attempts_of(connection, delivery.id)

    def left_alone(self) -> list[LeftAlone]:
        with self.archive.read() as connection:
            return left_alone.find(connection)

    def account(self) -> dict[str, int]:
        with self.archive.read() as connection:
            return accounts.totals(connection).get("deliveries", {})

    def letters(self) -> list[Any]:
        with self.archive.read() as connection:
            return deadletters.list_letters(connection, limit=100)
