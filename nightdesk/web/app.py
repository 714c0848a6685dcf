"""The web application: routes and the rules that hold for all of them.

Comes in: `WebDependencies`.  Goes out: a FastAPI application that can be served, or called in tests.
The page, health and metrics only read and need no token; what stands under `/subscriptions` and `/api/v1`
does (`nightdesk.web.gate`).  Hubs may say things of subscriptions and push (`nightdesk.web.websub`).
"""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client.exposition import choose_encoder

from nightdesk import __version__
from nightdesk.errors import ArchiveError
from nightdesk.web.dependencies import WebDependencies
from nightdesk.web.feeds import feed_routes
from nightdesk.web.gate import Gate
from nightdesk.web.guard import Guard
from nightdesk.web.health import health_routes
from nightdesk.web.later import PREFIX, Beside, Later
from nightdesk.web.page import page_routes
from nightdesk.web.problems import Problem


def create_app(deps: WebDependencies) -> FastAPI:
    """Return the application over `deps`; call `state.later.close()` when it is not served any more."""
    app = FastAPI(
        title="Nightdesk",
        version=__version__,
        description="Metrics, health, Atom feeds and one page of a Nightdesk worker; the API has a "
        f"document of its own at {PREFIX}/openapi.json.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    gate = Gate(deps)
    later = Later(deps, gate)
    app.state.later = later
    app.add_middleware(Beside, prefix=PREFIX, later=later)
    # The last one added is the first that is asked.
    app.add_middleware(Guard, hosts=deps.hosts, public_host=deps.public_host)

    @app.exception_handler(ArchiveError)
    async def archive_is_away(_: Request, error: ArchiveError) -> JSONResponse:
        return JSONResponse({"error": error.message, "hint": error.hint}, status_code=503)

    @app.exception_handler(Problem)
    async def refused(_: Request, problem: Problem) -> Response:
        return problem.response()

    @app.get("/metrics", response_class=Response, tags=["health"])
    async def metrics(request: Request) -> Response:
        """What is counted and timed, for Prometheus; as OpenMetrics where that is asked for."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        body = await deps.in_thread(lambda: encode(deps.registry))
        return Response(body, headers={"Content-Type": content_type})

    for routes in (health_routes, page_routes):
        app.include_router(routes(deps))
    app.include_router(feed_routes(deps, gate, later))
    if deps.pushes is not None:
        from nightdesk.web.websub import push_routes

        app.include_router(push_routes(deps, deps.pushes))
    return app
