"""The API as one ASGI application: operations, problems, the document, and the door around them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from nightdesk.archive import audit as audit_log
from nightdesk.archive.audit import Entry
from nightdesk.archive.definitions import Definitions
from nightdesk.backtest.jobs import Jobs
from nightdesk.errors import ArchiveError, NightdeskError
from nightdesk.pipeline.definitions import DefinitionsCache
from nightdesk.web.api import parts
from nightdesk.web.api.document import document
from nightdesk.web.api.door import Door
from nightdesk.web.api.hub import Hub
from nightdesk.web.api.operations import Call, Operation, perform
from nightdesk.web.dependencies import WebDependencies
from nightdesk.web.gate import Gate
from nightdesk.web.later import PREFIX
from nightdesk.web.problems import Problem, fault, invalid, of_archive


class Api:
    """What operations share, and the application itself."""

    def __init__(self, deps: WebDependencies, gate: Gate) -> None:
        self.deps, self.gate = deps, gate
        self._known = deps.definitions or DefinitionsCache()
        self.jobs = Jobs(deps.clock)
        self.hub = Hub(deps)
        self.door = Door(_application(self), deps, gate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.door(scope, receive, send)

    def close(self) -> None:
        """End what is under way."""
        self.jobs.close()

    def current(self, connection: Connection) -> Definitions:
        """Return what is in force, as of the reading transaction of `connection`; it is kept until it
        changes."""
        return self._known.get(connection)

    def current_to_change(self, connection: Connection) -> Definitions:
        """Return what is in force while nobody else may change it."""
        return self._known.held(connection)

    def note(
        self, call: Call, connection: Connection, action: str, subject: str, detail: str
    ) -> None:
        """Put into the audit log what an operation did, in its own transaction."""
        kind = call.request.scope["state"]["operation"].kind
        entry = Entry(self.deps.clock.now(), call.caller.name, action, kind, subject, detail)
        audit_log.add(connection, entry)


def _application(api: Api) -> FastAPI:
    operations = parts.operations()
    told = document(operations, PREFIX)
    app = FastAPI(
        title="Nightdesk", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )

    async def openapi(_: Request) -> Response:
        return JSONResponse(told)

    app.add_route("/openapi.json", openapi, methods=["GET"], include_in_schema=False)
    for operation in operations:
        app.add_api_route(
            operation.path,
            _endpoint(api, operation),
            methods=[operation.method],
            response_class=Response,
            operation_id=operation.name,
            include_in_schema=False,
        )
    app.add_exception_handler(NightdeskError, _refused)
    app.add_exception_handler(HTTPException, _unrouted)
    # It answers; the door then hears of the error itself, and logs it.
    app.add_exception_handler(Exception, _broken)
    return app


def _endpoint(api: Api, operation: Operation) -> Any:
    async def endpoint(request: Request) -> Response:
        state = request.scope["state"]
        state["subject"] = str(
            request.path_params.get("id") or request.path_params.get("name") or ""
        )
        if operation.stream is not None:
            return await operation.stream(api, operation, request)
        return await perform(api, operation, request)

    return endpoint


def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        problem = error
    elif isinstance(error, ArchiveError):
        problem = of_archive(error)
    else:
        assert isinstance(error, NightdeskError)
        problem = invalid(error.message, hint=error.hint)
    request.scope["state"]["problem"] = problem
    return problem.response()


def _broken(_request: Request, _error: Exception) -> Response:
    return fault().response()


def _unrouted(request: Request, error: Exception) -> Response:
    """Say that there is no such path, or no such method of it."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = sorted(
            {
                method
                for route in request.app.routes
                if route.matches(request.scope)[0] is not Match.NONE
                for method in route.methods
            }
        )
        problem = Problem(
            405,
            "method",
            "this cannot be done here",
            hint=f"what can: {', '.join(allowed)}",
            headers={"Allow": ", ".join(allowed)},
        )
    elif error.status_code == 404:
        hint = f"{PREFIX}/openapi.json names all paths"
        problem = Problem(404, "not-found", "there is no such path", hint=hint)
    else:
        problem = Problem(error.status_code, "refused", "there is no such request")
    request.scope["state"]["problem"] = problem
    return problem.response()
