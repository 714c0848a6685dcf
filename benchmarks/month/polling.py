"""Polls a world by the desk's own agenda and conclusions, on a clock that jumps.

Comes in: outlets and days.  Goes out: the account of what was polled, what each entry waited, and whether any
host was asked twice at a time or without its rest.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.month.world import START, Outlet
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.agenda import AT_ONCE, Agenda
from nightdesk.feeds.entries import to_reports
from nightdesk.feeds.errors import PollError, RateLimited
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import NOTHING_READ, Read, arrival_of, conclude, has_changed
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.trust import validators_for

SPACING = timedelta(seconds=1)


@dataclass
class Month:
    """What came of it.  `waits` are seconds from publication to the end of the poll that found the entry, of
    what was published while its server was well; `missed` were never shown to any poll."""

    counts: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    wasted: int = 0
    documents: int = 0
    waits: list[float] = field(default_factory=list)
    published: int = 0
    missed: int = 0
    late: list[float] = field(default_factory=list)
    together: int = 0
    too_close: int = 0
    unexplained: int = 0
    lies: int = 0
    moves: int = 0


@dataclass
class _Desk:
    outlets: dict[str, Outlet]
    states: dict[str, FeedState] = field(default_factory=dict)
    seen: dict[str, dict[str, str]] = field(default_factory=dict)
    found: dict[str, set[str]] = field(default_factory=dict)


def poll_for(outlets: list[Outlet], days: float, *, seed: int = 2, room: int = 64) -> Month:
    """Poll for so many days, at most `room` requests at a time."""
    rng, month = random.Random(seed), Month()
    desk = _Desk({outlet.feed.id: outlet for outlet in outlets})
    agenda = Agenda(SPACING)
    agenda.renew({name: (host_of(one.feed.url), AT_ONCE) for name, one in desk.outlets.items()})
    running: list[tuple[datetime, str, datetime, Fetched | PollError]] = []
    busy: dict[str, str] = {}
    ended: dict[str, datetime] = {}
    now, end = START, START + timedelta(days=days)
    while now < end:
        for name, since in agenda.begin(now, room - len(running)):
            outlet, state = desk.outlets[name], desk.states.get(name, FeedState())
            host = agenda.host_of(name) or ""
            month.together += host in busy.values()
            month.too_close += now - ended.get(host, AT_ONCE) < SPACING
            busy[name] = host
            if since > AT_ONCE:
                month.late.append((now - since).total_seconds())
            address = state.address_of(outlet.feed.url)
            sent = validators_for(state, outlet.feed.url, now)
            answer = outlet.answer(address, sent, now, rng)
            heapq.heappush(running, (now + timedelta(seconds=outlet.seconds), name, now, answer))
        # Nothing happens before the next answer, or before something is due.
        answered = running[0][0] if running else end
        due = agenda.next_at() if len(running) < room else None
        now = max(now, min(answered, due or end, end))
        while running and running[0][0] <= now:
            done_at, name, begun, answer = heapq.heappop(running)
            ended[busy.pop(name)] = done_at
            agenda.done(name, done_at)
            _conclude(desk, agenda, name, begun, done_at, answer, month, rng)
    _account(desk, month, now)
    return month


def _conclude(
    desk: _Desk,
    agenda: Agenda,
    name: str,
    begun: datetime,
    now: datetime,
    answer: Fetched | PollError,
    month: Month,
    rng: random.Random,
) -> None:
    outlet, state = desk.outlets[name], desk.states.get(name, FeedState())
    feed, seen = outlet.feed, desk.seen.setdefault(name, {})
    found = NOTHING_READ
    if isinstance(answer, Fetched) and has_changed(feed, state, answer):
        document = outlet.document(begun)
        arrival = arrival_of(feed, state)
        found = Read(*to_reports(feed, document, seen_at=now, arrival=arrival))
    elif isinstance(answer, RateLimited) and answer.retry_after:
        agenda.rest(agenda.host_of(name) or "", now + answer.retry_after)
    done = conclude(
        feed,
        state,
        answer,
        found,
        seen=seen,
        now=now,
        jitter=rng.random(),
    )
    month.requests += 1
    month.counts.update(done.counts)
    month.documents += isinstance(answer, Fetched) and answer.body is not None
    month.wasted += not done.new
    month.lies += done.state.lies - state.lies
    month.moves += bool(done.state.address) and not state.address
    for report in done.new:
        number = int((report.guid or "").rpartition("-")[2])
        if report.entry not in seen and state.first_fetched_at is not None:
            published = outlet.published[number]
            if not any(a <= published < b + timedelta(days=1) for a, b in outlet.ill):
                month.waits.append((now - published).total_seconds())
    desk.found.setdefault(name, set()).update(r.guid or "" for r in found.reports)
    seen.update(done.remember)
    desk.states[name] = done.state
    agenda.put(name, done.state.next_poll_at or now)


def _account(desk: _Desk, month: Month, now: datetime) -> None:
    """Look for every entry of the month: found, missed, or published since its feed was last read."""
    for name, outlet in desk.outlets.items():
        state, found = desk.states[name], desk.found.get(name, set())
        known = len(desk.seen.get(name, {}))
        month.unexplained += abs(known - len(found))
        if state.first_fetched_at is None:
            continue
        last = state.document_at or now
        for number, when in enumerate(outlet.published):
            if when >= START:
                month.published += 1
                if f"{name}-{number}" not in found:
                    month.missed += when < last
