"""A stream of server-sent events: what was missed, then what happens, with a sign of life in between.

Comes in: a reader of the hub.  Goes out: an answer that lasts until the reader leaves, is too slow, or its
token ends.  Whoever vanishes without a word is noticed by the connection's end or, at the latest, when signs
of life are not taken any more.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from nightdesk.errors import NightdeskError
from nightdesk.web.api import cursors
from nightdesk.web.api.hub import Event, Hub, Look, Reader
from nightdesk.web.dependencies import ApiOptions
from nightdesk.web.gate import Caller, Gate

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_HELLO = b"retry: 3000\n: what happens from now on\n\n"
_ALIVE = b": still here\n\n"
_GAP = b'event: gap\ndata: {"hint": "more was missed than a stream tells: read the list"}\n\n'


class EventStream(Response):
    """The answer to one who listens to `name` of the hub."""

    def __init__(
        self,
        hub: Hub,
        gate: Gate,
        options: ApiOptions,
        reader: Reader,
        look: Look,
        *,
        after: tuple[datetime, str] | None,
        most: int = 1_000,
    ) -> None:
        super().__init__(None, 200, headers=_HEADERS, media_type="text/event-stream")
        del self.headers["content-length"]
        self._hub, self._gate, self._options = hub, gate, options
        self._reader, self._look, self._after, self._most = reader, look, after, most

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        tasks = {
            asyncio.ensure_future(one)
            for one in (self._tell(send), _gone(receive), self._reader.dropped.wait())
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self._reader)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(1):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": list(self.raw_headers)}
        )
        await self._write(send, _HELLO)
        if self._after is not None:
            await self._tell_missed(send, *self._after)
        while True:
            event = await self._next()
            if event is not None:
                if event.key not in self._reader.passed:
                    await self._write(send, event.as_bytes())
                continue
            if not await self._still_welcome():
                return
            await self._write(send, _ALIVE)

    async def _tell_missed(self, send: Send, since: datetime, last: str) -> None:
        missed, more = await self._hub.missed(self._look, since, self._most)
        if more:
            await self._write(send, _GAP)
        for event in missed:
            self._reader.passed.add(event.key)
            if event.key != last and event.wanted(self._reader.asked):
                await self._write(send, event.as_bytes())

    async def _next(self) -> Event | None:
        """Return what happens next, None where nothing did for a while."""
        try:
            async with asyncio.timeout(self._options.heartbeat_every):
                return await self._reader.buffer.get()
        except TimeoutError:
            return None

    async def _still_welcome(self) -> bool:
        try:
            return await self._gate.still_admits(self._reader.caller)
        except NightdeskError:
            # An archive that is away takes nobody's token.
            return True

    async def _write(self, send: Send, body: bytes) -> None:
        message: Message = {"type": "http.response.body", "body": body, "more_body": True}
        try:
            async with asyncio.timeout(2 * self._options.heartbeat_every):
                await send(message)
        except TimeoutError:
            self._hub.drop(self._reader)
            raise


async def _gone(receive: Receive) -> None:
    """Return once the reader has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def stream_of(
    hub: Hub,
    gate: Gate,
    options: ApiOptions,
    *,
    name: str,
    look: Look,
    caller: Caller,
    asked: object = None,
    last: str = "",
    most: int = 1_000,
) -> EventStream:
    """Return a stream of topic `name`, from event `last` on.  Raises Problem, ArchiveError."""
    after = cursors.unpack_moment(last.strip() or None)
    reader = await hub.join(name, look, caller, asked)
    return EventStream(hub, gate, options, reader, look, after=after, most=most)
