"""The web server as a service of the worker, and what the worker says of its own health.

Where it listens is written to `web-address` in the state folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from mode import Service

from agents.runtime import Runtime
from agents.serving import Listening
from nightdesk.web.dependencies import Part

if TYPE_CHECKING:
    from agents.app import NightdeskApp

log = structlog.get_logger(__name__)

_MISSED_BEATS = 3
"""A worker that misses so many heartbeats is not ready, long before it counts as deaf."""


class WebService(Service):
    """Serves the page, /metrics, /healthz, /readyz, the API, feeds and the callbacks of hubs."""

    def __init__(self, app: NightdeskApp, runtime: Runtime) -> None:
        super().__init__()
        self._app = app
        self._runtime = runtime
        self._listening = Listening(runtime, runtime.settings.state_dir / "web-address")

    async def on_start(self) -> None:
        runtime = self._runtime
        url = await self._listening.start(
            parts=self.parts,
            waits_for=self.waits_for,
            pushes=self._app.subscriber if runtime.callbacks is not None else None,
            public_host=urlsplit(runtime.settings.public_url or "").hostname or "",
        )
        log.info("listening", url=url)

    async def on_stop(self) -> None:
        await self._listening.stop()

    def parts(self) -> Sequence[Part]:
        """Return the canary and each stage, with how long it has been silent or stuck."""
        bound = self._runtime.settings.heartbeat_deadline
        now = self._runtime.clock.now()
        parts = [Part("canary", self._app.canary.silence(), bound)]
        for agent in self._app.stages:
            stuck = now - agent.stuck_since if agent.stuck_since else timedelta(0)
            parts.append(Part(agent.stage.name, stuck, bound, agent.trouble))
        return parts

    def waits_for(self) -> Sequence[str]:
        """Return in words what keeps this worker from working."""
        reasons = []
        if not self._app.canary.owned():
            reasons.append(
                "no partitions are assigned: the broker is away, or others have them all"
            )
        elif self._app.canary.heard_at is None:
            reasons.append("no heartbeat has come round yet")
        elif self._app.canary.silence() > _MISSED_BEATS * self._runtime.settings.heartbeat_interval:
            silence = self._app.canary.silence().total_seconds()
            reasons.append(f"no heartbeat has come round for {silence:.0f} s: the broker is stuck")
        if slow := self._runtime.archive_trouble():
            reasons.append(slow)
        for name, trouble in (
            ("the poller", self._app.poller.trouble),
            ("the courier", self._app.courier.trouble),
            ("the notifier", self._app.notifier.trouble),
        ):
            if trouble:
                reasons.append(f"{name} waits: {trouble}")
        for agent in self._app.stages:
            if agent.trouble:
                reasons.append(f"{agent.stage.name} waits: {agent.trouble}")
        dispatcher = self._app.delivery.dispatcher
        if dispatcher is not None and dispatcher.trouble:
            reasons.append(f"the dispatcher waits: {dispatcher.trouble}")
        return reasons
