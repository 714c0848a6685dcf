"""Timing: whatever a subscription asks for, nothing is lost, told twice or told when it must not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.alerts.intervals import quiet_until
from nightdesk.alerts.labels import Labelled
from nightdesk.alerts.muters import Situation
from nightdesk.alerts.notification import Change, Step
from nightdesk.alerts.pools import INBOX, Pool
from nightdesk.alerts.timing import MOST_TOGETHER, step
from schemas import (
    AlertKind,
    Digest,
    Occasion,
    QuietHours,
    RateLimit,
    Severity,
    Subscription,
    Weekday,
)
from tests.support.alerting import make_alert, make_delivery, make_subscription

# The night in which Berlin's clocks are set forward, and the day around it.
START = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])
CLOCK = st.sampled_from(["00:00", "02:30", "06:00", "07:30", "12:00", "22:00", "23:59"])

quiet = st.builds(
    lambda start, end, zone, passes, days: QuietHours(
        start=start, end=end, zone=zone, passes=passes, weekdays=tuple(days)
    ),
    st.sampled_from(["21:00", "22:00", "23:59", "00:00"]),
    st.sampled_from(["02:30", "06:00", "07:30"]),
    ZONES,
    st.sampled_from([None, Severity.CRITICAL]),
    st.sets(st.sampled_from(Weekday), max_size=3),
)
digests = st.builds(
    lambda at, zone, kinds, passes, on: Digest(
        every="week" if on else "day",
        on=on,
        at=at,
        zone=zone,
        kinds=kinds,
        passes=passes,
    ),
    CLOCK,
    ZONES,
    st.sampled_from([(), (AlertKind.MORE_OF_THE_SAME,)]),
    st.sampled_from([None, Severity.CRITICAL]),
    st.sampled_from([None, None, Weekday.SUNDAY]),
)
minutes = st.sampled_from([0, 1, 7, 60, 300]).map(lambda n: timedelta(minutes=n))
subscriptions = st.builds(
    make_subscription,
    group_by=st.sampled_from([(), ("storyline",), ("severity", "kind")]),
    group_wait=minutes,
    group_interval=minutes,
    repeat_interval=st.sampled_from([None, timedelta(minutes=90)]),
    quiet_hours=st.lists(quiet, max_size=2).map(tuple),
    digest=st.none() | digests,
    rate_limit=st.none()
    | st.builds(
        lambda most, hours: RateLimit(most=most, per=timedelta(hours=hours)),
        st.integers(1, 3),
        st.sampled_from([1, 6]),
    ),
)
arrivals = st.lists(
    st.tuples(
        st.integers(0, 36 * 60),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([AlertKind.GROWN, AlertKind.NEW_DEVELOPMENT, AlertKind.MORE_OF_THE_SAME]),
        st.sampled_from(list(Severity)),
    ),
    max_size=12,
)


class Desk:
    """Runs a subscription over time the way the notifier does, in memory."""

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.pools: dict[str, Pool] = {}
        self.waiting: dict[tuple[str, int], Change] = {}
        self.told: dict[str, int] = {}
        self.latest: dict[str, Labelled] = {}
        self.sent: list[tuple[datetime, Occasion, tuple[Change, ...]]] = []
        self.repeated: list[tuple[datetime, str, int]] = []
        self.fates: Counter[tuple[str, int]] = Counter()

    def arrive(self, change: Change, now: datetime) -> None:
        key = change.alert.id, change.alert.sequence
        self.waiting[key] = change
        self.latest[change.alert.id] = change.labelled
        self.pools[INBOX] = Pool(name=INBOX, since=now, due_at=now)

    def look(self, now: datetime) -> Step:
        due = {name for name, pool in self.pools.items() if pool.is_due(now)}
        entering = {c.alert.id for c in self.waiting.values() if c.pool == INBOX}
        due |= {f"snooze:{alert}" for alert in entering}
        changes = [change for change in self.waiting.values() if change.pool in due]
        done = step(
            self.subscription,
            self.pools,
            changes,
            told=self.told,
            standing=self.latest,
            situation=lambda _: Situation(now),
            now=now,
        )
        fates: Counter[tuple[str, int]] = Counter()
        for notification in done.told:
            self.sent.append((now, notification.occasion, notification.changes))
            for change in notification.changes:
                fates[change.alert.id, change.alert.sequence] += 1
                self.told[change.alert.id] = change.alert.sequence
        for change, _ in [*done.suppressed, *done.superseded]:
            fates[change.alert.id, change.alert.sequence] += 1
        for key in fates:
            del self.waiting[key]
        self.fates += fates
        for change, name, reason in done.held:
            key = change.alert.id, change.alert.sequence
            assert reason
            assert key not in fates
            self.waiting[key] = Change(change.labelled, change.deliveries, name, change.since)
        self.repeated += [(now, repeat.alert, repeat.n) for repeat in done.repeats]
        for name, pool in done.pools.items():
            if pool is None:
                self.pools.pop(name, None)
            else:
                self.pools[name] = pool
        return done


def changes_of(arrived: Sequence[tuple[int, str, AlertKind, Severity]]) -> list[Change]:
    sequences: Counter[str] = Counter()
    changes = []
    for minute, name, kind, severity in sorted(arrived, key=lambda item: item[0]):
        sequences[name] += 1
        moment = START + timedelta(minutes=minute)
        alert = make_alert(
            identity=name,
            sequence=sequences[name],
            kind=kind,
            severity=severity,
            storyline=f"line-{name}",
            raised_at=moment,
        )
        changes.append(Change(Labelled(alert), (make_delivery(alert),), INBOX, moment))
    return changes


def run(subscription: Subscription, changes: Sequence[Change]) -> Desk:
    """Let changes arrive, and look whenever a pool falls due, until nothing waits."""
    desk = Desk(subscription)
    arriving = list(changes)
    end = START + timedelta(days=10)
    for _ in range(2_000):
        # The lists are sorted, and pools fall due in order: the next moment is the earlier of both.
        due = [p.due_at for p in desk.pools.values() if p.due_at is not None]
        moments = due + [change.since for change in arriving[:1]]
        if not moments or min(moments) > end or (not arriving and not desk.waiting):
            break
        now = min(moments)
        while arriving and arriving[0].since <= now:
            desk.arrive(arriving.pop(0), now)
        desk.look(now)
    return desk


@settings(max_examples=150, deadline=None)
@given(subscriptions, arrivals)
def test_every_change_ends_once_and_no_alert_is_told_backwards(subscription, arrived):
    changes = changes_of(arrived)
    desk = run(subscription, changes)
    assert desk.waiting == {}
    assert desk.fates == Counter((c.alert.id, c.alert.sequence) for c in changes)
    last: dict[str, int] = {}
    for _, _, told in desk.sent:
        assert 1 <= len(told) <= MOST_TOGETHER
        assert len({change.alert.id for change in told}) == len(told)
        for change in told:
            assert last.get(change.alert.id, 0) < change.alert.sequence
            last[change.alert.id] = change.alert.sequence
    # What was newest of each alert has been told: there is nothing here that suppresses it.
    assert last == {c.alert.id: c.alert.sequence for c in changes}


@settings(max_examples=150, deadline=None)
@given(subscriptions, arrivals)
def test_quiet_hours_and_the_rate_limit_are_kept(subscription, arrived):
    desk = run(subscription, changes_of(arrived))
    for now, occasion, told in desk.sent:
        if occasion is Occasion.DIGEST:
            continue
        for change in told:
            hours = [
                quiet
                for quiet in subscription.quiet_hours
                if quiet.passes is None or change.alert.severity.rank < quiet.passes.rank
            ]
            assert quiet_until(hours, now) is None
    limit = subscription.rate_limit
    if limit is not None:
        limited = [now for now, occasion, _ in desk.sent if occasion is not Occasion.DIGEST]
        limited += [now for now, _, _ in desk.repeated]
        limited.sort()
        for at, now in enumerate(limited):
            earlier = [moment for moment in limited[:at] if moment > now - limit.per]
            assert len(earlier) < limit.most


@settings(max_examples=100, deadline=None)
@given(subscriptions, arrivals, st.integers(0, 3_000))
def test_looking_when_nothing_is_due_changes_nothing(subscription, arrived, minute):
    desk = run(subscription, changes_of(arrived))
    before = dict(desk.pools)
    now = START + timedelta(minutes=minute)
    if any(pool.is_due(now) for pool in before.values()):
        return
    done = desk.look(now)
    assert (done.told, done.held, done.suppressed, done.superseded) == ([], [], [], [])
    assert desk.pools == before


@settings(max_examples=60, deadline=None)
@given(arrivals)
def test_who_asks_for_nothing_is_told_at_once_one_by_one(arrived):
    changes = changes_of(arrived)
    desk = run(make_subscription(), changes)
    together = Counter((c.since, c.alert.id) for c in changes)
    assert len(desk.sent) == len(together)
    assert all(occasion is Occasion.ALERT for _, occasion, _ in desk.sent)


def test_repeats_end_with_an_acknowledgement_and_with_the_alert():
    subscription = make_subscription(repeat_interval=timedelta(hours=1))
    desk = Desk(subscription)
    (change,) = changes_of([(0, "a", AlertKind.NEW_DEVELOPMENT, Severity.WARNING)])
    desk.arrive(change, START)
    desk.look(START)
    for hour in range(1, 4):
        desk.look(START + timedelta(hours=hour))
    assert [(alert, n) for _, alert, n in desk.repeated] == [("a", 1), ("a", 2), ("a", 3)]
    del desk.latest["a"]
    desk.look(START + timedelta(hours=4))
    assert len(desk.repeated) == 3
    assert desk.pools == {}
