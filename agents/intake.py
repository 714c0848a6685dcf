"""The intake of pushes: documents that hubs sent and signed, each read as a poll's would be.

    callback ─▶ take ─▶ claim (waits for a poll that is under way) ─▶ read ─▶ conclude ─▶ courier

Comes in: a feed's name and a document.  Goes out: its reports, on their way.  Bounds: so many documents and
bytes at once, so many of one feed.  A push that cannot be read is made up for by a poll, soon.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from agents.poll import Poller
from agents.runtime import Runtime
from nightdesk.archive.errors import FeedStateMoved
from nightdesk.errors import ArchiveError, FeedError
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.unpack import UnpackError, is_packed, unpacked
from nightdesk.feeds.websub.outcome import PushOutcome
from nightdesk.pipeline import push
from nightdesk.pipeline.poll import Claim, claim, give_back, poll_soon
from schemas import Feed

log = structlog.get_logger(__name__)

MOST_WAITING = 32
MOST_OF_FEED = 4
MOST_BYTES = 64_000_000
_LOOK_AGAIN, _WAIT_FOR_CLAIM = 0.1, 90.0
"""In seconds: how often it is looked whether a poll is over, and for how long at most."""


@dataclass(frozen=True)
class Pushed:
    """A document as it came; it may be compressed, as its `encoding` says."""

    body: bytes
    content_type: str | None = None
    encoding: str | None = None

    @property
    def is_packed(self) -> bool:
        """Whether it is compressed, as far as is known."""
        return is_packed(self.encoding)

    def fetched(self, url: str, most: int) -> Fetched:
        """Return it as if it had been fetched from `url`.  Raises FeedError where it cannot be unpacked into
        `most` bytes."""
        body = self.body
        if self.is_packed:
            try:
                body = unpacked(body, self.encoding, most)
            except UnpackError as error:
                raise FeedError(
                    f"a push cannot be unpacked: {error}", hint="a poll makes up for it"
                ) from None
        return Fetched(
            status=200,
            url=url,
            body=body,
            headers={} if self.content_type is None else {"content-type": self.content_type},
            body_hash=hashlib.sha256(body).hexdigest(),
            wire_bytes=len(self.body),
        )


class Intake:
    """One for each worker, within its event loop."""

    def __init__(self, runtime: Runtime, poller: Poller) -> None:
        self._runtime = runtime
        self._poller = poller
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: Counter[str] = Counter()
        self._bytes = 0
        self._unpacking = asyncio.Lock()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def refuses(self, feed: str, size: int) -> int:
        """Return 0 where a document of so many bytes would be taken now, else an HTTP status."""
        if self._waiting[feed] >= MOST_OF_FEED:
            return 429
        if len(self._tasks) >= MOST_WAITING or self._bytes + size > MOST_BYTES:
            return 503
        return 0

    def take(self, feed: str, pushed: Pushed) -> None:
        """Take a document, which is read as soon as may be."""
        self._waiting[feed] += 1
        self._bytes += len(pushed.body)
        task = asyncio.create_task(self._take(feed, pushed), name=f"push-{feed}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Leave what is not read yet: polls will find it."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)

    async def _take(self, name: str, pushed: Pushed) -> None:
        outcome = PushOutcome.MISSED
        try:
            async with self._turns[name]:
                feed = self._poller.feeds.get(name)
                if feed is None:
                    return
                try:
                    outcome = await self._read(feed, pushed)
                except ArchiveError as error:
                    log.warning("push_missed", feed=name, error=error.message, hint=error.hint)
                except Exception as error:
                    log.error("push_crashed", feed=name, exc_info=error)
                if outcome is not PushOutcome.TAKEN:
                    await self._make_up_for(feed)
        except ArchiveError as error:
            log.debug("push_not_made_up_for", feed=name, error=error.message)
        finally:
            self._runtime.metrics.push(outcome)
            self._bytes -= len(pushed.body)
            self._waiting[name] -= 1
            if not self._waiting[name]:
                del self._waiting[name]
                self._turns.pop(name, None)

    async def _read(self, feed: Feed, pushed: Pushed) -> PushOutcome:
        claimed = await self._claim(feed)
        if claimed is None:
            log.info("push_missed", feed=feed.id, hint="a poll took too long; the next one is soon")
            return PushOutcome.MISSED
        state, reader = claimed.state, self._poller.reader
        at = state.address_of(feed.url)
        try:
            if state.first_fetched_at is None or state.url != feed.url:
                # What is old and what is new is for the first poll to say.
                await self._give_back(claimed)
                return PushOutcome.MISSED
            if pushed.is_packed:
                # One at a time: what waits is bounded as it came, and may be a thousand times larger.
                async with self._unpacking:
                    fetched = await asyncio.to_thread(pushed.fetched, at, feed.max_bytes)
                    found = await reader.read(claimed, fetched, pushed=True)
                fetched = replace(fetched, body=b"")
            else:
                fetched = pushed.fetched(at, feed.max_bytes)
                found = await reader.read(claimed, fetched, pushed=True)
            concluded = await reader.conclude(claimed, fetched, found, pushed=True)
        except FeedStateMoved:
            log.warning("push_overtaken", feed=feed.id)
            return PushOutcome.MISSED
        except FeedError as error:
            log.info("push_unreadable", feed=feed.id, reason=error.message, hint=error.hint)
            await self._give_back(claimed)
            return PushOutcome.UNREADABLE
        if concluded.conclusion.state.next_poll_at is not None:
            self._poller.put(feed.id, concluded.conclusion.state.next_poll_at)
        await reader.send(concluded)
        return PushOutcome.TAKEN

    async def _claim(self, feed: Feed) -> Claim | None:
        """Return the claim of a feed, once no poll has it; None where that takes too long."""
        runtime = self._runtime

        def attempt() -> Claim | datetime:
            now = runtime.clock.now()
            return claim(runtime.archive, feed, runtime.settings.worker_name, now, pushed=True)

        until = runtime.ticks() + _WAIT_FOR_CLAIM
        while runtime.ticks() < until:
            found = await self._poller.reader.patiently(attempt)
            if isinstance(found, Claim):
                return found
            await asyncio.sleep(_LOOK_AGAIN)
        return None

    async def _give_back(self, claimed: Claim) -> None:
        await self._runtime.in_archive(lambda: give_back(self._runtime.archive, claimed))

    async def _make_up_for(self, feed: Feed) -> None:
        """Have the feed polled soon, and its hub not blamed for what that finds."""
        now = self._runtime.clock.now()

        def note() -> None:
            push.note_missed(self._runtime.archive, feed.id, now)
            poll_soon(self._runtime.archive, feed, now)

        await self._runtime.in_archive(note)
        self._poller.put(feed.id, now)
