"""The subscriber: it asks hubs to push, renews and ends that, and is the door that they push through.

    subscriptions due ─▶ note that it is asked (archive) ─▶ POST to the hub, in its turn ─▶ note a refusal
    hub ─GET▶ the answer (archive)          hub ─POST▶ intake

Whatever a hub does or fails to do ends in a subscription's state, and never ends the worker.  Hubs are named
by their hosts in the log; tokens and secrets are in no log at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import structlog
from mode import Service

from agents.intake import Intake, Pushed
from agents.poll import Poller
from agents.runtime import Runtime
from nightdesk.errors import ArchiveError, FeedError
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.answers import host_in
from nightdesk.feeds.errors import RateLimited
from nightdesk.feeds.turns import HostResting
from nightdesk.feeds.websub.outcome import PushOutcome
from nightdesk.feeds.websub.steps import Mode, form_of
from nightdesk.feeds.websub.subscription import HubState, HubSubscription
from nightdesk.feeds.websub.verification import NO, Answer
from nightdesk.pipeline import push
from nightdesk.pipeline.poll import poll_soon
from nightdesk.web.websub import Expected

log = structlog.get_logger(__name__)

_LOOK_EVERY = 0.5
_MOST_ASKED = 4
"""Hubs that are asked at once."""

_SLOWEST = 20.0
_FAILING = {HubState.DENIED, HubState.GIVEN_UP}


class Subscriber(Service):
    """One for each worker; does nothing where no public address is set."""

    def __init__(self, runtime: Runtime, poller: Poller) -> None:
        super().__init__()
        self._runtime = runtime
        self._poller = poller
        self._intake = Intake(runtime, poller)
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._trouble = ""

    async def on_stop(self) -> None:
        for task in self._asking.values():
            task.cancel()
        if self._asking:
            await asyncio.wait(self._asking.values(), timeout=1.0)
        await self._intake.close()

    @Service.task
    async def _ask_when_due(self) -> None:
        callbacks, archive = self._runtime.callbacks, self._runtime.archive
        if callbacks is None:
            return
        moved = False
        while not self.should_stop:
            try:
                if not moved:
                    now = self._runtime.clock.now()
                    await self._runtime.in_archive(
                        partial(push.move_to, archive, callbacks.base, now)
                    )
                    moved = True
                await self._start_due()
                self._trouble = ""
            except ArchiveError as error:
                if error.message != self._trouble:
                    log.warning(
                        "subscriber_waits_for_archive", error=error.message, hint=error.hint
                    )
                self._trouble = error.message
            except Exception:
                log.exception("subscriber_failed")
            await self.sleep(_LOOK_EVERY)

    async def _start_due(self) -> None:
        now = self._runtime.clock.now()
        names = await self._runtime.in_reading(lambda: push.due(self._runtime.archive, now))
        for name in names:
            if len(self._asking) >= _MOST_ASKED:
                return
            if name not in self._asking:
                task = asyncio.create_task(self._ask(name), name=f"hub-{name}")
                self._asking[name] = task
                task.add_done_callback(partial(self._asked, name))

    def _asked(self, name: str, _: asyncio.Task[None]) -> None:
        self._asking.pop(name, None)

    @Service.task
    async def _leave_when_gone(self) -> None:
        """End the subscriptions of feeds that were retired, disabled or are not to be pushed."""
        if self._runtime.callbacks is None:
            return
        while not self.should_stop:
            if self._poller.knows_feeds:
                feeds, now = self._poller.feeds, self._runtime.clock.now()
                work = partial(push.leave_others, self._runtime.archive, feeds, now)
                try:
                    for it in await self._runtime.in_archive(work):
                        _tell(it)
                except ArchiveError as error:
                    log.debug("leaving_waits_for_archive", error=error.message)
            await self.sleep(self._runtime.settings.definitions_refresh.total_seconds())

    async def _ask(self, name: str) -> None:
        """Ask the hub of one feed for what is due."""
        runtime = self._runtime
        try:
            begun = await runtime.in_archive(
                lambda: push.begin_asking(
                    runtime.archive, name, now=runtime.clock.now(), jitter=runtime.random.random()
                )
            )
            if begun is None:
                return
            it, mode = begun
            after = it if mode is None else await self._post(it, mode)
            if after is not None:
                _tell(after)
        except ArchiveError as error:
            # What was noted stays: the hub is asked anew when it has not asked back in time.
            log.warning("subscriber_waits_for_archive", error=error.message, hint=error.hint)
        except Exception as error:
            log.error("hub_not_asked", feed=name, exc_info=error)

    async def _post(self, it: HubSubscription, mode: Mode) -> HubSubscription | None:
        """Post to the hub; return the subscription after a refusal, None where it took the request."""
        runtime, feed = self._runtime, self._poller.feeds.get(it.feed)
        private = it.private_host if feed is None or feed.allow_private else ""
        why, patience = "", None
        try:
            until = runtime.ticks() + _SLOWEST
            async with self._poller.reader.turns.turn(
                host_of(it.hub), until=until, longest=_SLOWEST
            ) as turn:
                await self._poller.reader.fetcher.post(
                    it.hub,
                    form_of(it, mode),
                    seconds=_SLOWEST,
                    private_host=private,
                    onward=partial(turn.onward, within=_SLOWEST),
                )
        except HostResting as resting:
            why = f"{resting.host!r} asked for patience, or is being asked"
            patience = timedelta(seconds=resting.seconds)
        except FeedError as error:
            why = error.message
            patience = error.retry_after if isinstance(error, RateLimited) else None
        log.debug("hub_asked", feed=it.feed, hub=host_in(it.hub), mode=mode, refused=why)
        if not why:
            return None
        return await runtime.in_archive(
            lambda: push.note_refusal(
                runtime.archive,
                it,
                why,
                now=runtime.clock.now(),
                jitter=runtime.random.random(),
                retry_after=patience,
            )
        )

    async def ask_back(self, token: str, query: Mapping[str, str]) -> Answer:
        """See `PushDoor`."""
        runtime = self._runtime
        if await runtime.in_reading(lambda: push.find(runtime.archive, token)) is None:
            # Whoever guesses tokens must not keep those waiting who write.
            return NO
        now, jitter = runtime.clock.now(), runtime.random.random()
        it, answer = await runtime.in_archive(
            lambda: push.answer(runtime.archive, token, query, now=now, jitter=jitter)
        )
        if it is not None and answer.status == 200:
            _tell(it)
            feed = self._poller.feeds.get(it.feed)
            if it.state in _FAILING and feed is not None:
                # It may have been polled slowly until now.
                await runtime.in_archive(lambda: poll_soon(runtime.archive, feed, now))
                self._poller.put(feed.id, now)
        return answer

    async def expect(self, token: str) -> Expected | None:
        """See `PushDoor`."""
        it = await self._runtime.in_reading(lambda: push.find(self._runtime.archive, token))
        if it is None:
            return None
        feed = self._poller.feeds.get(it.feed)
        over = it.is_over or it.state is HubState.DENIED
        return Expected(
            feed=it.feed,
            secret=it.secret.encode(),
            max_bytes=feed.max_bytes if feed is not None else 0,
            seconds=feed.timeout.total_seconds() if feed is not None else 0.0,
            over=over or (feed is None and self._poller.knows_feeds),
        )

    def refuses(self, feed: str, size: int) -> int:
        """See `PushDoor`."""
        return self._intake.refuses(feed, size) if self._poller.knows_feeds else 503

    def take(self, feed: str, body: bytes, content_type: str | None, encoding: str | None) -> None:
        """See `PushDoor`."""
        self._intake.take(feed, Pushed(body, content_type, encoding))

    def note(self, outcome: PushOutcome) -> None:
        """See `PushDoor`."""
        self._runtime.metrics.push(outcome)


def _tell(it: HubSubscription) -> None:
    told = log.warning if it.state in _FAILING or it.failures else log.info
    told(
        "hub_subscription",
        feed=it.feed,
        hub=host_in(it.hub),
        state=it.state.value,
        reason=it.reason,
        until=it.lease_until.isoformat(timespec="seconds") if it.lease_until else None,
    )
