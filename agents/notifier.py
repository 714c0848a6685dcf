"""The notifier: tells what waits in the pools of subscriptions, once it is due.

Comes in: pools that are due in the archive.  Goes out: deliveries that the dispatcher finds, and messages on
the topic `deliveries`.  Each worker has one: the archive locks a subscription for whoever is at it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

import structlog
from mode import Service

from agents.courier import Courier
from agents.runtime import Runtime
from nightdesk.archive import notifications
from nightdesk.errors import ArchiveError
from nightdesk.pipeline import notify
from nightdesk.pipeline.definitions import CatalogueCache

log = structlog.get_logger(__name__)

_LOOK_EVERY = 0.5
"""Seconds between two looks at the archive where nothing wakes it."""

_AT_ONCE = 100
"""Subscriptions looked at before the archive is asked again what is due."""


class Notifier(Service):
    """`wake_dispatcher` is called whenever something became due to be delivered.

    `trouble` says in words why the archive cannot be used just now, and is empty otherwise.
    """

    def __init__(
        self,
        runtime: Runtime,
        courier: Courier,
        catalogues: CatalogueCache,
        wake_dispatcher: Callable[[], None],
    ) -> None:
        super().__init__()
        self.trouble = ""
        self._runtime, self._courier = runtime, courier
        self._catalogues = catalogues
        self._wake_dispatcher = wake_dispatcher
        self._look = asyncio.Event()

    def wake(self) -> None:
        """Something was just put into an inbox: look now.  Call it on the event loop's thread."""
        self._look.set()

    @Service.task
    async def _tell_forever(self) -> None:
        while not self.should_stop:
            self._look.clear()
            more = False
            try:
                more = await self.tell()
                self.trouble = ""
            except ArchiveError as error:
                self._note(error.message, error.hint)
            except Exception as error:
                # What fails for one subscription must not end the worker; it is looked at again.
                log.exception("notifier_failed")
                self._note(f"{type(error).__name__}: {error}", "please report it")
            if not more:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY):
                        await self._look.wait()

    async def tell(self) -> bool:
        """Tell what is due; return whether there may be more at once.  Raises ArchiveError."""
        due = await self._runtime.in_reading(self._due)
        failure: Exception | None = None
        for subscription in due:
            try:
                told = await self._runtime.in_archive(partial(self._tell, subscription))
            except ArchiveError:
                raise
            except Exception as error:
                # One that cannot be read keeps nobody else's from being told.
                log.exception("subscription_not_told", subscription=subscription)
                failure = error
                continue
            for occasion, number in told.occasions.items():
                self._runtime.metrics.notified(occasion, number)
            if told.to_send:
                self._wake_dispatcher()
                await self._courier.send(told.to_send)
        if failure is not None:
            raise failure
        return len(due) == _AT_ONCE

    def _due(self) -> list[str]:
        with self._runtime.archive.read() as connection:
            now = self._runtime.clock.now()
            return notifications.due_subscriptions(connection, now, limit=_AT_ONCE)

    def _tell(self, subscription: str) -> notify.Told:
        with self._runtime.archive.begin() as connection:
            return notify.tell(
                connection, self._catalogues, subscription, self._runtime.clock.now()
            )

    def _note(self, trouble: str, hint: str) -> None:
        if trouble != self.trouble:
            log.warning("notifier_waits", trouble=trouble, hint=hint)
        self.trouble = trouble
