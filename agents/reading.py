"""Reading what came of a feed, by a poll or a push, and concluding it: the part that both have in common.

    Fetched ─▶ read (one thread) ─▶ pages ─▶ conclude (archive, patiently) ─▶ courier

Comes in: a claimed feed and its document.  Goes out: reports on their way, and the feed's state after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from agents.courier import Courier
from agents.pages import Pages
from agents.runtime import Runtime, read_secret
from agents.turns import turns_of
from nightdesk.archive.errors import FeedStateMoved
from nightdesk.errors import ArchiveError, FeedError
from nightdesk.feeds.addresses import host_of
from nightdesk.feeds.errors import FeedBroke
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import Read, read
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.turns import Turns
from nightdesk.feeds.websub.outcome import PushOutcome
from nightdesk.pipeline.poll import Claim, Concluded, conclude_poll
from schemas import Feed

log = structlog.get_logger(__name__)

T = TypeVar("T")

ARCHIVE_PAUSE = timedelta(seconds=2)
"""Between two tries to write to an archive that is locked, full or away."""


class Reader:
    """One for each worker, with its connections; made within the event loop, and closed by `aclose`.

    `turns` are those of requests to hosts: polls, redirects, pages and hubs share them.  `trouble` says in
    words why the archive cannot be read or written; empty while all is well.
    """

    def __init__(self, runtime: Runtime, courier: Courier) -> None:
        settings = runtime.settings
        self._runtime = runtime
        self._courier = courier
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self.fetcher = Fetcher(
            user_agent=settings.user_agent,
            clock=runtime.clock,
            ticks=runtime.ticks,
            connections=settings.poll_concurrency,
            secrets=read_secret,
        )
        shared = None if courier.alone else turns_of(runtime)
        spacing = settings.host_spacing.total_seconds()
        self.turns = Turns(spacing, runtime.ticks, shared=shared)
        self._pages = Pages(runtime, self.fetcher, self.turns)
        self._troubles: dict[str, str] = {}

    @property
    def trouble(self) -> str:
        """See the class."""
        return "; ".join(dict.fromkeys(self._troubles.values()))

    async def aclose(self) -> None:
        """Close all connections; what is being read is left."""
        await self.fetcher.aclose()
        self._pages.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def read(self, claimed: Claim, fetched: Fetched, *, pushed: bool = False) -> Read:
        """Read a document.  Raises FeedError, a fault of ours included."""
        now = self._runtime.clock.now()
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread,
                lambda: read(claimed.feed, claimed.state, fetched, now=now, pushed=pushed),
            )
        except FeedError:
            raise
        except Exception as error:
            raise broke(claimed.feed, error) from error

    async def conclude(
        self,
        claimed: Claim,
        result: Fetched | FeedError,
        found: Read,
        *,
        resting: Mapping[str, datetime] | None = None,
        pushed: bool = False,
    ) -> Concluded:
        """Write what a poll or a push came to, and which host asked for patience; its reports are still to be
        sent.

        Raises FeedStateMoved where the claim ran out and another worker took the feed.
        """
        complete = await self._pages.complete(claimed, found, self.patiently, pushed=pushed)
        jitter = self._runtime.random.random()
        concluded = await self.patiently(
            lambda: conclude_poll(
                self._runtime.archive,
                claimed,
                result,
                complete,
                resting=resting,
                callbacks=self._runtime.callbacks,
                pushed=pushed,
                now=self._runtime.clock.now(),
                jitter=jitter,
                lasting=self._runtime.settings.feed_broken_after,
            )
        )
        self._tell(claimed, concluded)
        return concluded

    async def send(self, concluded: Concluded) -> None:
        """Send the reports of a conclusion on their way."""
        await self._courier.send(concluded.to_send)

    async def patiently(self, work: Callable[[], T]) -> T:
        """Run `work` in the archive until it takes it: what was fetched may be gone at the next poll.

        Raises FeedStateMoved where the claim ran out meanwhile and another worker took the feed.
        """
        while True:
            try:
                done = await self._runtime.in_archive(work)
            except ArchiveError as error:
                if isinstance(error, FeedStateMoved) or not error.transient:
                    raise
                self.note_trouble("writing", error)
                await asyncio.sleep(ARCHIVE_PAUSE.total_seconds())
            else:
                self.note_well("writing")
                return done

    def note_trouble(self, what: str, error: ArchiveError) -> None:
        """Say that the archive refused `what`."""
        if error.message != self._troubles.get(what):
            log.warning("poller_waits_for_archive", error=error.message, hint=error.hint)
        self._troubles[what] = error.message

    def note_well(self, what: str) -> None:
        """Say that the archive took `what`."""
        if self._troubles.pop(what, ""):
            log.info("poller_recovered")

    def _tell(self, claimed: Claim, concluded: Concluded) -> None:
        feed, before, after = claimed.feed, claimed.state, concluded.conclusion.state
        if after.health is not before.health:
            log.info(
                "feed_health",
                feed=feed.id,
                health=after.health.value,
                before=before.health.value,
                reason=after.health_reason,
                hint=after.health_hint,
            )
        if lost := len(concluded.conclusion.lost):
            self._runtime.metrics.push(PushOutcome.LOST, lost)
            log.warning(
                "pushes_lost",
                feed=feed.id,
                entries=lost,
                hint="its hub did not push them, or could not reach NIGHTDESK_PUBLIC_URL; it is polled as "
                "always for a day",
            )
        _tell_of_learning(feed, before, after)


def broke(feed: Feed, error: Exception) -> FeedBroke:
    """Return the error of a feed that a fault of ours kept from being read, which is in the log."""
    log.error("feed_not_read", feed=feed.id, exc_info=error)
    return FeedBroke(f"reading it failed: {type(error).__name__}: {error}")


def _tell_of_learning(feed: Feed, before: FeedState, after: FeedState) -> None:
    if after.address != before.address:
        log.info("feed_moved", feed=feed.id, to=host_of(after.address or feed.url))
    if after.lies > before.lies:
        log.warning(
            "feed_lied",
            feed=feed.id,
            hint="its server said 'not modified' though it was; it is asked for documents for a while",
        )
