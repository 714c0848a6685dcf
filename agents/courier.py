"""The courier: takes messages from the outbox to the broker, now or after the next crash.

Comes in: rows of the outbox that were just committed.  Goes out: messages on topics, and the rows'
ids once the broker has them, for the next transaction to discard.  What a crash or a broker's
absence left behind is found by the sweep and sent then; receivers know messages by their ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog
from faust.types import AppT
from faust.types.tuples import RecordMetadata
from mode import Service

from agents.runtime import Runtime
from nightdesk.archive import outbox
from nightdesk.archive.outbox import Outgoing
from nightdesk.errors import ArchiveError

log = structlog.get_logger(__name__)

SWEEP_EVERY = timedelta(seconds=1)
OWN_ORPHANS_AFTER = timedelta(seconds=3)
"""Rows of our own this old were not sent though this worker lives: a send failed."""
ORPHANED_AFTER = timedelta(seconds=15)
"""Rows of other workers this old are nobody's: a send takes milliseconds, or the worker is gone."""
_SWEPT_AT_ONCE = 500
_WARN_EVERY = 30

Row = tuple[int, Outgoing]


class Courier(Service):
    """One for each worker.  `alone` says that no other worker shares the archive's outbox.

    `trouble` says in words why messages stay in the outbox; empty while they leave it.
    """

    def __init__(self, app: AppT, runtime: Runtime, *, alone: bool) -> None:
        super().__init__()
        self._app = app
        self._runtime = runtime
        self.alone = alone
        self._started_at = runtime.clock.now()
        self._under_way: set[int] = set()
        self._sent: list[int] = []
        self.trouble = ""

    async def send(self, rows: Sequence[Row]) -> None:
        """Send `rows`, in order; return when the broker has each, or it failed and will be swept."""
        producer = self._app.producer
        self._under_way.update(row for row, _ in rows)
        pending: list[tuple[int, Outgoing, asyncio.Future[RecordMetadata]]] = []
        try:
            for row, message in rows:
                try:
                    sending = await producer.send(
                        message.topic, message.key.encode(), message.value, None, None, None
                    )
                except Exception as error:
                    self._failed(row, message, error)
                else:
                    pending.append((row, message, asyncio.ensure_future(sending)))
            for row, message, future in pending:
                try:
                    await future
                except Exception as error:
                    self._failed(row, message, error)
                else:
                    self._sent.append(row)
                    self.trouble = ""
        except asyncio.CancelledError:
            self._under_way.difference_update(row for row, _ in rows)
            raise

    def take_sent(self) -> list[int]:
        """Return the ids to discard in the next transaction; `settle` or `give_back` them after."""
        sent, self._sent = self._sent, []
        return sent

    def settle(self, sent: Sequence[int]) -> None:
        """The transaction that discarded `sent` is committed."""
        self._under_way.difference_update(sent)

    def give_back(self, sent: Sequence[int]) -> None:
        """The transaction that should have discarded `sent` did not commit."""
        self._sent.extend(sent)

    def _failed(self, row: int, message: Outgoing, error: Exception) -> None:
        self._under_way.discard(row)
        hint = getattr(error, "hint", "")
        # An error of the broker's carries its hint in its text too.
        trouble = str(error.args[0]) if hint else f"{type(error).__name__}: {error}"
        if trouble != self.trouble:
            log.warning("send_failed", topic=message.topic, error=trouble, hint=hint)
        self.trouble = trouble

    @Service.task
    async def _sweep(self) -> None:
        failures = 0
        while not self.should_stop:
            try:
                await self.sweep()
                failures = 0
            except ArchiveError as error:
                if failures % _WARN_EVERY == 0:
                    log.warning("sweep_waits_for_archive", error=error.message, hint=error.hint)
                failures += 1
            await self.sleep(SWEEP_EVERY.total_seconds())

    async def sweep(self) -> None:
        """Discard what was sent, and send what nobody is sending."""
        sent = self.take_sent()
        try:
            orphans = await self._runtime.in_archive(lambda: self._discard_and_find(sent))
        except BaseException:
            self.give_back(sent)
            raise
        self.settle(sent)
        orphans = [(row, message) for row, message in orphans if row not in self._under_way]
        if orphans:
            log.info("outbox_swept", messages=len(orphans))
            await self.send(orphans)

    def _discard_and_find(self, sent: Sequence[int]) -> list[Row]:
        archive, now = self._runtime.archive, self._runtime.clock.now()
        if sent:
            with archive.begin() as connection:
                outbox.discard(connection, sent)
        before = now - ORPHANED_AFTER
        if self.alone:
            # What was there before this worker is a dead one's: nobody else sends it.
            before = max(self._started_at, now - OWN_ORPHANS_AFTER)
        with archive.read() as connection:
            self._runtime.metrics.outbox_pending.set(outbox.count_pending(connection))
            limit = _SWEPT_AT_ONCE + len(self._under_way)
            return outbox.pending(connection, before=before, limit=limit)
