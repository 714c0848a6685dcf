"""Notifying: tells what waits in the pools of a subscription, once it is due.

`nightdesk.alerts.timing` decides; here it is read and written, one subscription a transaction.  Counted in
the account of `deliveries`: `included` and `suppressed` (they end without an attempt) and `repeated` (they
are planned here, and not by the stage).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nightdesk.alerts import pools as pool_names
from nightdesk.alerts.labels import Labelled
from nightdesk.alerts.muters import Situation, stands
from nightdesk.alerts.notification import Change, Notification, Step
from nightdesk.alerts.pools import Pool
from nightdesk.alerts.repeating import Repeat
from nightdesk.alerts.routing import delivery_id
from nightdesk.alerts.timing import step
from nightdesk.archive import (
    accounts,
    alerts,
    definitions,
    deliveries,
    dispatch,
    handling,
    notifications,
    outbox,
)
from nightdesk.archive.engine import Archive
from nightdesk.archive.notifications import Waiting
from nightdesk.archive.outbox import Outgoing
from nightdesk.pipeline.definitions import Catalogue, CatalogueCache
from schemas import Alert, ChangeRef, Delivery, DeliveryState, Occasion, Subscription

_SHARD, _STAGE = "notify", "deliveries"

STANDS_FOR = timedelta(days=7)
"""An alert that nothing was added to for so long inhibits no other."""

MOST_STANDING = 1_000

_AT_ONCE = 100


@dataclass(slots=True)
class Told:
    """What one look at a subscription came to; `to_send` are outbox rows, once committed."""

    occasions: Counter[Occasion] = field(default_factory=Counter)
    to_send: list[tuple[int, Outgoing]] = field(default_factory=list)


def inbox(now: datetime) -> notifications.StoredPool:
    """Return the inbox as it is stored with something in it."""
    pool = Pool(name=pool_names.INBOX, since=now, due_at=now)
    return _stored(pool)


def _stored(pool: Pool) -> notifications.StoredPool:
    return notifications.StoredPool(pool.name, pool.due_at, pool.model_dump_json())


def tell_due(archive: Archive, catalogues: CatalogueCache, now: datetime) -> list[Told]:
    """Tell all that is due, subscription by subscription, where no service does: in replays and trials.

    Raises ArchiveError.
    """
    done: list[Told] = []
    while True:
        with archive.read() as connection:
            due = notifications.due_subscriptions(connection, now, limit=_AT_ONCE)
        for subscription in due:
            with archive.begin() as connection:
                done.append(tell(connection, catalogues, subscription, now))
        if len(due) < _AT_ONCE:
            return done


def tell(
    connection: Connection, catalogues: CatalogueCache, subscription: str, now: datetime
) -> Told:
    """Do what is due for `subscription`, within the caller's transaction."""
    stored = notifications.lock(connection, subscription, now)
    pools = {
        pool.name: Pool.model_validate_json(pool.document).model_copy(
            update={"due_at": pool.due_at}
        )
        for pool in stored
    }
    due = {name for name, pool in pools.items() if pool.is_due(now)}
    if not due:
        return Told()
    waiting = notifications.waiting_in(connection, subscription, due)
    entering = {w.delivery.alert for w in waiting if w.pool == pool_names.INBOX}
    snoozed = {f"{pool_names.SNOOZE}{alert}" for alert in entering} & pools.keys() - due
    if snoozed:
        waiting += notifications.waiting_in(connection, subscription, snoozed)
    catalogue = catalogues.get(connection)
    definition = catalogue.current.subscriptions.get(subscription)
    if definition is None:
        return _Written(connection, now).withdraw(subscription, waiting, pools)
    look = _Look(connection, catalogue, definition.definition, now)
    changes, lost = look.changes(waiting)
    repeats = {p.alert for p in pools.values() if p.is_due(now) and p.alert}
    decided = step(
        definition.definition,
        pools,
        changes,
        told=notifications.told(connection, subscription, {c.alert.id for c in changes}),
        standing={alert: found for alert in repeats if (found := look.standing(alert))},
        situation=look.situations({c.alert.id for c in changes} | repeats),
        now=now,
    )
    return _Written(connection, now).write(definition.definition, decided, lost)


def standing(connection: Connection, catalogue: Catalogue, now: datetime) -> tuple[Labelled, ...]:
    """Return the alerts that stand, if any subscription has a rule by which they inhibit others."""
    if not catalogue.selection.inhibits:
        return ()
    lately = alerts.raised_since(connection, now - STANDS_FOR, limit=MOST_STANDING)
    return tuple(
        Labelled(one, definitions.tags_of(connection, catalogue.current, one))
        for one in lately
        if stands(one)
    )


class _Look:
    """Reads what the decision needs."""

    def __init__(
        self,
        connection: Connection,
        catalogue: Catalogue,
        subscription: Subscription,
        now: datetime,
    ) -> None:
        self._connection, self._catalogue = connection, catalogue
        self._subscription, self._now = subscription, now

    def changes(self, waiting: Sequence[Waiting]) -> tuple[list[Change], list[Delivery]]:
        """Return what waits, change by change, and the deliveries whose alert the archive has lost."""
        asked = {(w.delivery.alert, w.delivery.sequence) for w in waiting}
        found = dispatch.alerts_at(self._connection, sorted(asked)) if asked else {}
        together: dict[tuple[str, int, str], list[Waiting]] = {}
        lost = []
        for one in waiting:
            at = one.delivery.alert, one.delivery.sequence
            if at in found:
                together.setdefault((*at, one.pool), []).append(one)
            else:
                lost.append(one.delivery)
        changes = [
            Change(
                self._labelled(found[alert, sequence]),
                tuple(one.delivery for one in held),
                pool,
                min(one.since for one in held),
            )
            for (alert, sequence, pool), held in together.items()
        ]
        return changes, lost

    def standing(self, alert: str) -> Labelled | None:
        """Return an alert as it is now."""
        latest = alerts.latest(self._connection, alert)
        return self._labelled(latest) if latest else None

    def situations(self, asked: set[str]) -> Callable[[str], Situation]:
        """Return what is the case for each of these alerts."""
        handled = handling.of_alerts(self._connection, asked)
        stand: tuple[Labelled, ...] = ()
        if self._subscription.inhibit:
            stand = standing(self._connection, self._catalogue, self._now)
        silences = self._catalogue.silences
        return {a: Situation(self._now, silences, handled.get(a), stand) for a in asked}.__getitem__

    def _labelled(self, alert: Alert) -> Labelled:
        tags = definitions.tags_of(self._connection, self._catalogue.current, alert)
        return Labelled(alert, tags, self._subscription.id)


