"""The one thread that writes: group commit of messages, and whatever else needs the log.

In come messages and functions from any event loop of the process; out go futures, resolved in the
loop that asked, after the SQLite transaction. The thread takes whatever has gathered while it wrote
the last transaction, and writes that as the next: batches grow with the load, and a lone message
waits for nobody. A transaction that fails fails the futures of its messages, and nothing else. In
between, and at least every `clean_every` seconds, it takes a small step of retention and compaction.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from .cleaning import clean
from .errors import BrokerClosed, BrokerError, StorageFailed
from .log import Log
from .model import Draft, weigh

logger = logging.getLogger(__name__)

T = TypeVar("T")

# Senders wait while more than this is on its way to the file (bytes).
PENDING_BYTES = 32 * 1024 * 1024
# A transaction takes no more than this (bytes), so that a commit stays in the milliseconds.
BATCH_BYTES = 8 * 1024 * 1024
# How long cleaning leaves the thread to others between two steps while there is work (seconds).
CLEAN_PAUSE = 0.05
# A trouble that lasts is logged again after so long (seconds); senders are told each time.
TELL_EVERY = 60.0


class _Sent(NamedTuple):
    draft: Draft
    size: int
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Callable[[int], Any]


class _Call(NamedTuple):
    function: Callable[[Log], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class Writer:
    """Owns `log`. `on_added(drafts, offsets)` and `on_changed()` (topics came or went, or messages
    were dropped) are called in its thread, after the transaction and before the futures."""

    def __init__(
        self,
        log: Log,
        *,
        clock: Callable[[], float],
        clean_every: float,
        on_added: Callable[[Sequence[Draft], Sequence[int]], None],
        on_changed: Callable[[], None],
    ) -> None:
        self._log = log
        self._clock = clock
        self._clean_every = clean_every
        self._on_added = on_added
        self._on_changed = on_changed
        self._work = threading.Condition()
        self._sent: list[_Sent] = []
        self._sent_bytes = 0
        self._calls: list[_Call] = []
        self._closing = False
        self._trouble = ""
        self._tell_again_at = 0.0
        self._in_flight: dict[asyncio.AbstractEventLoop, int] = defaultdict(int)
        self._idle: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = defaultdict(list)
        self._thread = threading.Thread(target=self._run, name="broker-write", daemon=True)
        self._thread.start()

    async def append(self, draft: Draft, result: Callable[[int], T]) -> asyncio.Future[T]:
        """Queue a message; the future gives `result(offset)` once it is on disk.

        The future raises `StorageFull`, `StorageFailed` or `CorruptFile` if it could not be
        written, and then it was not: send again. Waits itself only while `PENDING_BYTES` are queued.
        """
        while self._sent_bytes > PENDING_BYTES:
            await self.call(_nothing)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        size = weigh(draft)
        with self._work:
            self._check_open()
            self._in_flight[loop] += 1
            self._sent.append(_Sent(draft, size, loop, future, result))
            self._sent_bytes += size
            # The writer looks again before it sleeps: only the first message need wake it.
            if len(self._sent) == 1:
                self._work.notify()
        return future

    async def flush(self) -> None:
        """Wait until every message that this event loop has sent is on disk, or has failed."""
        loop = asyncio.get_running_loop()
        if self._in_flight.get(loop):
            idle: asyncio.Future[None] = loop.create_future()
            self._idle[loop].append(idle)
            await idle

    async def call(self, function: Callable[[Log], T]) -> T:
        """Run `function` with the log in the writer's thread, after what was sent before."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._work:
            self._check_open()
            self._calls.append(_Call(function, loop, future))
            self._work.notify()
        return await future

    def close(self) -> None:
        """Write what is queued and end the thread; idempotent."""
        with self._work:
            self._closing = True
            self._work.notify()
        self._thread.join()

    def _check_open(self) -> None:
        if self._closing:
            raise BrokerClosed(
                f"the broker on {self._log.path} is stopped", hint="send only while the app runs"
            )

    # -- in the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        next_clean = time.monotonic() + min(1.0, self._clean_every)
        while True:
            with self._work:
                while not (self._sent or self._calls or self._closing):
                    wait = next_clean - time.monotonic()
                    if wait <= 0:
                        break
                    self._work.wait(wait)
                batch, calls = self._take_batch(), self._take_calls()
                done = self._closing and not (batch or calls)
            if done:
                return
            if batch:
                self._commit(batch)
            for call in calls:
                self._answer(call)
            if time.monotonic() >= next_clean:
                next_clean = time.monotonic() + self._clean()

    def _take_batch(self) -> list[_Sent]:
        size = 0
        for count, sent in enumerate(self._sent, 1):
            size += sent.size
            if size >= BATCH_BYTES:
                batch, self._sent = self._sent[:count], self._sent[count:]
                break
        else:
            batch, self._sent = self._sent, []
        self._sent_bytes -= size
        return batch

    def _take_calls(self) -> list[_Call]:
        # A call sees all that was sent before it, so it waits while part of that is still queued.
        if self._sent:
            return []
        calls, self._calls = self._calls, []
        return calls

    def _commit(self, batch: list[_Sent]) -> None:
        drafts = [sent.draft for sent in batch]
        offsets: Sequence[int | None]
        try:
            offsets, error = self._log.append(drafts, now_ms=self._now_ms()), None
            self._on_added(drafts, offsets)
        except Exception as raised:
            offsets, error = [None] * len(batch), _explained(raised)
        self._tell(error, len(batch))
        by_loop: dict[asyncio.AbstractEventLoop, list[Any]] = defaultdict(list)
        for sent, offset in zip(batch, offsets, strict=True):
            by_loop[sent.loop].append((sent, offset))
        for loop, settled in by_loop.items():
            post(loop, self._settle, loop, settled, error)

    def _tell(self, error: BrokerError | None, messages: int) -> None:
        """Log a trouble when it begins, changes, or has lasted another while; and its end."""
        now, before = time.monotonic(), self._trouble
        if error is None:
            if before:
                logger.info("messages are kept again in %s", self._log.path)
            self._trouble = ""
        elif str(error) != before or now >= self._tell_again_at:
            logger.error("%d messages were not kept: %s", messages, error)
            self._trouble, self._tell_again_at = str(error), now + TELL_EVERY

    def _answer(self, call: _Call) -> None:
        topics = self._log.topics
        result, error = None, None
        try:
            result = call.function(self._log)
        except Exception as raised:
            error = raised
        if self._log.topics is not topics:
            self._on_changed()
        post(call.loop, _finish, call.future, result, error)

    def _clean(self) -> float:
        try:
            dropped = clean(self._log, now_ms=self._now_ms())
        except BrokerError as error:
            logger.error("cleaning failed, and will be tried again: %s", error)
            return self._clean_every
        if not dropped:
            return self._clean_every
        self._on_changed()
        return CLEAN_PAUSE

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)

    # -- in the event loop that asked -----------------------------------------------------------

    def _settle(
        self,
        loop: asyncio.AbstractEventLoop,
        settled: list[tuple[_Sent, int]],
        error: BrokerError | None,
    ) -> None:
        for sent, offset in settled:
            _finish(sent.future, None if error else sent.result(offset), error)
        with self._work:
            self._in_flight[loop] -= len(settled)
            idle = []
            if not self._in_flight[loop]:
                del self._in_flight[loop]
                idle = self._idle.pop(loop, [])
        for waiter in idle:
            _finish(waiter, None, None)


def _nothing(_log: Log) -> None:
    return None


def _explained(error: Exception) -> BrokerError:
    if isinstance(error, BrokerError):
        return error
    return StorageFailed(f"{type(error).__name__}: {error}", hint="this is a bug: please report it")


def _finish(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def post(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *args: Any) -> None:
    """Call `function` in another thread's event loop, if that still runs."""
    try:
        loop.call_soon_threadsafe(function, *args)
    except RuntimeError:
        logger.debug("an event loop closed before it was told of its messages")
