"""What we hand to Prometheus, given to a real one: configuration, rules, scrapes and every query."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from nightdesk.accounting import IDENTITIES
from nightdesk.archive import accounts
from nightdesk.clock import SystemClock
from nightdesk.metrics import STEPS, AccountCollector, Metrics, read_archive
from nightdesk.web.app import create_app
from nightdesk.web.dependencies import Part, WebDependencies
from nightdesk.web.server import WebServer
from schemas import TOPICS, DeadLetterReason
from tests.support.deployed import (
    PROMETHEUS_CONFIG,
    RULES,
    RULES_TEST,
    panel_queries,
    rules,
)
from tests.support.prometheus import promtool, running_prometheus, why_absent

pytestmark = pytest.mark.prometheus


@pytest.fixture(autouse=True)
def _present() -> None:
    if reason := why_absent():
        pytest.skip(reason)


@pytest.mark.parametrize(
    ("what", "path"), [("config", PROMETHEUS_CONFIG), ("rules", RULES)], ids=["config", "rules"]
)
def test_promtool_finds_nothing(what: str, path: Path) -> None:
    done = promtool("check", what, str(path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_fire_when_they_should() -> None:
    done = promtool("test", "rules", RULES_TEST.name, folder=RULES_TEST.parent)
    assert done.returncode == 0, done.stdout + done.stderr


def _work(metrics: Metrics) -> None:
    """Use each metric as a busy worker does."""
    for step in STEPS:
        metrics.latency(step, 0.4)
    for stage in ("normalise", "decide"):
        metrics.batch(stage, 20, 0.02)
    for topic in TOPICS:
        metrics.topic(topic, lag=3, commit_age=0.5)
    metrics.fetch("ok", 0.2)
    metrics.attempt("webhook", "delivered", 0.1)
    metrics.attempt("webhook", "receiver_busy", 0.1)
    metrics.dead_letter("normalise", DeadLetterReason.NOT_JSON)
    metrics.feeds_by_health({"ok": 5, "dns": 1})
    metrics.heartbeat_age(1.0)
    metrics.outbox_pending.set(2)


async def test_every_query_of_ours_answers_on_a_real_scrape(sqlite_archive, tmp_path) -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    AccountCollector(lambda: read_archive(sqlite_archive), registry, ticks=time.monotonic, keep=0.5)
    deps = WebDependencies(
        archive=sqlite_archive,
        registry=registry,
        clock=SystemClock(),
        in_thread=asyncio.to_thread,
        parts=lambda: [Part("canary", timedelta(0), timedelta(60))],
        waits_for=tuple,
    )
    terms = {term for identity in IDENTITIES for term in identity.left + identity.right}

    def work() -> None:
        _work(metrics)
        with sqlite_archive.begin() as connection:
            for stage, outcome in terms:
                accounts.count(connection, "0", stage, {outcome: 1})

    server = WebServer(create_app(deps), host="127.0.0.1", port=0)
    address = await server.start()
    target = f"127.0.0.1:{address.port}"

    def look() -> list[str]:
        """Return the panels that show nothing, until all show something."""
        with running_prometheus(tmp_path, [target], RULES) as prometheus:
            empty: list[str] = []
            for _ in range(40):
                work()
                asyncio.run_coroutine_threadsafe(asyncio.sleep(0.5), loop).result()
                empty = [title for title, query in panel_queries() if not prometheus.query(query)]
                health = prometheus.alerts()
                if not empty and set(health.values()) == {"ok"}:
                    break
            assert set(health) == {rule["alert"] for rule in rules()}
            assert set(health.values()) == {"ok"}, health
            assert prometheus.query("nightdesk_archive_up")[0]["value"][1] == "1"
            return empty

    loop = asyncio.get_running_loop()
    try:
        assert await asyncio.to_thread(look) == []
    finally:
        await server.stop()
