"""What the web server of a worker and `nightdesk serve` share: what they are given, and when they may be
reached from other machines."""

from __future__ import annotations

from contextlib import ExitStack

from agents.runtime import Runtime
from nightdesk.archive import tokens
from nightdesk.archive.engine import Archive
from nightdesk.errors import ConfigurationError
from nightdesk.web.dependencies import ApiOptions, WebDependencies
from nightdesk.web.server import own_hosts

NO_WORKER = "no worker runs here: nothing is polled, decided or delivered by this process"


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
