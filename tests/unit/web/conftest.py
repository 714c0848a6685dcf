"""A web application over a real archive, called without a socket."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest
from prometheus_client import CollectorRegistry

from nightdesk.metrics import AccountCollector, Metrics, read_archive
from nightdesk.web.app import create_app
from nightdesk.web.dependencies import Part, WebDependencies
from tests.support.dispatching import Desk
from tests.support.tokens import make_token


@dataclass
class Site:
    """What a test may change, and a client that sees it."""

    desk: Desk
    deps: WebDependencies
    parts: list[Part] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    token: str = ""

    async def get(self, path: str, *, base: str = "http://127.0.0.1:8642", **headers: str):
        transport = httpx.ASGITransport(app=create_app(self.deps), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            if path.startswith("/subscriptions/") and self.token:
                names = {"authorization": f"Bearer {self.token}"} | names
            return await client.get(path, headers=names)

    def change(self, **changes) -> None:
        self.deps = replace(self.deps, **changes)


@pytest.fixture
def site(sqlite_archive) -> Site:
    desk = Desk(sqlite_archive)
    registry = CollectorRegistry()
    Metrics(registry).heartbeat_age(1.5)
    AccountCollector(lambda: read_archive(sqlite_archive), registry, ticks=time.monotonic, keep=0)
    parts = [Part("canary", timedelta(seconds=2), timedelta(seconds=60))]
    missing: list[str] = []
    deps = WebDependencies(
        archive=sqlite_archive,
        registry=registry,
        clock=desk.clock,
        in_thread=asyncio.to_thread,
        parts=lambda: parts,
        waits_for=lambda: missing,
    )
    return Site(desk, deps, parts, missing, make_token(sqlite_archive))
