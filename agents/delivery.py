"""The dispatcher as a service of the worker: channels built from the runtime, started and stopped."""

from __future__ import annotations

import sys

from mode import Service

from agents.courier import Courier
from agents.runtime import Runtime, read_secret
from nightdesk.delivery.channels import Channels
from nightdesk.delivery.dispatcher import Dispatcher
from nightdesk.delivery.ledger import ArchiveLedger


class DeliveryService(Service):
    """Owns the dispatcher of one worker."""

    def __init__(self, runtime: Runtime, courier: Courier) -> None:
        super().__init__()
        self._runtime = runtime
        self._courier = courier
        self._channels: Channels | None = None
        self.dispatcher: Dispatcher | None = None

    async def on_start(self) -> None:
        runtime = self._runtime
        self._channels = Channels(
            secrets=read_secret, clock=runtime.clock, ticks=runtime.ticks, stream=sys.stdout
        )
        self.dispatcher = Dispatcher(
            ledger=ArchiveLedger(
                runtime.archive, runtime.settings.worker_name, alone=self._courier.alone
            ),
            channels=self._channels.by_name,
            clock=runtime.clock,
            ticks=runtime.ticks,
            in_thread=runtime.in_archive,
            publish=self._courier.send,
            metrics=runtime.metrics,
            chance=runtime.random.random,
        )
        await self.dispatcher.start()

    async def on_stop(self) -> None:
        if self.dispatcher is not None:
            await self.dispatcher.stop()
        if self._channels is not None:
            await self._channels.close()

    def wake(self) -> None:
        """Something was just planned: look now."""
        if self.dispatcher is not None:
            self.dispatcher.wake()
