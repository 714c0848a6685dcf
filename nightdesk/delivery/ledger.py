"""The ledger: the dispatcher's way to the archive, five transactions and no more.

`take_over` frees what a dead predecessor held, `catch_up` what a clock put off that was wrong; `claim` takes
due deliveries with their alerts and receivers; `settle` records how attempts ended, together with their
account, dead letters and messages for the topic `deliveries`, and whom this worker leaves alone; `release`
gives back what was not tried.  All block, and run off the event loop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from nightdesk.archive import (
    accounts,
    deadletters,
    definitions,
    deliveries,
    dispatch,
    left_alone,
    outbox,
)
from nightdesk.archive.definitions import Definitions
from nightdesk.archive.deliveries import Finished
from nightdesk.archive.dispatch import ReceiverName
from nightdesk.archive.engine import Archive
from nightdesk.archive.left_alone import LeftAlone
from nightdesk.archive.outbox import Outgoing
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.outcome import STAGE, Claimed, Outcome
from schemas.alert import Alert
from schemas.delivery import Delivery, DeliveryState
from schemas.receivers import AlertmanagerReceiver, FileReceiver, Receiver
from schemas.subscription import Subscription

log = structlog.get_logger(__name__)

_SHARD = "dispatch"
_ENDED = {
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.FAILED: "failed",
    DeliveryState.FELL_BACK: "fell_back",
    DeliveryState.SUPPRESSED: "suppressed",
}


class Ledger(Protocol):
    """What the dispatcher needs of an archive.  Each call is one transaction; raises ArchiveError."""

    def claim(
        self, *, now: datetime, lease: timedelta, limit: int, busy: Collection[ReceiverName]
    ) -> list[Claimed]: ...

    def settle(
        self,
        outcomes: Sequence[Outcome],
        now: datetime,
        standing: Sequence[LeftAlone] | None = None,
        /,
    ) -> tuple[list[Outcome], list[tuple[int, Outgoing]]]: ...

    def release(self, deliveries: Sequence[Delivery]) -> None: ...

    def take_over(self) -> None: ...

    def catch_up(self, now: datetime) -> None: ...


class ArchiveLedger:
    """The ledger on a real archive, in the name of `worker`, which no other running worker has.

    `alone` says that no other worker runs at all: then every lease found at the start is a dead one's.
    """

    def __init__(self, archive: Archive, worker: str, *, alone: bool = False) -> None:
        self._archive = archive
        self._worker = worker
        self._alone = alone
        self._definitions: Definitions | None = None
        self._subscriptions: Mapping[str, Subscription] = {}

    def claim(
        self, *, now: datetime, lease: timedelta, limit: int, busy: Collection[ReceiverName]
    ) -> list[Claimed]:
        """Lease at most `limit` due deliveries, none of `busy` receivers, longest due first."""
        with self._archive.begin() as connection:
            found, unreadable = dispatch.claim(
                connection, worker=self._worker, now=now, lease=lease, limit=limit, busy=busy
            )
            if unreadable:
                log.error(
                    "deliveries_unreadable",
                    deliveries=unreadable[:5],
                    hint="these rows were written by another version of Nightdesk, or by hand",
                )
            if not found:
                return []
            self._refresh(connection)
            changes = [(d.alert, d.sequence) for d in found]
            changes += [(ref.alert, ref.sequence) for d in found for ref in d.also]
            alerts = dispatch.alerts_at(connection, changes)
            tried = dispatch.first_tried(connection, [d.id for d in found if d.attempts])
            edited = [d for d in found if d.attempts and not d.also and self._is_edited(d)]
            later = dispatch.overtaken(connection, edited) if edited else {}
        claimed = []
        for delivery in found:
            receiver, gone = self._receiver(delivery)
            notice = self._notice(delivery, alerts)
            claimed.append(
                Claimed(
                    delivery,
                    notice,
                    receiver,
                    now + lease,
                    first_tried_at=tried.get(delivery.id),
                    gone=gone,
                    fallback=self._fallback(delivery, receiver),
                    overtaken_by=later.get(delivery.id, 0),
                )
            )
        return claimed

    def settle(
        self,
        outcomes: Sequence[Outcome],
        now: datetime,
        standing: Sequence[LeftAlone] | None = None,
        /,
    ) -> tuple[list[Outcome], list[tuple[int, Outgoing]]]:
        """Record `outcomes`, and whom this worker leaves alone (None: those it left alone before); return
        those that counted, and the outbox rows to send now.

        An outcome whose lease somebody else holds by now does not count: they will tell.
        """
        settled: list[Outcome] = []
        messages: list[Outgoing] = []
        ended: Counter[str] = Counter()
        with self._archive.begin() as connection:
            finished = [Finished(one.delivery, one.due_at, one.attempt) for one in outcomes]
            ours = deliveries.finish_all(connection, finished, self._worker)
            for outcome in outcomes:
                delivery = outcome.delivery
                if delivery.id not in ours:
                    log.warning("lease_lost", delivery=delivery.id, state=delivery.state.value)
                    continue
                ours.remove(delivery.id)
                settled.append(outcome)
                planned = outcome.planned
                # The fallback may have been told by a delivery of its own, or for another receiver.
                if planned is not None and deliveries.plan_one(connection, planned, due_at=now):
                    ended["fallbacks"] += 1
                    messages.append(
                        Outgoing("deliveries", planned.subscription, planned.to_bytes())
                    )
                if outcome.due_at is None:
                    ended[_ENDED[delivery.state]] += 1
                    body = delivery.to_bytes()
                    messages.append(Outgoing("deliveries", delivery.subscription, body))
            reached = {
                (one.delivery.subscription, one.delivery.receiver)
                for one in settled
                if one.delivery.state is DeliveryState.DELIVERED
            }
            left_alone.reached(connection, reached)
            if standing is not None:
                left_alone.say(connection, self._worker, standing, now)
            letters = [outcome.letter for outcome in settled if outcome.letter is not None]
            deadletters.bury(connection, letters)
            messages += [Outgoing("dead-letters", one.stage, one.to_bytes()) for one in letters]
            accounts.count(connection, _SHARD, STAGE, ended)
            rows = outbox.enqueue(connection, STAGE, messages, now)
        return settled, list(zip(rows, messages, strict=True))

    def release(self, deliveries: Sequence[Delivery]) -> None:
        """Give back the leases of what was not tried: it is due again at once."""
        with self._archive.begin() as connection:
            dispatch.release(connection, [d.id for d in deliveries], worker=self._worker)

    def take_over(self) -> None:
        """Give back what a worker that died had leased, without waiting for its leases to run out."""
        with self._archive.begin() as connection:
            left = dispatch.release_all(connection, worker=None if self._alone else self._worker)
            left_alone.take_back(connection, None if self._alone else self._worker)
        if left:
            log.info("leases_taken_over", deliveries=left)

    def catch_up(self, now: datetime) -> None:
        """Have what was put off by a clock that has been set back since be due now."""
        with self._archive.begin() as connection:
            found = dispatch.catch_up(connection, now, worker=self._worker)
        if found:
            log.warning("deliveries_from_ahead", deliveries=found, hint="the clock was set back")

    def _refresh(self, connection: Connection) -> None:
        current = definitions.renewed(connection, self._definitions)
        if current is not self._definitions:
            self._definitions = current
            self._subscriptions = {k: v.definition for k, v in current.subscriptions.items()}

    def _notice(self, delivery: Delivery, alerts: Mapping[tuple[str, int], Alert]) -> Notice | None:
        """Return what `delivery` tells; None where nothing is left of it."""
        told = [alerts.get((delivery.alert, delivery.sequence))]
        told += [alerts.get((ref.alert, ref.sequence)) for ref in delivery.also]
        found = [alert for alert in told if alert is not None]
        if not found:
            return None
        subscription = self._subscriptions.get(delivery.subscription)
        title = subscription.title if subscription else ""
        return Notice(delivery, found[0], tuple(found[1:]), len(told) - len(found), title)

    def _fallback(self, delivery: Delivery, receiver: Receiver | None) -> Receiver | None:
        """Return the receiver that is told where `receiver` gives up."""
        subscription = self._subscriptions.get(delivery.subscription)
        if subscription is None or receiver is None or receiver.fallback is None:
            return None
        return _named(subscription, receiver.fallback)

    def _is_edited(self, delivery: Delivery) -> bool:
        """Tell whether the receiver shows the latest change in place of those before it."""
        receiver, _ = self._receiver(delivery)
        pages = isinstance(receiver, FileReceiver) and receiver.form == "pages"
        return pages or isinstance(receiver, AlertmanagerReceiver)

    def _receiver(self, delivery: Delivery) -> tuple[Receiver | None, str]:
        """Return the receiver as declared now, or None and why there is none."""
        subscription = self._subscriptions.get(delivery.subscription)
        if subscription is None:
            return None, f"subscription {delivery.subscription} was retired before it was delivered"
        if not subscription.enabled:
            return None, "the subscription was disabled before it was delivered"
        if (receiver := _named(subscription, delivery.receiver)) is not None:
            return receiver, ""
        return None, f"receiver {delivery.receiver} was taken off before it was delivered"


def _named(subscription: Subscription, name: str) -> Receiver | None:
    return next((one for one in subscription.receivers if one.name == name), None)
