"""Metrics: what is exposed is what the catalogue says, parsed as Prometheus parses it."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from nightdesk.accounting import IDENTITIES
from nightdesk.archive import accounts
from nightdesk.archive.errors import ArchiveUnreachable
from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.feeds.websub.outcome import PushOutcome
from nightdesk.metrics import (
    CATALOGUE,
    STEPS,
    AccountCollector,
    ArchiveReading,
    Metrics,
    read_archive,
    series_names,
)
from schemas import DeadLetterReason, DeliveryState

ROOT = Path(__file__).parents[3]
READING = ArchiveReading(
    totals={"poll": {"polled": 5, "new": 3, "unchanged": 1}},
    dead_letters={("normalise", DeadLetterReason.NOT_JSON): 2},
    deliveries={DeliveryState.PENDING: 4},
)


def use_everything(metrics: Metrics) -> None:
    metrics.latency("seen_to_matched", 0.2)
    metrics.batch("decide", 20, 0.01)
    metrics.fetch("ok", 0.3)
    metrics.page(PageOutcome.TAKEN)
    metrics.push(PushOutcome.TAKEN)
    metrics.attempt("webhook", "delivered", 0.1)
    metrics.dead_letter("normalise", DeadLetterReason.NOT_JSON)
    metrics.boilerplate("learned", 2)
    metrics.topic("reports", lag=3, commit_age=1.5)
    metrics.feeds_by_health({"ok": 7})
    metrics.heartbeat_age(2.0)
    metrics.outbox_pending.set(1)


@pytest.fixture
def registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    use_everything(Metrics(registry))
    AccountCollector(lambda: READING, registry, ticks=time.monotonic)
    return registry


def exposed(registry: CollectorRegistry) -> dict[str, float]:
    return {
        sample.name + str(sorted(sample.labels.items())): sample.value
        for family in parse(generate_latest(registry).decode())
        for sample in family.samples
    }


def test_the_catalogue_and_the_exposition_agree(registry):
    found = {}
    for family in parse(generate_latest(registry).decode()):
        names = {sample.name for sample in family.samples if not sample.name.endswith("_created")}
        labels = {name for sample in family.samples for name in sample.labels if name not in {"le"}}
        for name in names:
            found[name] = (family.documentation, labels)
    assert set(found) == set(series_names())
    for metric in CATALOGUE.values():
        name = metric.name + ("_count" if metric.kind == "histogram" else "")
        assert found[name] == (metric.help, set(metric.labels)), metric.name


def test_openmetrics_parses_too(registry):
    families = list(parse_openmetrics(generate_openmetrics(registry).decode()))
    assert len(families) == len(CATALOGUE)


@pytest.mark.parametrize("metric", CATALOGUE.values(), ids=lambda metric: metric.name)
def test_names_and_labels_follow_the_rules(metric):
    assert re.fullmatch(r"nightdesk(_[a-z]+)+", metric.name)
    assert (metric.kind == "counter") == metric.name.endswith("_total")
    assert metric.help.endswith(".")
    assert not set(metric.labels) & {"url", "feed", "storyline", "subscription", "article"}
    if metric.kind == "histogram":
        assert metric.name.endswith(("_seconds", "_messages"))
        assert list(metric.buckets) == sorted(set(metric.buckets))


def test_two_workers_can_live_in_one_process():
    first, second = CollectorRegistry(), CollectorRegistry()
    Metrics(first).heartbeat_age(1)
    Metrics(second).heartbeat_age(2)
    assert first.get_sample_value("nightdesk_heartbeat_age_seconds") == 1
    assert second.get_sample_value("nightdesk_heartbeat_age_seconds") == 2


def test_a_step_that_is_not_timed_is_refused_and_a_clock_that_jumped_counts_zero():
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.latency("published_to_seen", -5)
    sample = registry.get_sample_value
    assert sample("nightdesk_stage_latency_seconds_sum", {"step": "published_to_seen"}) == 0
    with pytest.raises(ValueError, match="not a kind of rule"):
        Metrics(CollectorRegistry()).boilerplate("Buy now", 1)
    with pytest.raises(ValueError, match="not a step"):
        metrics.latency("published_to_delivered", 1)


def test_the_stages_time_only_known_steps():
    sources = (ROOT / "nightdesk" / "pipeline").glob("*.py")
    taken = {step for path in sources for step in re.findall(r'took\(\s*"(\w+)"', path.read_text())}
    assert taken
    assert taken <= set(STEPS)


def test_topics_that_a_worker_lost_are_taken_off():
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.topic("reports", lag=3, commit_age=1)
    metrics.topic("articles", lag=1, commit_age=0)
    metrics.keep_topics(["articles"])
    sample = registry.get_sample_value
    assert sample("nightdesk_topic_lag_messages", {"topic": "reports"}) is None
    assert sample("nightdesk_topic_commit_age_seconds", {"topic": "reports"}) is None
    assert sample("nightdesk_topic_lag_messages", {"topic": "articles"}) == 1


def test_a_health_that_no_feed_has_any_more_reads_zero():
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.feeds_by_health({"dns": 2})
    metrics.feeds_by_health({"ok": 2})
    values = {h: registry.get_sample_value("nightdesk_feeds", {"health": h}) for h in FeedHealth}
    assert values == {h: (2 if h is FeedHealth.OK else 0) for h in FeedHealth}


def test_the_account_shows_both_sides_and_what_is_missing(registry):
    values = exposed(registry)
    assert values["nightdesk_account_messages_total[('outcome', 'new'), ('stage', 'poll')]"] == 3
    (gap,) = [
        value
        for name, value in values.items()
        if name.startswith("nightdesk_account_imbalance_messages") and "poll.polled =" in name
    ]
    assert gap == 1
    imbalances = [name for name in values if name.startswith("nightdesk_account_imbalance")]
    assert len(imbalances) == len(IDENTITIES)


def test_what_has_not_happened_yet_reads_zero(registry):
    values = exposed(registry)
    for identity in IDENTITIES:
        for stage, outcome in identity.left + identity.right:
            labels = sorted({"stage": stage, "outcome": outcome}.items())
            assert f"nightdesk_account_messages_total{labels}" in values
    assert (
        values["nightdesk_account_messages_total[('outcome', 'rejected'), ('stage', 'poll')]"] == 0
    )


def test_it_reads_a_real_archive_exactly(sqlite_archive):
    with sqlite_archive.begin() as connection:
        accounts.count(connection, "0", "poll", {"polled": 2**53, "new": 1})
        accounts.count(connection, "1", "poll", {"new": 1})
    registry = CollectorRegistry()
    AccountCollector(lambda: read_archive(sqlite_archive), registry, ticks=time.monotonic)
    sample = registry.get_sample_value
    name = "nightdesk_account_messages_total"
    assert sample(name, {"stage": "poll", "outcome": "new"}) == 2
    assert sample(name, {"stage": "poll", "outcome": "polled"}) == 2**53
    assert sample("nightdesk_archive_up") == 1
    assert sample("nightdesk_deliveries", {"state": "pending"}) == 0


def test_scrapes_in_quick_succession_ask_the_archive_once():
    asked, now = [], [0.0]

    def read():
        asked.append(1)
        return READING

    registry = CollectorRegistry()
    AccountCollector(read, registry, keep=2.0, ticks=lambda: now[0])
    assert asked == []
    for _ in range(5):
        generate_latest(registry)
    assert len(asked) == 1
    now[0] = 2.0
    generate_latest(registry)
    assert len(asked) == 2


def test_an_archive_that_fails_leaves_its_families_out():
    def read():
        raise ArchiveUnreachable("the archive is away", hint="start it")

    registry = CollectorRegistry()
    use_everything(Metrics(registry))
    AccountCollector(read, registry, ticks=time.monotonic)
    names = {family.name for family in parse(generate_latest(registry).decode()) if family.samples}
    assert registry.get_sample_value("nightdesk_archive_up") == 0
    assert "nightdesk_heartbeat_age_seconds" in names
    assert "nightdesk_account_messages" not in names


def test_an_archive_that_hangs_is_asked_once_and_waited_for_briefly():
    release, asked, now = threading.Event(), [], [0.0]

    def read():
        asked.append(1)
        release.wait(30)
        return READING

    registry = CollectorRegistry()
    AccountCollector(read, registry, patience=0.02, keep=1.0, ticks=lambda: now[0])
    for _ in range(3):
        assert registry.get_sample_value("nightdesk_archive_up") == 0
        now[0] += 1
    assert len(asked) == 1
    release.set()
    for _ in range(500):
        now[0] += 1
        if registry.get_sample_value("nightdesk_archive_up") == 1:
            break
    assert registry.get_sample_value("nightdesk_archive_up") == 1
