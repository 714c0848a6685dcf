"""The web application: routes and the rules that hold for all of them.

Comes in: `WebDependencies`.  Goes out: a FastAPI application that can be served, or called in tests.
No route writes, save what hubs say of subscriptions and push (`nightdesk.web.websub`).  Every answer forbids
scripts, frames and foreign assets; whoever calls under another host's name than ours is turned away.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client.exposition import choose_encoder

from nightdesk import __version__
from nightdesk.errors import ArchiveError
from nightdesk.feeds.websub.subscription import PATH
from nightdesk.web.dependencies import WebDependencies
from nightdesk.web.feeds import feed_routes
from nightdesk.web.health import health_routes
from nightdesk.web.page import page_routes

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_app(deps: WebDependencies) -> FastAPI:
    """Return the application over `deps`."""
    app = FastAPI(
        title="Nightdesk",
        version=__version__,
        description="Metrics, health, Atom feeds and one page of a Nightdesk worker.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    public = deps.public_host.lower()
    allowed = frozenset(host.lower() for host in deps.hosts)

    @app.middleware("http")
    async def guard(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        called = _hostname(request.headers.get("host", ""))
        by_hub = public and called == public and request.url.path.startswith(PATH)
        if allowed and called not in allowed and not by_hub:
            response: Response = PlainTextResponse(
                "This address is not called by that name.\n", status_code=421
            )
        else:
            response = await call_next(request)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.exception_handler(ArchiveError)
    async def archive_is_away(_: Request, error: ArchiveError) -> JSONResponse:
        return JSONResponse({"error": error.message, "hint": error.hint}, status_code=503)

    @app.get("/metrics", response_class=Response, tags=["health"])
    async def metrics(request: Request) -> Response:
        """What is counted and timed, for Prometheus; as OpenMetrics where that is asked for."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        body = await deps.in_thread(lambda: encode(deps.registry))
        return Response(body, headers={"Content-Type": content_type})

    for routes in (health_routes, feed_routes, page_routes):
        app.include_router(routes(deps))
    if deps.pushes is not None:
        from nightdesk.web.websub import push_routes

        app.include_router(push_routes(deps, deps.pushes))
    return app


def _hostname(header: str) -> str:
    """Return the name in a `Host` header, without its port: `[::1]:80` is `::1`."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]
