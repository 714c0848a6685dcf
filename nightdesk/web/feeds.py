"""`/subscriptions/<id>.atom` and `/subscriptions/<id>/events`: what was delivered to a subscription, for feed
readers and for programs.

Both need a token, in the header or in the address: that of the subscription's feeds, or one that reads.  So
the address cannot be guessed, and nobody without a token learns which subscriptions there are.
"""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from nightdesk.archive import definitions, deliveries
from nightdesk.web.atom import atom_feed
from nightdesk.web.dependencies import WebDependencies
from nightdesk.web.gate import Gate
from nightdesk.web.later import Later
from schemas.receivers import AtomReceiver

_LONGEST_NAME = 100
_NAME = {
    "name": "name",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "title": "Name"},
}
_TOKEN = {"name": "token", "in": "query", "required": False, "schema": {"type": "string"}}
_REFUSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "no token, or none that is in force"},
    403: {"description": "the token is another subscription's"},
    429: {"description": "asked too often"},
}


def feed_routes(deps: WebDependencies, gate: Gate, later: Later) -> APIRouter:
    """Return the routes of the feeds."""
    router = APIRouter(tags=["feeds"])

    @router.get(
        "/subscriptions/{name}.atom",
        response_class=Response,
        responses={
            200: {"content": {"application/atom+xml": {}}},
            304: {"description": "nothing new"},
            404: {"description": "no such subscription, or it has no atom receiver"},
            **_REFUSES,
        },
        openapi_extra={"parameters": [_NAME, _TOKEN]},
    )
    async def subscription_feed(request: Request) -> Response:
        """The alerts that were delivered to this subscription's atom receiver, newest first."""
        # As a parameter of the function, it would have FastAPI import pydantic's first version (3 MB).
        name = str(request.path_params["name"])
        caller = await gate.admit(request.scope, by_address=True)
        caller.must_read(name)
        # A feed is passed on and stored: the token of its address does not stand in it.
        address = str(request.url.replace(query="", fragment=""))
        body = await deps.in_thread(lambda: _read(deps, name, address))
        if body is None:
            return PlainTextResponse(
                "No such feed. Is there a subscription of this name, with an atom receiver?\n",
                status_code=404,
            )
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if _knows(request.headers.get("If-None-Match", ""), tag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/atom+xml", headers=headers)

    @router.get(
        "/subscriptions/{name}/events",
        response_class=Response,
        responses={
            200: {"content": {"text/event-stream": {}}},
            404: {"description": "no such subscription, or it has no events receiver"},
            503: {"description": "too many listen"},
            **_REFUSES,
        },
        openapi_extra={"parameters": [_NAME, _TOKEN]},
    )
    async def subscription_events(request: Request) -> Response:
        """What is delivered to this subscription's events receiver, as server-sent events.

        Who comes back with Last-Event-ID has what it missed.
        """
        name = str(request.path_params["name"])[: _LONGEST_NAME + 1]
        caller = await gate.admit(request.scope, by_address=True)
        caller.must_read(name)
        api = await later.made()
        from nightdesk.web.api.events import subscription_stream

        last = request.headers.get("last-event-id", "")
        return await subscription_stream(api, name, caller, last)

    return router


def _read(deps: WebDependencies, name: str, address: str) -> bytes | None:
    """Return the feed, or None where there is none.  Raises ArchiveError."""
    if len(name) > _LONGEST_NAME:
        return None
    with deps.archive.read() as connection:
        latest = definitions.subscription_in_force(connection, name)
        if latest is None:
            return None
        subscription = latest.definition
        for receiver in subscription.receivers:
            if isinstance(receiver, AtomReceiver):
                alerts = deliveries.for_subscription(
                    connection, name, receiver.entries, receiver=receiver.name
                )
                break
        else:
            return None
    return atom_feed(subscription, alerts, address=address, since=latest.created_at)


def _knows(header: str, tag: str) -> bool:
    """Tell whether an `If-None-Match` names `tag` (RFC 9110, 13.1.2: weak comparison)."""
    tags = {part.strip().removeprefix("W/") for part in header[:4_000].split(",")}
    return "*" in tags or tag in tags
