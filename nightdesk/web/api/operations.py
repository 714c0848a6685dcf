"""Operations: how one is declared, what is checked before it is done, and what its answer becomes.

Comes in: a function over a `Call`, with its path, scope and the models of query, body and answers.  Goes out:
a route of FastAPI and its part of the OpenAPI document.  Queries and bodies are read by pydantic as strictly
as the document says; a body is bounded in bytes and time while it is received, and is not read at all before
the caller's token allows the operation.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from nightdesk.access.scopes import Scope
from nightdesk.web.gate import Caller
from nightdesk.web.problems import Problem, invalid, not_found
from schemas.base import validation_hints

if TYPE_CHECKING:
    from nightdesk.web.api.app import Api

M = TypeVar("M", bound=BaseModel)
_JSON = "application/json"
_MOST_PROBLEMS = 100
_PARTS = {
    "name": re.compile(r"[a-z0-9][a-z0-9._-]{0,99}"),
    "id": re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}"),
    "version": re.compile(r"[1-9][0-9]{0,8}"),
}


@dataclass(frozen=True)
class Call:
    """One request, checked: `query` and `body` are models of the declared kinds, `raw` the body's bytes."""

    api: Api
    caller: Caller
    request: Request
    query: Any = None
    body: Any = None
    raw: bytes = b""

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def header(self, name: str) -> str:
        """Return a header; several of the name are one list, as HTTP has it."""
        return ", ".join(self.request.headers.getlist(name))

    def asked(self, model: type[M]) -> M:
        """Return the query as what it is."""
        assert isinstance(self.query, model)
        return self.query

    def given(self, model: type[M]) -> M:
        """Return the body as what it is."""
        assert isinstance(self.body, model)
        return self.body


@dataclass(frozen=True)
class Answer:
    """What an operation comes to."""

    body: BaseModel | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return it as it is sent."""
        if self.body is None:
            return Response(status_code=self.status, headers=dict(self.headers))
        text = self.body.model_dump_json()
        return Response(text, self.status, headers=dict(self.headers), media_type=_JSON)


Handler = Callable[[Call], Answer]
Stream = Callable[["Api", "Operation", Request], Awaitable[Response]]
"""Answers by itself, on the event loop: for what never ends."""


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    `answers` are the models by status, several for one of them, None for an empty body; `refuses` the
    statuses of problems beside those that any operation may answer with.  `takes` are the media types of the
    body: JSON is read into `body`, anything else is handed on as bytes, with `schema` for the document alone.
    `kind` is what the audit log calls what it changes.  `stream` answers in place of the handler.
    """

    method: str
    path: str
    handler: Handler
    scope: Scope
    answers: Mapping[int, type[BaseModel] | tuple[type[BaseModel], ...] | None]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    schema: type[BaseModel] | None = None
    takes: tuple[str, ...] = ()
    largest: int | None = None
    refuses: tuple[int, ...] = ()
    headers: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    kind: str = ""
    tag: str = ""
    called: str = ""
    stream: Stream | None = None

    def models(self, status: int) -> tuple[type[BaseModel], ...]:
        """Return the models of an answer."""
        found = self.answers[status]
        return found if isinstance(found, tuple) else () if found is None else (found,)

    @property
    def name(self) -> str:
        """Its name in the document."""
        return self.called or self.handler.__name__.rstrip("_")


class Routes:
    """Collects the operations of one part of the API."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def add(self, method: str, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """Declare the decorated function as an operation."""

        def declare(handler: Handler) -> Handler:
            operation = Operation(method, path, handler, tag=self.tag, **declared)
            self.operations.append(operation)
            return handler

        return declare


async def perform(api: Api, operation: Operation, request: Request) -> Response:
    """Check the request and do the operation.  Raises Problem, ArchiveError."""
    caller = cast("Caller", request.scope["state"]["caller"])
    request.scope["state"]["operation"] = operation
    caller.must(operation.scope)
    _check_path(request)
    query = read_query(operation, request)
    raw = await _receive(api, operation, request) if operation.takes else b""
    body = _body(operation.body, raw) if operation.body is not None else None
    call = Call(api, caller, request, query, body, raw)
    answer = await api.deps.working(lambda: operation.handler(call))
    return answer.response()


def _check_path(request: Request) -> None:
    """Raise Problem for what can be the name of nothing: it is not looked up."""
    for part, looks in _PARTS.items():
        value = request.path_params.get(part)
        if value is not None and not looks.fullmatch(value):
            raise not_found("such thing as", value)


def read_query(operation: Operation, request: Request) -> BaseModel | None:
    """Return the query as the model that the operation declares.  Raises Problem."""
    given = request.query_params
    model = operation.query
    known = model.model_fields if model is not None else {}
    for name in given:
        if name not in known:
            hint = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
            raise invalid("this operation takes no such parameter", hint=hint)
    if model is None:
        return None
    plain: dict[str, Any] = {}
    for name in given:
        values = given.getlist(name)
        if len(values) > 1:
            raise invalid(f"the parameter {name} is given twice", hint="give it once")
        plain[name] = values[0]
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        raise _faults("these parameters make no sense", error) from None


async def _receive(api: Api, operation: Operation, request: Request) -> bytes:
    """Return the body, which is bounded in bytes and time.  Raises Problem."""
    kinds = request.headers.getlist("content-type")
    bare = {"content-type", "transfer-encoding"}.isdisjoint(request.headers)
    if bare and request.headers.get("content-length", "0") == "0":
        return b""
    kind = kinds[0].partition(";")[0].strip().lower() if len(kinds) == 1 else ""
    if kind not in operation.takes:
        takes = " or ".join(operation.takes)
        raise Problem(415, "media-type", "the body is of another kind", hint=f"send {takes}")
    most = operation.largest or api.deps.api.largest_body
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:18]) > most:
        raise _too_large(most)
    held = bytearray()
    try:
        async with asyncio.timeout(api.deps.api.body_seconds):
            async for chunk in request.stream():
                held += chunk
                if len(held) > most:
                    raise _too_large(most)
    except TimeoutError:
        raise Problem(
            408,
            "slow-body",
            "the body was not there in time",
            hint="send it faster",
            headers={"Connection": "close"},
        ) from None
    except ClientDisconnect:
        raise Problem(400, "cut-off", "the body was cut off") from None
    return bytes(held)


def _too_large(most: int) -> Problem:
    return Problem(
        413,
        "too-large",
        "the body is too large",
        hint=f"at most {most:,} bytes",
        headers={"Connection": "close"},
    )


def _body(model: type[BaseModel], raw: bytes) -> BaseModel:
    try:
        return model.model_validate_json(raw or b"{}", strict=True)
    except ValidationError as error:
        if any(fault["type"] == "json_invalid" for fault in error.errors(include_input=False)):
            raise not_json() from None
        raise _faults("the body makes no sense", error) from None


def not_json() -> Problem:
    """Say that a body is no JSON."""
    return Problem(400, "not-json", "the body is no JSON", hint="send one JSON document, as UTF-8")


def _faults(message: str, error: ValidationError) -> Problem:
    found = [
        {"where": ".".join(str(step)[:100] for step in where), "message": said[:500]}
        for where, said in validation_hints(error)[:_MOST_PROBLEMS]
    ]
    return invalid(message, found, hint="each problem says where")
