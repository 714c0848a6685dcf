"""`/websub/<token>`: where hubs ask back (GET) and push (POST).

Comes in: whatever anybody sends.  Goes out: the answer that WebSub has a subscriber give, at once; what was
pushed is handed on and read later.  Nothing of it is parsed before its signature is right, and no more is
held than the feed's own bound: who sends more, too slowly, or too much at once is cut off.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect

from nightdesk.errors import ArchiveError
from nightdesk.feeds.websub.outcome import PushOutcome
from nightdesk.feeds.websub.signature import HEADER, is_signed
from nightdesk.feeds.websub.subscription import PATH
from nightdesk.feeds.websub.verification import NO, Answer
from nightdesk.web.dependencies import WebDependencies

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")
_MOST_AT_ONCE = 16
_MOST_HELD = 100_000_000
"""Bytes of all bodies that are being received: as many as the largest feed may have."""

_LATER = {"Retry-After": "60"}
_CLOSE = {"Connection": "close"}
_PARAMETER = {
    "name": "token",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "title": "Token"},
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What may be pushed to a callback: a document of `feed`, signed by `secret`, of at most `max_bytes`,
    within `seconds`.  `over` says that nothing may be any more."""

    feed: str
    secret: bytes = field(repr=False)
    max_bytes: int
    seconds: float
    over: bool = False


class PushDoor(Protocol):
    """What the callbacks are for: it knows subscriptions, and takes what was pushed."""

    async def ask_back(self, token: str, query: Mapping[str, str]) -> Answer:
        """Answer a hub that asks whether a request was ours.  Raises ArchiveError."""

    async def expect(self, token: str) -> Expected | None:
        """Return what may be pushed there, None for no subscription.  Raises ArchiveError."""

    def refuses(self, feed: str, size: int) -> int:
        """Return 0 where so many bytes of a feed would be taken now, else the status that says why not."""

    def take(self, feed: str, body: bytes, content_type: str | None, encoding: str | None) -> None:
        """Take a document that is signed, to be read as soon as may be; it may be compressed (`encoding`)."""

    def note(self, outcome: PushOutcome) -> None:
        """Count what became of a push."""


def push_routes(deps: WebDependencies, door: PushDoor) -> APIRouter:
    """Return the routes of the callbacks."""
    router = APIRouter(tags=["websub"])
    open_now, held = 0, _Held()

    async def entering(request: Request, work: _Work) -> Response:
        """Do `work` for a callback's token, unless too many are at it."""
        nonlocal open_now
        token = str(request.path_params["token"])
        if not _TOKEN.fullmatch(token):
            return _plain(NO)
        if open_now >= _MOST_AT_ONCE:
            door.note(PushOutcome.TURNED_AWAY)
            return Response(status_code=503, headers=_LATER | _CLOSE)
        open_now += 1
        try:
            return await work(request, token)
        except ArchiveError:
            # A stranger need not know more of it; the log and /readyz do.
            door.note(PushOutcome.TURNED_AWAY)
            return Response(status_code=503, headers=_LATER | _CLOSE)
        finally:
            open_now -= 1

    async def asking(request: Request, token: str) -> Response:
        return _plain(await door.ask_back(token, dict(request.query_params)))

    async def pushing(request: Request, token: str) -> Response:
        try:
            expected = await admitted(token)
            with held.by_one() as body:
                await _receive(request, expected, body)
                whole, given = bytes(body.content), request.headers.get(HEADER)
            if not await deps.in_thread(lambda: is_signed(expected.secret, whole, given)):
                # As if it were right: who tries signatures learns nothing.
                raise _TurnedDown(PushOutcome.UNSIGNED, 202)
            if refused := door.refuses(expected.feed, len(whole)):
                raise _TurnedDown(PushOutcome.TURNED_AWAY, refused)
        except _TurnedDown as no:
            door.note(no.outcome)
            return Response(status_code=no.status, headers=no.headers)
        about = request.headers
        door.take(expected.feed, whole, about.get("content-type"), about.get("content-encoding"))
        return Response(status_code=202)

    async def admitted(token: str) -> Expected:
        expected = await door.expect(token)
        if expected is None:
            raise _TurnedDown(PushOutcome.UNKNOWN, 404)
        if expected.over:
            raise _TurnedDown(PushOutcome.OVER, 410)
        if refused := door.refuses(expected.feed, 0):
            raise _TurnedDown(PushOutcome.TURNED_AWAY, refused)
        return expected

    @router.get(
        PATH + "{token}",
        response_class=Response,
        responses={404: {"description": "not wanted"}},
        openapi_extra={"parameters": [_PARAMETER]},
    )
    async def verify(request: Request) -> Response:
        """A hub asks whether a subscription is wanted: its challenge is the answer that means yes."""
        return await entering(request, asking)

    @router.post(
        PATH + "{token}",
        status_code=202,
        response_class=Response,
        responses={
            202: {"description": "taken, or not signed and ignored"},
            404: {"description": "no such subscription"},
            408: {"description": "not whole in time"},
            410: {"description": "the subscription has ended"},
            413: {"description": "longer than the feed may be"},
            429: {"description": "too many of this feed at once"},
            503: {"description": "too many at once"},
        },
        openapi_extra={"parameters": [_PARAMETER]},
    )
    async def take(request: Request) -> Response:
        """A hub pushes a document of a feed."""
        return await entering(request, pushing)

    return router


class _Work(Protocol):
    async def __call__(self, request: Request, token: str, /) -> Response: ...


class _TurnedDown(Exception):
    """A push that is not taken: what to count, and the status to answer with."""

    def __init__(self, outcome: PushOutcome, status: int) -> None:
        super().__init__(outcome.value)
        self.outcome, self.status = outcome, status

    @property
    def headers(self) -> dict[str, str]:
        """What goes with the status: its body may be unread, and is not waited for."""
        return ({} if self.status == 202 else _CLOSE) | (
            _LATER if self.status in {429, 503} else {}
        )


class _Held:
    """Counts the bytes of all bodies that are being received."""

    def __init__(self) -> None:
        self.bytes = 0

    @contextmanager
    def by_one(self) -> Iterator[_Body]:
        """Yield a body to be filled, which holds nothing any more at the end."""
        body = _Body(self)
        try:
            yield body
        finally:
            self.bytes -= len(body.content)


class _Body:
    def __init__(self, held: _Held) -> None:
        self.content, self._held = bytearray(), held

    def add(self, chunk: bytes, most: int) -> None:
        """Add to it.  Raises _TurnedDown beyond `most`, and where all together hold too much."""
        if len(self.content) + len(chunk) > most:
            raise _TurnedDown(PushOutcome.TOO_LARGE, 413)
        if self._held.bytes + len(chunk) > _MOST_HELD:
            raise _TurnedDown(PushOutcome.TURNED_AWAY, 503)
        self.content += chunk
        self._held.bytes += len(chunk)


async def _receive(request: Request, expected: Expected, body: _Body) -> None:
    """Fill `body` with all that is sent.  Raises _TurnedDown."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:18]) > expected.max_bytes:
        raise _TurnedDown(PushOutcome.TOO_LARGE, 413)
    try:
        async with asyncio.timeout(expected.seconds):
            async for chunk in request.stream():
                body.add(chunk, expected.max_bytes)
    except (TimeoutError, ClientDisconnect):
        raise _TurnedDown(PushOutcome.CUT, 408) from None


def _plain(answer: Answer) -> Response:
    return PlainTextResponse(answer.text, status_code=answer.status)
