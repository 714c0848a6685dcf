"""The agenda: which feeds may be polled now, so that no host is asked twice at a time or without a rest.

Comes in: feeds with their hosts and when they are due; what was begun, what is done; the moment.  Goes
out: the feeds to begin with, those longest due first, one of a host.  Pure; each step costs the logarithm
of the number of feeds, however many are waiting.

A host is ready when it is idle, rested, and one of its feeds is due.  Queues hold what was true when it
was put in: what has changed since is put in again, and dropped or put off when it comes up.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

AT_ONCE = datetime.min.replace(tzinfo=UTC)
_LOOK_AGAIN = timedelta(seconds=1)
"""After so long it is asked anew whether a host is ours."""


@dataclass
class _Host:
    """`waiting` are its feeds by when they are due, `free_at` is when it has rested; `looked_at` is when it
    comes up next among those that may be ready, None where it does not."""

    waiting: list[tuple[datetime, str]] = field(default_factory=list)
    free_at: datetime = AT_ONCE
    busy: bool = False
    looked_at: datetime | None = None


class Agenda:
    """The agenda of one worker.  `spacing` is the least time from the end of one request to a host to the
    beginning of the next."""

    def __init__(self, spacing: timedelta) -> None:
        self._spacing = spacing
        self._due: dict[str, datetime] = {}
        self._host_of: dict[str, str] = {}
        self._hosts: dict[str, _Host] = {}
        self._ready: list[tuple[datetime, str]] = []
        self._begun: dict[str, str] = {}
        self._newer: set[str] | None = None

    def host_of(self, feed: str) -> str | None:
        """Return the host that a feed is fetched from, None where the feed is not known."""
        return self._host_of.get(feed)

    def look_up(self) -> None:
        """Say that it is being looked up what is due: what `put` says until the next `renew` is newer than
        what that is told."""
        self._newer = set()

    def renew(self, feeds: Mapping[str, tuple[str, datetime]]) -> None:
        """Take up what there is now: feed -> host and when it is due.  Others are forgotten."""
        newer, self._newer = self._newer or set(), None
        for feed in self._host_of.keys() - feeds.keys():
            del self._host_of[feed]
            self._due.pop(feed, None)
        for feed, (host, due) in feeds.items():
            known = self._host_of.get(feed)
            self._host_of[feed] = host
            if feed in self._begun:
                continue
            newest = self._due.get(feed, due) if feed in newer else due
            if known != host or self._due.get(feed) != newest:
                self.put(feed, newest)

    def put(self, feed: str, due: datetime) -> None:
        """Say when a feed is due.  A feed that is not known stays so."""
        if self._newer is not None:
            self._newer.add(feed)
        host_name = self._host_of.get(feed)
        if host_name is None:
            return
        self._due[feed] = due
        host = self._hosts.setdefault(host_name, _Host())
        heapq.heappush(host.waiting, (due, feed))
        self._queue(host_name, host)

    def begin(
        self, now: datetime, most: int, owns: Callable[[str], bool] = lambda _: True
    ) -> list[tuple[str, datetime]]:
        """Return at most `most` feeds to begin with now, and since when each was due.

        Their hosts are busy until `done` is said of them, and they are not due until `put` says when.
        Hosts that are not owned are put off, for they may be ours a moment later.
        """
        begun: list[tuple[str, datetime]] = []
        while self._ready and len(begun) < most and self._ready[0][0] <= now:
            at, name = heapq.heappop(self._ready)
            host = self._hosts.get(name)
            if host is None or host.looked_at != at:
                continue
            host.looked_at = None
            if host.busy:
                continue
            first = self._first(name, host)
            if first is None:
                self._forget(name, host, now)
                continue
            due, feed = first
            if max(due, host.free_at) > now:
                self._queue(name, host)
            elif not owns(name):
                self._look(name, host, now + _LOOK_AGAIN)
            else:
                heapq.heappop(host.waiting)
                del self._due[feed]
                host.busy = True
                self._begun[feed] = name
                begun.append((feed, due))
        return begun

    def next_at(self) -> datetime | None:
        """Return the earliest moment at which a host may be ready; None where nothing waits."""
        while self._ready:
            at, name = self._ready[0]
            host = self._hosts.get(name)
            if host is not None and host.looked_at == at:
                if not host.busy:
                    return at
                host.looked_at = None
            heapq.heappop(self._ready)
        return None

    def done(self, feed: str, now: datetime) -> None:
        """Say that the request for a feed has ended: its host rests.  When it is due next is for `put`."""
        name = self._begun.pop(feed, None)
        host = self._hosts.get(name) if name is not None else None
        if name is None or host is None:
            return
        host.busy = False
        host.free_at = max(host.free_at, now + self._spacing)
        self._queue(name, host)

    def rest(self, host: str, until: datetime) -> None:
        """Leave a host alone until then, also one that no feed is fetched from yet."""
        found = self._hosts.setdefault(host, _Host())
        found.free_at = max(found.free_at, until)
        # Where nothing waits it comes up once it has rested, to be forgotten.
        self._look(host, found, found.free_at)

    def _first(self, name: str, host: _Host) -> tuple[datetime, str] | None:
        """Return what the host has first, without what is no longer true."""
        while host.waiting:
            due, feed = host.waiting[0]
            if self._due.get(feed) == due and self._host_of.get(feed) == name:
                return due, feed
            heapq.heappop(host.waiting)
        return None

    def _queue(self, name: str, host: _Host) -> None:
        first = self._first(name, host)
        if first is not None and not host.busy:
            self._look(name, host, max(first[0], host.free_at))

    def _look(self, name: str, host: _Host, at: datetime) -> None:
        """Have a host come up then, unless it does so before: once for each host, however often it is put."""
        if host.looked_at is None or at < host.looked_at:
            host.looked_at = at
            heapq.heappush(self._ready, (at, name))

    def _forget(self, name: str, host: _Host, now: datetime) -> None:
        if host.free_at <= now:
            del self._hosts[name]
