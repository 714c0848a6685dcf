"""The API over an archive, called without a socket, with a token of each scope."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
from prometheus_client import CollectorRegistry

from agents.commands.backtest_run import scratch
from nightdesk.archive import Archive, audit
from nightdesk.clock import SettableClock
from nightdesk.metrics import Metrics
from nightdesk.web.app import create_app
from nightdesk.web.dependencies import ApiOptions, WebDependencies
from nightdesk.web.server import own_hosts
from tests.support.alerting import NOON
from tests.support.tokens import make_token

FREELY = ApiOptions(
    requests_per_minute=1_000_000, strangers_per_minute=1_000_000, failures_per_minute=1_000_000
)


class Caller:
    """An application with its clock; `call` asks it as the holder of a token of `scope`."""

    def __init__(self, archive: Archive, **changes: Any) -> None:
        self.archive = archive
        self.clock = SettableClock(NOON)
        self.registry = CollectorRegistry()
        self.deps = replace(
            WebDependencies(
                archive=archive,
                registry=self.registry,
                clock=self.clock,
                in_thread=asyncio.to_thread,
                parts=tuple,
                waits_for=tuple,
                hosts=own_hosts("127.0.0.1"),
                api=FREELY,
                metrics=Metrics(self.registry),
                scratch=scratch,
            ),
            **changes,
        )
        self.tokens = {scope: make_token(archive, scope) for scope in ("read", "write", "admin")}
        self.app = create_app(self.deps)

    async def call(
        self,
        method: str,
        path: str,
        *,
        scope: str | None = "admin",
        address: str = "192.0.2.1",
        prefix: str = "/api/v1",
        headers: Any = (),
        **options: Any,
    ) -> httpx.Response:
        """Ask; `json`, `content` and `params` are those of httpx."""
        transport = httpx.ASGITransport(app=self.app, client=(address, 40_000))
        own = dict(headers)
        if scope is not None:
            own = {"authorization": f"Bearer {self.tokens.get(scope, scope)}"} | own
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8642"
        ) as client:
            return await client.request(method, prefix + path, headers=own, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.call("GET", path, **options)

    def wait(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def audited(self, **asked: Any) -> list[tuple[str, str, str, str]]:
        """Return (actor, action, kind, subject) of the audit log, oldest first."""
        with self.archive.read() as connection:
            found = audit.newest(connection, limit=1_000, **asked)
        return [(e.actor, e.action, e.kind, e.subject) for e in reversed(found)]

    def refusals(self) -> list[str]:
        with self.archive.read() as connection:
            found = audit.newest(connection, limit=1_000, refused=True)
        return [entry.detail for entry in reversed(found)]


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem that an answer tells of, which must have this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)
    assert told["status"] == status
    assert {"type", "title", "detail", "hint"} <= told.keys()
    assert "Traceback" not in answer.text
    return told
