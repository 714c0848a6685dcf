"""What the web server of a worker and `nightdesk serve` share: what they are given, how they start and stop,
and when they may be reached from other machines."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.runtime import Runtime
from nightdesk.archive import tokens
from nightdesk.archive.engine import Archive
from nightdesk.errors import ConfigurationError
from nightdesk.metrics import AccountCollector, read_archive
from nightdesk.web.app import create_app
from nightdesk.web.dependencies import ApiOptions, WebDependencies
from nightdesk.web.server import WebServer, own_hosts

NO_WORKER = "no worker runs here: nothing is polled, decided or delivered by this process"


class Listening:
    """The web server of one process.  Where it listens is written to `address_file`, for a port of 0 takes a
    free one."""

    def __init__(self, runtime: Runtime, address_file: Path) -> None:
        self._runtime, self._address_file = runtime, address_file
        self._server: WebServer | None = None
        self._close: Callable[[], None] = _nothing

    async def start(self, **given: Any) -> str:
        """Serve; return the URL.  `given` are fields of WebDependencies, beside those that all have.

        Raises ConfigurationError, ArchiveError.
        """
        runtime, settings = self._runtime, self._runtime.settings
        AccountCollector(
            lambda: read_archive(runtime.archive), runtime.registry, ticks=runtime.ticks
        )
        await runtime.in_reading(lambda: check_exposure(runtime, settings.web_host))
        web = create_app(replace(dependencies(runtime, settings.web_host), **given))
        self._close = web.state.later.close
        self._server = WebServer(web, host=settings.web_host, port=settings.web_port)
        address = await self._server.start()
        with suppress(OSError):
            # A state folder that turned read-only must not keep the page from being served.
            self._address_file.write_text(address.url.rstrip("/") + "\n", encoding="utf-8")
        return address.url

    async def stop(self) -> None:
        """End what `start` began, however far that came."""
        with suppress(OSError):
            self._address_file.unlink(missing_ok=True)
        if self._server is not None:
            await self._server.stop()
        self._close()


def dependencies(runtime: Runtime, host: str) -> WebDependencies:
    """Return what a web server on `host` is given, without a worker's parts."""
    settings = runtime.settings
    origins = tuple(origin for origin in (settings.api_origins or "").split(",") if origin)
    return WebDependencies(
        archive=runtime.archive,
        registry=runtime.registry,
        clock=runtime.clock,
        in_thread=runtime.in_reading,
        in_writing=runtime.in_archive,
        in_api=runtime.in_api,
        parts=tuple,
        waits_for=tuple,
        hosts=own_hosts(host),
        api=ApiOptions(
            requests_per_minute=settings.api_requests_per_minute,
            origins=origins,
            event_clients=settings.api_event_clients,
        ),
        metrics=runtime.metrics,
        scratch=_scratch,
        encoder=runtime.encoder,
        definitions=runtime.definitions,
    )


def check_exposure(runtime: Runtime, host: str) -> None:
    """Refuse to be reached from other machines before anybody could be let in.

    Raises ConfigurationError, ArchiveError.
    """
    if own_hosts(host):
        return
    with runtime.archive.read() as connection:
        if tokens.any_in_force(connection, runtime.clock.now()):
            return
    raise ConfigurationError(
        f"the web address {host} may be reached from other machines, and no token is in force",
        hint="make one first: `nightdesk tokens create NAME --scope admin`; or stay on 127.0.0.1",
    )


def _scratch(stack: ExitStack) -> Archive:
    from agents.commands.backtest_run import scratch

    return scratch(stack)


def _nothing() -> None:
    """Nothing was opened yet."""
