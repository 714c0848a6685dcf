"""One open broker file in a process: the writer, a reader beside it, and waking those who wait.

In come the requests of producers and consumers; out come futures and messages. Event loops never
touch the disk: the writer's thread writes, another reads what is no longer in memory (WAL lets it,
without waiting for the writer). `open_engine` hands every transport on one path the same engine,
and closes the file when the last has let go.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from .errors import BrokerClosed, BrokerError, GroupBusy, UnknownPartition, UnknownTopic
from .lock import FileLock
from .log import Log
from .model import Draft, Partition, Record, Topic
from .tail import Tail
from .writer import Writer, post

logger = logging.getLogger(__name__)

T = TypeVar("T")

# Newest messages kept in memory (bytes): some seconds of a busy stream.
TAIL_BYTES = 2 * 1024 * 1024
# How often retention and compaction look for work (seconds).
CLEAN_EVERY = 30.0


class Engine:
    """An open broker file. `open_engine` shares one per path; one built directly is its owner's,
    to `close`. `clock` gives seconds since 1970. `append`, `flush` and `call` are the writer's."""

    def __init__(
        self,
        path: Path,
        *,
        synchronous: str = "normal",
        clean_every: float = CLEAN_EVERY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self.users = 0
        self._clock = clock
        self._lock = FileLock(path)
        self._tail = Tail(TAIL_BYTES)
        self._listeners: dict[object, tuple[asyncio.AbstractEventLoop, Callable[[], None]]] = {}
        self._groups: set[str] = set()
        self._closed = False
        self._lock.acquire()
        with ExitStack() as undo:
            undo.callback(self._lock.release)
            self._log = Log(path, synchronous=synchronous)
            undo.callback(self._log.close)
            self._reader = Log(path, readonly=True)
            undo.pop_all()
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="broker-read")
        self._writer = Writer(
            self._log,
            clock=clock,
            clean_every=clean_every,
            on_added=self._on_added,
            on_changed=self._on_changed,
        )
        self.append = self._writer.append
        self.flush = self._writer.flush
        self.call = self._writer.call

    def now_ms(self) -> int:
        """The time, milliseconds since 1970."""
        return int(self._clock() * 1000)

    # -- topics ---------------------------------------------------------------------------------

    @property
    def topics(self) -> Mapping[str, Topic]:
        """All topics by name; another mapping each time that a topic comes or goes."""
        return self._log.topics

    def topic(self, name: str) -> Topic:
        """The topic, or `UnknownTopic`."""
        try:
            return self._log.topics[name]
        except KeyError:
            raise UnknownTopic(
                f"no topic {name!r} in {self.path}",
                hint="create it before the agents start: agents.broker.topics.ensure_topics",
            ) from None

    def partition(self, topic: str, number: int) -> Partition:
        """The partition, or `UnknownTopic` or `UnknownPartition`."""
        partitions = self.topic(topic).partitions
        if not 0 <= number < len(partitions):
            raise UnknownPartition(
                f"topic {topic!r} has no partition {number}, only 0 to {len(partitions) - 1}",
                hint="leave the partition out, and the key will choose it",
            )
        return partitions[number]

    # -- reading --------------------------------------------------------------------------------

    def recent(self, partition: Partition, offset: int, **bounds: int) -> list[Record]:
        """What memory holds from `offset` on (see `Tail.take`); never waits."""
        return self._tail.take(partition, offset, **bounds)

    async def read(self, partition: Partition, offset: int, **bounds: int) -> list[Record]:
        """What the file holds from `offset` on (see `Log.fetch`)."""
        if self._closed:
            raise BrokerClosed(f"the broker on {self.path} is stopped", hint="read while it runs")
        return await asyncio.get_running_loop().run_in_executor(
            self._reading, lambda: self._reader.fetch(partition, offset, **bounds)
        )

    def listen(self, key: object, wake: Callable[[], None]) -> None:
        """Call `wake` in the running loop after each commit that added messages or topics."""
        self._listeners[key] = (asyncio.get_running_loop(), wake)

    def unlisten(self, key: object) -> None:
        """Stop calling; unknown keys are ignored."""
        self._listeners.pop(key, None)

    def join(self, group: str) -> None:
        """Reserve the consumer group for one consumer of this process, or raise `GroupBusy`."""
        if group in self._groups:
            raise GroupBusy(
                f"a consumer of group {group!r} already runs in this process on {self.path}",
                hint="give the second app another id, or stop the first",
            )
        self._groups.add(group)

    def leave(self, group: str) -> None:
        """Give the group back."""
        self._groups.discard(group)

    # -- told by the writer, in its thread ------------------------------------------------------

    def _on_added(self, drafts: Sequence[Draft], offsets: Sequence[int]) -> None:
        self._tail.add(drafts, offsets)
        self._wake()

    def _on_changed(self) -> None:
        # Memory must not serve what cleaning dropped, or a topic that is gone.
        self._tail.clear()
        self._wake()

    def _wake(self) -> None:
        for loop, wake in list(self._listeners.values()):
            post(loop, wake)

    # -- end ------------------------------------------------------------------------------------

    def close(self) -> None:
        """Write what is queued, end the threads, close the file, free the lock; idempotent."""
        if self._closed:
            return
        self._closed = True
        self._writer.close()
        self._reading.shutdown(wait=True)
        try:
            self._reader.close()
            self._log.close()
        except BrokerError as error:
            logger.error("closing %s: %s", self.path, error)
        finally:
            self._lock.release()


_engines: dict[Path, Engine] = {}
_engines_lock = threading.Lock()


def open_engine(path: Path, *, synchronous: str = "normal") -> Engine:
    """The process's engine for `path`, opened by the first who asks; pair it with `release`.

    Raises `CannotOpen` and its kind, `CorruptFile` or `StorageFull`.
    """
    key = path.resolve()
    with _engines_lock:
        engine = _engines.get(key)
        if engine is None:
            engine = _engines[key] = Engine(key, synchronous=synchronous)
        engine.users += 1
        return engine


def release(engine: Engine) -> None:
    """Let go of an engine; the last to do so closes it (within milliseconds)."""
    with _engines_lock:
        engine.users -= 1
        if not engine.users:
            _engines.pop(engine.path, None)
            engine.close()
