"""The API, made when it is first asked for: a worker whose API nobody uses is spared the memory of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from nightdesk.web.dependencies import WebDependencies
from nightdesk.web.gate import Gate

if TYPE_CHECKING:
    from nightdesk.web.api.app import Api

PREFIX = "/api/v1"
"""Below which path the API stands."""


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

    def close(self) -> None:
        """End what is under way in it, if anybody ever asked for it."""
        if self._made is not None:
            self._made.close()

    def _make(self) -> Api:
        from nightdesk.web.api.app import Api

        return Api(self._deps, self._gate)


class Beside:
    """Hands on to the API what stands below `prefix`, and all else to `app`.

    A mount of Starlette would, but leaves paths with a line end in them to the outer application.
    """

    def __init__(self, app: ASGIApp, *, prefix: str, later: Later) -> None:
        self._app, self._prefix, self._later = app, prefix, later

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self._prefix + "/"):
            root = scope.get("root_path", "") + self._prefix
            api = await self._later.made()
            await api({**scope, "root_path": root}, receive, send)
        else:
            await self._app(scope, receive, send)
