"""All channels of a worker, each made with the first delivery to it: what a desk does not use it does not
load."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from nightdesk.clock import Clock, Ticks
from nightdesk.delivery.channel import Channel
from nightdesk.delivery.console import ConsoleChannel
from nightdesk.delivery.fetched import FetchedChannel
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.secrets import Secrets

if TYPE_CHECKING:
    from nightdesk.delivery.templates import Templates


class LazyChannel:
    """Stands for a channel until somebody uses it.  `make` imports what it takes, off the event loop."""

    def __init__(self, make: Callable[[], Channel[Any]]) -> None:
        self._make = make
        self._making = asyncio.Lock()
        self._channel: Channel[Any] | None = None

    async def deliver(self, notice: Notice, receiver: Any) -> str | None:
        """Deliver by the channel."""
        if self._channel is None:
            async with self._making:
                if self._channel is None:
                    self._channel = await asyncio.to_thread(self._make)
        return await self._channel.deliver(notice, receiver)

    async def close(self) -> None:
        """Close the channel, if it was ever made and can be closed."""
        close: Callable[[], Awaitable[None]] | None = getattr(self._channel, "close", None)
        if close is not None:
            await close()


class Channels:
    """The channels by the names that receivers know them by."""

    def __init__(self, *, secrets: Secrets, clock: Clock, ticks: Ticks, stream: TextIO) -> None:
        @cache
        def templates() -> Templates:
            from nightdesk.delivery.templates import Templates

            return Templates(ticks)

        def webhook() -> Channel[Any]:
            from nightdesk.delivery.webhook import WebhookChannel

            return WebhookChannel(secrets=secrets, clock=clock)

        def mail() -> Channel[Any]:
            from nightdesk.delivery.mail import MailChannel

            return MailChannel(secrets=secrets, clock=clock, templates=templates())

        def apprise() -> Channel[Any]:
            from nightdesk.delivery.apprise import AppriseChannel

            return AppriseChannel(secrets=secrets, templates=templates())

        def alertmanager() -> Channel[Any]:
            from nightdesk.delivery.alertmanager import AlertmanagerChannel

            return AlertmanagerChannel(secrets=secrets, clock=clock)

        def file() -> Channel[Any]:
            from nightdesk.delivery.file import FileChannel

            return FileChannel(templates=templates())

        self._lazy = {
            "webhook": LazyChannel(webhook),
            "mail": LazyChannel(mail),
            "apprise": LazyChannel(apprise),
            "alertmanager": LazyChannel(alertmanager),
            "file": LazyChannel(file),
        }
        self.by_name: Mapping[str, Channel[Any]] = {
            "console": ConsoleChannel(stream),
            "atom": FetchedChannel(),
            "events": FetchedChannel(),
            **self._lazy,
        }

    async def close(self) -> None:
        """Close all that were used."""
        for channel in self._lazy.values():
            await channel.close()
