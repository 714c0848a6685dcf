"""`/healthz` and `/readyz`: is this worker alive, and can it work?

A process that runs proves nothing: alive is a worker whose canary message came round through the
broker within its bound.  An orchestrator restarts what is not alive, and waits for what is not ready.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from nightdesk.archive import definitions
from nightdesk.delivery.wording import one_line
from nightdesk.errors import NightdeskError
from nightdesk.web.dependencies import WebDependencies
from schemas.base import format_duration


def health_routes(deps: WebDependencies) -> APIRouter:
    """Return the routes `/healthz` and `/readyz`."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", responses={503: {"description": "a part of the worker is deaf"}})
    async def healthz() -> JSONResponse:
        """200 while every part hears; else 503, with which part is deaf and for how long."""
        parts = deps.parts()
        deaf = [part for part in parts if part.deaf]
        body = {
            "alive": not deaf,
            "summary": "; ".join(
                f"{part.name} has been deaf for {format_duration(part.silent_for)}" for part in deaf
            )
            or ("every part hears" if parts else "no worker runs here"),
            "parts": [
                {
                    "part": part.name,
                    "deaf": part.deaf,
                    "silent_for_seconds": round(part.silent_for.total_seconds(), 3),
                    "bound_seconds": part.bound.total_seconds(),
                    "trouble": one_line(part.trouble),
                }
                for part in parts
            ],
        }
        return JSONResponse(body, status_code=503 if deaf else 200)

    @router.get("/readyz", responses={503: {"description": "the worker cannot work yet"}})
    async def readyz() -> JSONResponse:
        """200 once archive, topics and definitions are there; else 503, with what is missing."""
        reasons = [one_line(reason) for reason in deps.waits_for()]
        missing = await _archive_trouble(deps)
        if missing:
            reasons.append(missing)
        body: dict[str, object] = {"ready": not reasons, "reasons": reasons}
        if deps.notes:
            body["notes"] = list(deps.notes)
        return JSONResponse(body, status_code=503 if reasons else 200)

    return router


async def _archive_trouble(deps: WebDependencies) -> str:
    """Return why the archive cannot be read, or an empty string."""

    def look() -> None:
        with deps.archive.read() as connection:
            definitions.epoch(connection)

    patience = deps.archive_patience.total_seconds()
    try:
        async with asyncio.timeout(patience):
            await deps.in_thread(look)
    except TimeoutError:
        return f"the archive gives no answer within {patience:g} s"
    except NightdeskError as error:
        return one_line(error.message)
    except Exception as error:
        return f"the archive cannot be read: {type(error).__name__}"
    return ""
