"""The watch: how far behind each topic is, how long its position has stood still, how the feeds are.

Comes in: the consumer's positions and the archive.  Goes out: gauges for /metrics, every few seconds.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import structlog
from faust.types import TP, AppT
from mode import Service

from agents.runtime import Runtime
from nightdesk.archive import feeds
from nightdesk.errors import ArchiveError

log = structlog.get_logger(__name__)

_EVERY = 2.0


class Watch(Service):
    """Measures; decides nothing."""

    def __init__(self, app: AppT, runtime: Runtime) -> None:
        super().__init__()
        self._app = app
        self._runtime = runtime
        self._moved: dict[TP, tuple[int, datetime]] = {}

    @Service.task
    async def _look(self) -> None:
        while not self.should_stop:
            try:
                self._measure_topics()
                await self._measure_feeds()
            except ArchiveError as error:
                log.debug("watch_waits_for_archive", error=error.message)
            except Exception as error:
                # Measuring must never end the worker; a rebalance may pull positions from under us.
                log.debug("watch_failed", error=f"{type(error).__name__}: {error}")
            await self.sleep(_EVERY)

    def _measure_topics(self) -> None:
        consumer = self._app.consumer
        now = self._runtime.clock.now()
        lags: Counter[str] = Counter()
        ages: dict[str, float] = {}
        assigned = consumer.assignment()
        for tp in assigned:
            committed = consumer._committed_offset.get(tp) or 0  # type: ignore[attr-defined]
            lag = max(0, (consumer.highwater(tp) or 0) - committed)
            lags[tp.topic] += lag
            before, since = self._moved.get(tp, (committed, now))
            if lag == 0 or before != committed:
                since = now
            self._moved[tp] = (committed, since)
            ages[tp.topic] = max(ages.get(tp.topic, 0.0), (now - since).total_seconds())
        for tp in set(self._moved) - set(assigned):
            del self._moved[tp]
        self._runtime.metrics.keep_topics(lags)
        for topic, lag in lags.items():
            self._runtime.metrics.topic(topic, lag=lag, commit_age=ages[topic])

    async def _measure_feeds(self) -> None:
        def read() -> dict[str, int]:
            with self._runtime.archive.read() as connection:
                return feeds.count_by_health(connection)

        self._runtime.metrics.feeds_by_health(await self._runtime.in_archive(read))
