"""The door of the API: who asks, what pages of browsers may ask, and what is counted and audited.

ASGI around the operations.  A write that was refused leaves a row in the audit log, whoever asked; one that
asks too often leaves none, else the log would be what a flood fills.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nightdesk.archive import audit
from nightdesk.archive.audit import Entry
from nightdesk.errors import ArchiveError
from nightdesk.metrics.worker import api_outcome
from nightdesk.web.gate import Caller, Gate
from nightdesk.web.problems import Problem, fault, of_archive

if TYPE_CHECKING:
    from nightdesk.web.dependencies import WebDependencies

log = structlog.get_logger(__name__)

_SAFE = {"GET", "HEAD", "OPTIONS"}
_METHODS = "GET, POST, PUT, DELETE"
_ASKED = "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID"
_SHOWN = "ETag, Location, Retry-After"


class Door:
    """Lets requests through to `app`."""

    def __init__(self, app: ASGIApp, deps: WebDependencies, gate: Gate) -> None:
        self._app, self._deps, self._gate = app, deps, gate
        self._origins = frozenset(deps.api.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        state["caller"] = Caller()
        origin = Headers(scope=scope).get("origin")
        begun = False

        async def marked(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._share(message, origin)
                await self._note(scope, message["status"])
            await send(message)

        try:
            await self._enter(scope, receive, marked, origin)
        except Problem as problem:
            state["problem"] = problem
            await problem.response()(scope, receive, marked)
        except ArchiveError as error:
            await of_archive(error).response()(scope, receive, marked)
        except Exception:
            log.exception("api_failed", method=scope["method"])
            if not begun:
                await fault().response()(scope, receive, marked)

    async def _enter(self, scope: Scope, receive: Receive, send: Send, origin: str | None) -> None:
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            if origin in self._origins:
                allowed = {
                    "Access-Control-Allow-Methods": _METHODS,
                    "Access-Control-Allow-Headers": _ASKED,
                    "Access-Control-Max-Age": "600",
                }
                await Response(status_code=204, headers=allowed)(scope, receive, send)
                return
            raise Problem(
                403,
                "foreign-origin",
                "pages of this origin may not ask here",
                hint="NIGHTDESK_API_ORIGINS lists those that may",
            )
        scope["state"]["caller"] = await self._gate.admit(scope)
        if scope["method"] not in _SAFE and not self._is_welcome(headers, origin):
            raise Problem(
                403,
                "foreign-origin",
                "a page of another origin asks to change something",
                hint="NIGHTDESK_API_ORIGINS lists those that may",
            )
        await self._app(scope, receive, send)

    def _is_welcome(self, headers: Headers, origin: str | None) -> bool:
        """Tell whether a write comes from no page at all, from ours, or from one that may."""
        if origin is None:
            return headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
        return origin in self._origins or origin.partition("://")[2] == headers.get("host")

    def _share(self, message: Message, origin: str | None) -> None:
        if not self._origins:
            return
        headers = MutableHeaders(scope=message)
        headers.append("Vary", "Origin")
        if origin in self._origins:
            headers["Access-Control-Allow-Origin"] = origin or ""
            headers["Access-Control-Expose-Headers"] = _SHOWN

    async def _note(self, scope: Scope, status: int) -> None:
        """Count an answer and, where it refuses a write, put that into the audit log."""
        if self._deps.metrics is not None:
            self._deps.metrics.api(api_outcome(status))
        if scope["method"] in _SAFE or status < 400 or status == 429:
            return
        entry = _refusal(scope, status, self._deps)
        with suppress(ArchiveError):
            # Whoever cannot write to the archive has changed nothing in it, either.
            await self._deps.writing(lambda: self._add(entry))

    def _add(self, entry: Entry) -> None:
        with self._deps.archive.begin() as connection:
            audit.add(connection, entry)


def _refusal(scope: Scope, status: int, deps: WebDependencies) -> Entry:
    state = scope["state"]
    caller: Caller = state["caller"]
    problem: Problem | None = state.get("problem")
    operation = state.get("operation")
    subject = state.get("subject", "")
    asked = f"{scope['method']} {operation.path if operation else 'of an unknown path'}"
    told = f": {problem.message}" if problem else ""
    by = f" from {caller.address}" if caller.address and caller.token is None else ""
    return Entry(
        deps.clock.now(),
        caller.name,
        "refused",
        operation.kind if operation else "",
        subject,
        f"{status} {asked}{by}{told}",
    )
