"""Timing: when a subscription is told what it takes, and what is told together.

Comes in: what waits (`Change`), the pools it waits in, the subscription and the moment.  Goes out: `Step`,
what is told now, what goes on waiting, where and why, and what is not told after all:

    inbox ─▶ muters ─▶ snoozed? ─▶ digest? ─▶ quiet hours? ─▶ group ─▶ due? ─▶ rate limit? ─▶ told
             │           └──────────┴───────────┴──────────────┴──────────────────┴──▶ held, with its reason
             └─▶ suppressed

What waited passes the muters again before it is told: a silence that began meanwhile counts.  Of several
changes of one alert the newest is told, the others count as told with it.  Pure, and the same whatever
the size of the steps: all that is due is looked at in the order in which it fell due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from nightdesk.alerts import pools as pool_names
from nightdesk.alerts.handling import holds_snoozed
from nightdesk.alerts.intervals import next_digest, on_the_wall, quiet_until, that_hold
from nightdesk.alerts.labels import Labelled
from nightdesk.alerts.muters import Situation, held_back
from nightdesk.alerts.notification import Change, Notification, Step
from nightdesk.alerts.pools import Pool, group_due, group_of, in_words, room_at, rooms, with_sent
from nightdesk.alerts.repeating import next_repeat, repeated
from schemas.alert import Alert
from schemas.delivery import Occasion
from schemas.intervals import Digest
from schemas.subscription import Subscription

MOST_TOGETHER = 50
"""Alerts that one notification tells of, at most; what is beyond is told in further ones."""


def step(
    subscription: Subscription,
    pools: Mapping[str, Pool],
    changes: Iterable[Change],
    *,
    told: Mapping[str, int],
    standing: Mapping[str, Labelled],
    situation: Callable[[str], Situation],
    now: datetime,
) -> Step:
    """Say what is to be done for `subscription` at `now`.

    `pools` are all of it; `changes` those that wait in pools that are due, in the inbox, and in the snoozes
    of alerts in the inbox.  `told` is the highest sequence of an alert that was told, `standing` the alerts
    as they are now of repeats that are due, `situation` what is the case for an alert.
    """
    run = _Run(subscription, dict(pools), told, situation, now)
    run.look(list(changes))
    run.repeat(standing)
    run.note_pools()
    return run.step


class _Run:
    """One step under way."""

    def __init__(
        self,
        subscription: Subscription,
        pools: dict[str, Pool],
        told: Mapping[str, int],
        situation: Callable[[str], Situation],
        now: datetime,
    ) -> None:
        self.subscription, self.now = subscription, now
        self.before, self.pools = dict(pools), pools
        self.told_before, self.situation = dict(told), situation
        self.step = Step()
        self.waiting: dict[str, list[Change]] = {}

    def look(self, changes: list[Change]) -> None:
        """Take in what is new, then tell what is due."""
        due = {name for name, pool in self.pools.items() if pool.is_due(self.now)}
        waiting = self.waiting
        for change in sorted(changes, key=_in_order):
            waiting.setdefault(change.pool, []).append(change)
        entering = waiting.pop(pool_names.INBOX, [])
        self._forget(pool_names.INBOX)
        woken = {f"{pool_names.SNOOZE}{c.alert.id}" for c in entering if not self._snoozed(c)}
        for name in sorted(waiting):
            if name.startswith(pool_names.SNOOZE) and (name in due or name in woken):
                entering += waiting.pop(name)
                self._forget(name)
        for change in sorted(entering, key=_in_order):
            self._enter(change)
        while (ready := self._next()) is not None:
            self._tell(ready, waiting.pop(ready))
        for name in due:
            self._tidy(name)

    def _next(self) -> str | None:
        """Return the pool that fell due first, of those with something to tell."""
        due = [
            (pool.due_at, name)
            for name in self.waiting
            if (pool := self.pools.get(name)) is not None and pool.is_due(self.now)
        ]
        return min(due)[1] if due else None

    def _enter(self, change: Change) -> None:
        """Let a change in: it is suppressed, or waits somewhere, if only for no time at all."""
        if self._falls_out(change):
            return
        digest = self.subscription.digest
        if digest is not None and _goes_into(digest, change.alert):
            pool = self._pool(pool_names.DIGEST)
            due = next_digest(digest, self.now)
            due = due if pool.due_at is None else min(due, pool.due_at)
            self._hold(
                change, pool_names.DIGEST, due, f"for the digest of {on_the_wall(due, digest.zone)}"
            )
            return
        if self._is_quiet(change):
            return
        name = group_of(self.subscription, change.labelled)
        pool = self._pool(name)
        due = group_due(pool.takes(change.since, None), self.subscription)
        self._hold(change, name, due, f"told with its group at {due:%Y-%m-%d %H:%M:%S} UTC")

    def _falls_out(self, change: Change) -> bool:
        """Suppress or snooze a change, or drop one that a later one took the place of; say whether so."""
        alert = change.alert
        later = self.told_before.get(alert.id, 0)
        if later > alert.sequence:
            self.step.superseded.append((change, later))
            return True
        situation = self.situation(alert.id)
        muted = held_back(change.labelled, self.subscription, situation)
        if muted is not None:
            self.step.suppressed.append((change, muted))
            return True
        snoozed = self._snoozed(change)
        if snoozed is not None:
            handling = situation.handling
            until = handling.snoozed.until if handling and handling.snoozed else None
            self._hold(change, f"{pool_names.SNOOZE}{alert.id}", until, snoozed)
            return True
        return False

    def _snoozed(self, change: Change) -> str | None:
        alert = change.alert
        return holds_snoozed(self.situation(alert.id).handling, alert, self.now)

    def _is_quiet(self, change: Change) -> bool:
        """Hold a change where it comes in quiet hours that it does not pass; say whether so."""
        hours = that_hold(self.subscription.quiet_hours, change.alert.severity)
        until = quiet_until(hours, self.now)
        if until is None:
            return False
        said = f"quiet hours until {on_the_wall(until, hours[0].zone)}"
        pool = self._pool(pool_names.QUIET_HOURS)
        due = until if pool.due_at is None else min(until, pool.due_at)
        self._hold(change, pool_names.QUIET_HOURS, max(due, self.now), said)
        return True

    def _tell(self, name: str, changes: list[Change]) -> None:
        """Tell what waited in a pool, as far as nothing speaks against it now."""
        pool, left = self._pool(name), list[Change]()
        self.pools[name] = pool.emptied()
        newest = self._newest(name, changes)
        if not newest:
            return
        if name != pool_names.DIGEST and self._must_wait(name, newest):
            return
        occasion, note = self._words(name, pool, newest)
        if name != pool_names.DIGEST:
            newest, left = self._as_many_as_there_is_room_for(newest)
            note += f" (the gravest {len(newest)} of them; the others follow)" if left else ""
        parts = [newest[at : at + MOST_TOGETHER] for at in range(0, len(newest), MOST_TOGETHER)]
        for n, part in enumerate(parts, 1):
            said = f"{note} (part {n} of {len(parts)})" if len(parts) > 1 else note
            self.step.told.append(Notification(tuple(part), occasion, said))
            self._count()
        if name.startswith(pool_names.GROUP):
            self.pools[name] = self._pool(name).model_copy(update={"told_at": self.now})
        for change in newest:
            self.told_before[change.alert.id] = change.alert.sequence
            self._remember(change)
        if left:
            self._wait_for_room(left)

    def _newest(self, name: str, changes: Sequence[Change]) -> list[Change]:
        """Return the newest change of each alert that nothing speaks against, gravest first, then as raised.

        Those before it count as told with it.
        """
        newest: dict[str, Change] = {}
        for change in sorted(changes, key=lambda c: -c.alert.sequence):
            told = newest.get(change.alert.id)
            if told is not None:
                self.step.superseded.append((change, told.alert.sequence))
            elif not self._falls_out(change) and (
                name == pool_names.DIGEST or not self._is_quiet(change)
            ):
                newest[change.alert.id] = change
        return sorted(newest.values(), key=lambda c: (-c.alert.severity.rank, *_in_order(c)))

    def _must_wait(self, name: str, changes: Sequence[Change]) -> bool:
        """Hold changes that the rate limit has no room for; say whether so."""
        limit = self.subscription.rate_limit
        if limit is None:
            return False
        pool = self._pool(pool_names.RATE_LIMIT)
        queued = name != pool_names.RATE_LIMIT and pool.since is not None
        if self._room() <= self.now and not queued:
            return False
        self._wait_for_room(changes)
        return True

    def _as_many_as_there_is_room_for(
        self, changes: list[Change]
    ) -> tuple[list[Change], list[Change]]:
        """Return the changes that the rate limit lets through now, the first of them, and the others."""
        limit = self.subscription.rate_limit
        if limit is None:
            return changes, []
        room = rooms(limit, self._pool(pool_names.SENT).sent, self.now)
        return changes[: room * MOST_TOGETHER], changes[room * MOST_TOGETHER :]

    def _wait_for_room(self, changes: Sequence[Change]) -> None:
        limit = self.subscription.rate_limit
        assert limit is not None
        pool, room = self._pool(pool_names.RATE_LIMIT), self._room()
        due = max(room, min(pool.due_at or room, self.now + limit.per))
        said = (
            f"the rate limit of {limit.most} in {in_words(limit.per)} is reached: told together at "
            f"{due:%Y-%m-%d %H:%M:%S} UTC"
        )
        for change in changes:
            self._hold(change, pool_names.RATE_LIMIT, due, said)

    def _words(self, name: str, pool: Pool, changes: Sequence[Change]) -> tuple[Occasion, str]:
        """Return why these are told now, and how a reader is told so."""
        count = "1 alert" if len(changes) == 1 else f"{len(changes)} alerts"
        subscription = self.subscription
        if name == pool_names.DIGEST:
            digest = subscription.digest
            when = on_the_wall(pool.due_at or self.now, digest.zone if digest else "UTC")
            often = "Weekly digest" if digest and digest.every == "week" else "Daily digest"
            return Occasion.DIGEST, f"{often} of {when}: {count}"
        if name == pool_names.QUIET_HOURS:
            return Occasion.QUIET_HOURS, f"What came in the quiet hours: {count}"
        if name == pool_names.RATE_LIMIT:
            limit = subscription.rate_limit
            said = f" of {limit.most} in {in_words(limit.per)}" if limit else ""
            return Occasion.RATE_LIMIT, f"Held by the rate limit{said}, and told together: {count}"
        if all(change.pool.startswith(pool_names.SNOOZE) for change in changes):
            return Occasion.SNOOZED, "What came while it was snoozed"
        if len(changes) == 1:
            return Occasion.ALERT, ""
        return Occasion.GROUP, f"{count}, {name.removeprefix(pool_names.GROUP)}"

    def _hold(self, change: Change, name: str, due_at: datetime | None, reason: str) -> None:
        pool = self._pool(name)
        self.pools[name] = pool.takes(change.since, due_at)
        if due_at is not None and due_at <= self.now:
            # It waits for no time at all: told in this very step.
            self.waiting.setdefault(name, []).append(change)
        else:
            self.step.held.append((change, name, reason))

    def _room(self) -> datetime:
        """Return when the rate limit lets a notification through: now, or later."""
        limit = self.subscription.rate_limit
        return room_at(limit, self._pool(pool_names.SENT).sent, self.now) if limit else self.now

    def _count(self) -> None:
        limit = self.subscription.rate_limit
        if limit is not None:
            self.pools[pool_names.SENT] = with_sent(self._pool(pool_names.SENT), limit, self.now)

    def _remember(self, change: Change) -> None:
        interval, alert = self.subscription.repeat_interval, change.alert
        if interval is not None:
            name = f"{pool_names.REPEAT}{alert.id}"
            self.pools[name] = Pool(
                name=name, due_at=self.now + interval, alert=alert.id, sequence=alert.sequence
            )

    def repeat(self, standing: Mapping[str, Labelled]) -> None:
        """Tell again what stands, was told long ago, and nobody has seen."""
        for name in sorted(self.before):
            pool = self.before[name]
            due = name.startswith(pool_names.REPEAT) and pool.is_due(self.now)
            if not due or self.pools.get(name) != pool:
                continue
            labelled = standing.get(pool.alert)
            situation = self.situation(pool.alert)
            later = next_repeat(self.subscription, labelled, situation, room=self._room())
            if later is None:
                self._forget(name)
            elif later > self.now:
                self.pools[name] = pool.model_copy(update={"due_at": later})
            else:
                self.step.repeats.append(repeated(pool))
                self.pools[name] = self._again(pool)
                self._count()

    def _again(self, pool: Pool) -> Pool:
        interval = self.subscription.repeat_interval
        assert interval is not None
        return pool.model_copy(update={"due_at": self.now + interval, "repeats": pool.repeats + 1})

    def _pool(self, name: str) -> Pool:
        return self.pools.get(name) or Pool(name=name)

    def _forget(self, name: str) -> None:
        self.pools.pop(name, None)

    def _tidy(self, name: str) -> None:
        """Look again at a pool that was due: a group is remembered while its interval runs."""
        pool = self.pools.get(name)
        if pool is None or name.startswith(pool_names.REPEAT):
            return
        if pool.is_due(self.now) and pool.since is not None and name not in self.waiting:
            # Nothing waits there after all: its deliveries were withdrawn.
            self.pools[name] = pool.emptied()

    def note_pools(self) -> None:
        """Forget the pools that are not needed any more, and note those that differ now."""
        for name, pool in list(self.pools.items()):
            if pool.since is None and not pool.sent and not name.startswith(pool_names.REPEAT):
                over = pool.told_at + self.subscription.group_interval if pool.told_at else self.now
                if over <= self.now:
                    self._forget(name)
                else:
                    self.pools[name] = pool.model_copy(update={"due_at": over})
        for name in self.before.keys() | self.pools.keys():
            if self.pools.get(name) != self.before.get(name):
                self.step.pools[name] = self.pools.get(name)


def _goes_into(digest: Digest, alert: Alert) -> bool:
    wanted = not digest.kinds or alert.kinds <= set(digest.kinds)
    return wanted and not alert.severity.passes(digest.passes)


def _in_order(change: Change) -> tuple[datetime, str, int]:
    return change.alert.raised_at, change.alert.id, change.alert.sequence
