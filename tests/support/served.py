"""The web application on a real socket, and readers of server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from nightdesk.web.server import Address, WebServer
from tests.support.apiclient import Caller


@asynccontextmanager
async def served(api: Caller) -> AsyncIterator[Address]:
    """Serve `api` on a free port of loopback."""
    server = WebServer(api.app, host="127.0.0.1", port=0)
    address = await server.start()
    try:
        yield address
    finally:
        await server.stop()
        api.app.state.later.close()


@dataclass(frozen=True)
class Sent:
    """One event; a comment has only `comment`."""

    id: str = ""
    kind: str = ""
    data: Any = None
    comment: str = ""


class Listener:
    """One stream, read as a browser would."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self, *, comments: bool = False, seconds: float = 20.0) -> Sent:
        """Return the next event; with `comments` also a sign of life.  EOFError at the end."""
        async with asyncio.timeout(seconds):
            while True:
                sent = await self._block()
                if sent.kind or (comments and sent.comment):
                    return sent

    async def _block(self) -> Sent:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                break
            name, _, value = line.partition(":")
            fields[name or "comment"] = value.strip()
        else:
            raise EOFError
        data = json.loads(fields["data"]) if "data" in fields else None
        return Sent(fields.get("id", ""), fields.get("event", ""), data, fields.get("comment", ""))


@asynccontextmanager
async def listening(
    address: Address, path: str, token: str | None, last: str = ""
) -> AsyncIterator[Listener]:
    """Listen to a stream; its greeting has been read."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    if last:
        headers["last-event-id"] = last
    # How long to wait for an event is for who asks for it to say.
    timeout = httpx.Timeout(20, read=None)
    async with (
        httpx.AsyncClient(trust_env=False, timeout=timeout) as client,
        client.stream("GET", address.url.rstrip("/") + path, headers=headers) as response,
    ):
        listener = Listener(response)
        if response.status_code == 200:
            greeting = await listener.next(comments=True)
            assert greeting.comment == "what happens from now on"
        yield listener