class _Written:
    """Writes what was decided."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection, self._now = connection, now
        self._rows: list[Delivery] = []
        self._decided: list[tuple[str, DeliveryState, str]] = []
        self._counts: Counter[str] = Counter()

    def write(self, subscription: Subscription, decided: Step, lost: Sequence[Delivery]) -> Told:
        """Store a step."""
        for one in lost:
            self._end(one, DeliveryState.SUPPRESSED, "the archive does not hold its alert any more")
        for change, muted in decided.suppressed:
            for one in change.deliveries:
                self._end(one, DeliveryState.SUPPRESSED, muted.reason, {"held_by": muted.by})
        for change, sequence in decided.superseded:
            for one in change.deliveries:
                self._end(one, DeliveryState.INCLUDED, f"change {sequence} was told in its place")
        for notification in decided.told:
            self._tell(notification)
        moves = {}
        for change, name, reason in decided.held:
            for one in change.deliveries:
                moves[one.id] = name
                self._decided.append((one.id, DeliveryState.HELD, reason))
        notifications.move(self._connection, moves)
        repeats = self._plan_repeats(subscription, decided.repeats)
        self._save_pools(subscription.id, decided.pools)
        told = self._commit([*self._rows, *repeats])
        told.occasions.update(one.occasion for one in decided.told)
        told.occasions[Occasion.REPEAT] += len(decided.repeats)
        return told

    def withdraw(
        self, subscription: str, waiting: Sequence[Waiting], pools: dict[str, Pool]
    ) -> Told:
        """End all that waits for a subscription which is not declared any more."""
        due = {one.pool for one in waiting}
        rest = notifications.waiting_in(self._connection, subscription, pools.keys() - due)
        reason = f"subscription {subscription} was retired while it waited"
        for one in (*waiting, *rest):
            self._end(one.delivery, DeliveryState.SUPPRESSED, reason)
        notifications.save_pools(self._connection, subscription, (), pools.keys(), self._now)
        return self._commit(self._rows)

    def _tell(self, notification: Notification) -> None:
        """Make the first change's delivery to each receiver tell of all, and end the others with it."""
        by_receiver: dict[str, list[Delivery]] = {}
        for change in notification.changes:
            for one in change.deliveries:
                by_receiver.setdefault(one.receiver, []).append(one)
        for first, *others in by_receiver.values():
            also = tuple(ChangeRef(alert=one.alert, sequence=one.sequence) for one in others)
            reason = notification.note or first.reason
            update = {"occasion": notification.occasion, "note": notification.note, "also": also}
            self._end(first, DeliveryState.PENDING, reason, update)
            for one in others:
                self._end(one, DeliveryState.INCLUDED, f"told in delivery {first.id}")

    def _plan_repeats(
        self, subscription: Subscription, repeats: Sequence[Repeat]
    ) -> list[Delivery]:
        planned = [
            Delivery(
                id=delivery_id(
                    repeat.alert, repeat.sequence, subscription.id, to.name, repeat=repeat.n
                ),
                alert=repeat.alert,
                sequence=repeat.sequence,
                subscription=subscription.id,
                receiver=to.name,
                channel=to.channel,
                state=DeliveryState.PENDING,
                reason=repeat.note,
                changed_at=self._now,
                occasion=Occasion.REPEAT,
                note=repeat.note,
                repeat=repeat.n,
            )
            for repeat in repeats
            for to in subscription.receivers
            if not to.on_standby
        ]
        deliveries.plan(self._connection, planned, due_at=self._now)
        self._counts["repeated"] += len(planned)
        return planned

    def _end(
        self,
        delivery: Delivery,
        state: DeliveryState,
        reason: str,
        update: Mapping[str, object] | None = None,
    ) -> None:
        changes = {"state": state, "reason": reason, "changed_at": self._now, **(update or {})}
        self._rows.append(delivery.model_copy(update=changes))
        self._decided.append((delivery.id, state, reason))
        if state is not DeliveryState.PENDING:
            self._counts[state.value] += 1

    def _save_pools(self, subscription: str, pools: dict[str, Pool | None]) -> None:
        kept = [_stored(pool) for pool in pools.values() if pool]
        gone = {name for name, pool in pools.items() if pool is None}
        notifications.save_pools(self._connection, subscription, kept, gone, self._now)

    def _commit(self, changed: Sequence[Delivery]) -> Told:
        notifications.settle(self._connection, self._rows, self._now)
        notifications.record(self._connection, self._decided, self._now)
        accounts.count(self._connection, _SHARD, _STAGE, self._counts)
        messages = [Outgoing("deliveries", one.subscription, one.to_bytes()) for one in changed]
        rows = outbox.enqueue(self._connection, _STAGE, messages, self._now)
        return Told(to_send=list(zip(rows, messages, strict=True)))
