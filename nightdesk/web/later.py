"""The API, made when it is first asked for: a worker whose API nobody uses is spared the memory of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.types import Receive, Scope, Send

from nightdesk.web.dependencies import WebDependencies
from nightdesk.web.gate import Gate

if TYPE_CHECKING:
    from nightdesk.web.api.app import Api


class Later:
    """Imports and builds the API once, off the event loop."""

    def __init__(self, deps: WebDependencies, gate: Gate) -> None:
        self._deps, self._gate = deps, gate
        self._made: Api | None = None
        self._making = asyncio.Lock()

    async def made(self) -> Api:
        """Return the API."""
        async with self._making:
            if self._made is None:
                self._made = await asyncio.to_thread(self._make)
            return self._made

    async def api(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the API, an ASGI application."""
        await (await self.made())(scope, receive, send)

    def close(self) -> None:
        """End what is under way in it, if anybody ever asked for it."""
        if self._made is not None:
            self._made.close()

    def _make(self) -> Api:
        from nightdesk.web.api.app import create_api

        return create_api(self._deps, self._gate)
