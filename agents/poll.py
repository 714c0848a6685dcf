"""The poller: a service beside the agents, for a slow fetch inside an agent would starve the others.

    due feeds of our hosts ─▶ claim (archive) ─▶ fetch (HTTP) ─▶ read (thread) ─▶ pages ─▶ conclude (archive)
                                                                     reports, through the courier ◀─┘

A host belongs to the worker that owns its partition of `heartbeats`; of one host one feed is fetched at
a time, with a least spacing, which holds for pages of articles and hops of redirects too.  A poll that fails
in any way is concluded as such: it never ends the loop.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from faust.types import AppT
from mode import Service

from agents.courier import Courier
from agents.heartbeat import Canary
from agents.reading import ARCHIVE_PAUSE, Reader, broke
from agents.runtime import Runtime
from nightdesk.archive import hosts
from nightdesk.archive.definitions import Definitions
from nightdesk.archive.errors import FeedStateMoved
from nightdesk.errors import ArchiveError, FeedError
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.agenda import AT_ONCE, Agenda
from nightdesk.feeds.errors import BotWall, RateLimited
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import NOTHING_READ
from nightdesk.feeds.trust import validators_for
from nightdesk.feeds.turns import HostResting, Turn
from nightdesk.pipeline.feed_endings import close_untended
from nightdesk.pipeline.poll import (
    MOST_HOPS_WAIT,
    Claim,
    Due,
    claim,
    next_polls,
    put_off,
    release_claims,
)
from schemas import Feed

log = structlog.get_logger(__name__)

Place = tuple[str, datetime]
_LOOK_EVERY = 0.1
_PATIENCE = 30.0
"""Seconds for which a poll waits for its host to have rested: the agenda knows, save what it is told late."""


class Poller(Service):
    """Polls the feeds of this worker's hosts, each when it is due.

    `partitions` is how many `heartbeats` really has: all workers must hash hosts alike.  `trouble` says
    in words why the archive cannot be read or polls not be noted there; empty while all is well.
    `knows_feeds` is true once it has read what is declared.
    """

    def __init__(self, app: AppT, runtime: Runtime, courier: Courier, canary: Canary) -> None:
        super().__init__()
        self._app = app
        self._runtime = runtime
        self._courier = courier
        self._canary = canary
        self._declared: Definitions | None = None
        self._feeds: dict[str, Feed] = {}
        self._agenda = Agenda(runtime.settings.host_spacing)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._reader: Reader | None = None
        self.partitions = runtime.settings.broker_partitions
        self.knows_feeds = False
        self._closed_at: int | None = None

    @property
    def trouble(self) -> str:
        """See the class."""
        return self._reader.trouble if self._reader is not None else ""

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """The feeds that are declared and enabled, those of other workers' hosts too."""
        return self._feeds

    @property
    def reader(self) -> Reader:
        """What reads documents, from the start of the service on."""
        assert self._reader is not None
        return self._reader

    def put(self, feed: str, due: datetime) -> None:
        """Say when a feed is due, where somebody else than its own poll has found that out."""
        self._agenda.put(feed, due)

    async def on_start(self) -> None:
        self._reader = Reader(self._runtime, self._courier)
        runtime, now = self._runtime, self._runtime.clock.now()
        left_by = None if self._courier.alone else runtime.settings.worker_name
        await runtime.in_archive(lambda: release_claims(runtime.archive, now, worker=left_by))

    async def on_stop(self) -> None:
        for task in self._busy.values():
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=1.0)
        if self._reader is not None:
            await self._reader.aclose()

    @Service.task
    async def _refresh(self) -> None:
        """Take up changed definitions, and what other workers polled before a rebalance."""
        told = False
        while not self.should_stop:
            try:
                await self.take_up()
                self.reader.note_well("reading")
                if not self._feeds and not told:
                    told = True
                    log.warning(
                        "no_feeds",
                        hint="nothing is polled until feeds are declared: nightdesk apply BUNDLE",
                    )
            except ArchiveError as error:
                self.reader.note_trouble("reading", error)
            await self.sleep(self._runtime.settings.definitions_refresh.total_seconds())

    async def take_up(self) -> None:
        """Take up what is declared, when it is due, and which hosts rest.  Raises ArchiveError."""
        self._agenda.look_up()
        self._feeds, places, resting = await self._runtime.in_reading(self._read)
        self._agenda.renew(places)
        self._leave_alone(resting)
        self.knows_feeds = True
        await self._close_untended()

    def _read(self) -> tuple[dict[str, Feed], dict[str, Place], dict[str, datetime]]:
        """Return the enabled feeds, each one's host and when it is due, and which hosts rest: also what other
        workers, or this one before its restart, were told."""
        resting: dict[str, datetime] = {}
        with self._runtime.archive.read() as connection:
            self._declared = self._runtime.definitions.get(connection)
            if self._runtime.settings.retry_after_scope == "host":
                resting = hosts.resting(connection, self._runtime.clock.now())
        feeds = {name: stored.definition for name, stored in self._declared.feeds.items()}
        enabled = {name: feed for name, feed in feeds.items() if feed.enabled}
        due = next_polls(self._runtime.archive, enabled)
        places = {name: _place(feed, due.get(name)) for name, feed in enabled.items()}
        return enabled, places, resting

    async def _close_untended(self) -> None:
        """Close the alerts of feeds that are polled no more, once after each change of definitions."""
        declared = self._declared
        if declared is None or self._closed_at == declared.epoch:
            return
        feeds = {name: stored.definition for name, stored in declared.feeds.items()}
        now = self._runtime.clock.now()
        closed = await self._runtime.in_archive(
            lambda: close_untended(self._runtime.archive, feeds, now)
        )
        if not closed.waiting:
            self._closed_at = declared.epoch
        for alert in closed.alerts:
            log.info("feed_alert_closed", about=alert.about, alert=alert.id, reason=alert.reason)
        await self._courier.send(closed.to_send)

    @Service.task
    async def _poll_when_due(self) -> None:
        while not self.should_stop:
            self._start_due()
            await self.sleep(_LOOK_EVERY)

    def _start_due(self) -> None:
        """Start a poll for each host that is ours, idle, rested, and has a feed that is due."""
        now, owned = self._runtime.clock.now(), self._canary.owned()
        room = self._runtime.settings.poll_concurrency - len(self._busy)
        for name, due in self._agenda.begin(
            now, room, lambda host: partition_of(host, self.partitions) in owned
        ):
            if due > AT_ONCE:
                self._runtime.metrics.late((now - due).total_seconds())
            task = asyncio.create_task(self._poll(self._feeds[name]), name=f"poll-{name}")
            self._busy[name] = task
            task.add_done_callback(partial(self._release, name))

    def _release(self, name: str, _: asyncio.Task[None]) -> None:
        self._busy.pop(name, None)
        self._agenda.done(name, self._runtime.clock.now())

    async def _poll(self, feed: Feed) -> None:
        host = self._agenda.host_of(feed.id) or host_of(feed.url)
        until = self._runtime.ticks() + _PATIENCE
        longest = feed.timeout.total_seconds()
        try:
            async with self.reader.turns.turn(host, until=until, longest=longest) as turn:
                found = await self._runtime.in_archive(
                    lambda: claim(
                        self._runtime.archive,
                        feed,
                        self._runtime.settings.worker_name,
                        self._runtime.clock.now(),
                    )
                )
                self.reader.note_well("writing")
                if isinstance(found, datetime):
                    self._agenda.put(feed.id, found)
                    return
                began = self._runtime.ticks()
                result, resting = await self._fetch(found, turn)
            if isinstance(result, HostResting):
                await self._put_off(found, result)
            else:
                await self._read_and_conclude(found, result, resting, began)
        except HostResting as rests:
            self._agenda.rest(host, self._after(rests))
            self._agenda.put(feed.id, self._after(rests))
        except FeedStateMoved:
            log.warning("poll_overtaken", feed=feed.id)
        except ArchiveError as error:
            # Nothing was fetched: the feed stays due, and is tried again a little later.
            self._agenda.put(feed.id, self._runtime.clock.now() + ARCHIVE_PAUSE)
            self.reader.note_trouble("writing", error)
        except Exception as error:
            self._agenda.put(feed.id, self._runtime.clock.now() + ARCHIVE_PAUSE)
            log.error("poll_crashed", feed=feed.id, exc_info=error)

    async def _fetch(
        self, claimed: Claim, turn: Turn
    ) -> tuple[Fetched | FeedError | HostResting, dict[str, datetime]]:
        """Return what a fetch came to, and which host asked for patience, until when."""
        feed, state = claimed.feed, claimed.state
        try:
            fetched = await self.reader.fetcher.fetch(
                feed,
                validators_for(state, feed.url, self._runtime.clock.now()),
                at=state.address_of(feed.url),
                onward=partial(turn.onward, within=MOST_HOPS_WAIT.total_seconds()),
            )
        except HostResting as rests:
            return rests, {}
        except FeedError as error:
            resting = self._resting(turn.host, error)
            self._leave_alone(resting)
            return error, resting
        except Exception as error:
            return broke(feed, error), {}
        return fetched, {}

    async def _put_off(self, claimed: Claim, rests: HostResting) -> None:
        """Give a poll up that was redirected to a host which may not be asked now, until it may be."""
        until = self._after(rests)
        log.info(
            "poll_put_off", feed=claimed.feed.id, host=rests.host, seconds=round(rests.seconds)
        )
        await self._runtime.in_archive(lambda: put_off(self._runtime.archive, claimed, until))
        self._agenda.put(claimed.feed.id, until)

    def _after(self, rests: HostResting) -> datetime:
        return self._runtime.clock.now() + timedelta(seconds=rests.seconds)

    async def _read_and_conclude(
        self,
        claimed: Claim,
        result: Fetched | FeedError,
        resting: Mapping[str, datetime],
        began: float,
    ) -> None:
        found = NOTHING_READ
        if isinstance(result, Fetched):
            try:
                found = await self.reader.read(claimed, result)
            except FeedError as error:
                result = error
        seconds = self._runtime.ticks() - began
        concluded = await self.reader.conclude(claimed, result, found, resting=resting)
        after = concluded.conclusion.state
        self._runtime.metrics.fetch(after.health.value, seconds)
        if after.next_poll_at is not None:
            self._agenda.put(claimed.feed.id, after.next_poll_at)
        await self.reader.send(concluded)

    def _resting(self, host: str | None, error: FeedError) -> dict[str, datetime]:
        """Return until when the whole host that refused us is to be left alone, where the settings say so."""
        if not host or self._runtime.settings.retry_after_scope != "host":
            return {}
        if isinstance(error, RateLimited | BotWall) and error.retry_after:
            return {host: self._runtime.clock.now() + error.retry_after}
        return {}

    def _leave_alone(self, resting: Mapping[str, datetime]) -> None:
        """Ask no host before it has rested: neither for its feeds nor for what is redirected there."""
        now = self._runtime.clock.now()
        for host, until in resting.items():
            self._agenda.rest(host, until)
            self.reader.turns.rest(host, (until - now).total_seconds())


def _place(feed: Feed, due: Due | None) -> Place:
    """Return the host of a feed and when it is due: at once, where it is new."""
    if due is None:
        return host_of(feed.url), AT_ONCE
    return host_of(due.address), due.at or AT_ONCE


def partition_of(host: str, partitions: int) -> int:
    """The partition of `heartbeats` whose owner polls `host`; the same on every worker."""
    return zlib.crc32(host.encode()) % partitions
