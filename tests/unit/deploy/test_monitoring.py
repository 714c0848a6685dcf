"""Rules and dashboards name metrics, labels and values that exist, and help whoever is woken."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

from nightdesk.accounting import IDENTITIES
from nightdesk.feeds.health import FeedHealth
from nightdesk.metrics import CATALOGUE, DROPPING, STEPS, series_names
from schemas import TOPICS, DeadLetterReason, DeliveryState
from tests.support.deployed import (
    DASHBOARD,
    DEPLOY,
    PROMETHEUS_CONFIG,
    ROOT,
    RULES_TEST,
    metrics_named,
    panel_queries,
    panels,
    read_yaml,
    rules,
)

QUERIES = [(rule["alert"], rule["expr"]) for rule in rules()] + panel_queries()
SELECTOR = re.compile(r"\b(nightdesk_[a-z_]+)\{([^}]*)\}")
LABEL = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_TERMS = [term for identity in IDENTITIES for term in identity.left + identity.right]
VALUES = {
    "health": set(FeedHealth),
    "step": set(STEPS),
    "topic": set(TOPICS),
    "reason": set(DeadLetterReason),
    "state": set(DeliveryState),
    "rule": set(DROPPING),
    "scope": {"inside", "between"},
    "stage": {stage for stage, _ in _TERMS},
    "outcome": {outcome for _, outcome in _TERMS} | {"delivered"},
}


def family(series: str) -> str:
    return next(name for name in (series, series.rsplit("_", 1)[0]) if name in CATALOGUE)


@pytest.mark.parametrize(("name", "query"), QUERIES)
def test_a_query_names_what_exists(name, query):
    assert metrics_named(query) <= series_names()
    for series, inside in SELECTOR.findall(query):
        metric = CATALOGUE[family(series)]
        for label, operator, value in LABEL.findall(inside):
            assert label in metric.labels, (name, label)
            if label in VALUES and ".*" not in value:
                given = set(value.split("|")) if "~" in operator else {value}
                assert given <= VALUES[label], (name, label, given - VALUES[label])


@pytest.mark.parametrize(("name", "query"), QUERIES)
def test_a_query_takes_each_family_as_it_is_counted(name, query):
    for series in metrics_named(query):
        metric = CATALOGUE[family(series)]
        if metric.of == "archive" or series == "nightdesk_feeds":
            assert not re.search(rf"sum[^(]*\(\s*(\w+\()?{series}", query), name
        if metric.kind in {"counter", "histogram"}:
            counted = re.search(rf"(rate|increase|absent)\({series}", query)
            assert counted, (name, series)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_whoever_is_woken_is_told_what_and_what_to_do(rule):
    assert re.fullmatch(r"Nightdesk[A-Z]\w+", rule["alert"])
    assert rule["for"]
    assert rule["labels"] in ({"severity": "critical"}, {"severity": "warning"})
    assert set(rule["annotations"]) == {"summary", "description"}
    assert len(rule["annotations"]["summary"]) < 120
    assert len(rule["annotations"]["description"]) > 60


def test_every_rule_is_tested_both_ways():
    text = RULES_TEST.read_text(encoding="utf-8")
    for rule in rules():
        assert text.count(rule["alert"]) >= 2, rule["alert"]


def test_prometheus_scrapes_every_worker_of_the_compose_file():
    services = read_yaml(ROOT / "docker-compose.yml")["services"]
    jobs = {job["job_name"]: job for job in read_yaml(PROMETHEUS_CONFIG)["scrape_configs"]}
    targets = [target for one in jobs["nightdesk"]["static_configs"] for target in one["targets"]]
    workers = [name for name in services if name.startswith("worker-")]
    assert targets == [f"{name}:8642" for name in workers]


def test_the_dashboard_is_what_its_script_builds(monkeypatch):
    pytest.importorskip("grafana_foundation_sdk")
    script = DEPLOY / "grafana" / "build.py"
    monkeypatch.syspath_prepend(str(script.parent))
    built = runpy.run_path(str(script))["build"]()
    assert built == DASHBOARD.read_text(encoding="utf-8"), "run: python deploy/grafana/build.py"


def test_panels_have_a_place_of_their_own_and_a_provisioned_source():
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    (source,) = read_yaml(DEPLOY / "grafana/provisioning/datasources/prometheus.yml")["datasources"]
    assert {panel["datasource"]["uid"] for panel in panels()} == {source["uid"]}
    (provider,) = read_yaml(DEPLOY / "grafana/provisioning/dashboards/nightdesk.yml")["providers"]
    mounts = read_yaml(ROOT / "docker-compose.yml")["services"]["grafana"]["volumes"]
    assert any(provider["options"]["path"] in mount for mount in mounts)
    assert all(panel["description"].endswith("?") for panel in panels())


def test_every_metric_is_looked_at_somewhere():
    used = {family(name) for _, query in QUERIES for name in metrics_named(query)}
    assert set(CATALOGUE) - used == {"nightdesk_build_info"}


def test_paths_are_relative_to_the_repository():
    for path in Path(DEPLOY).rglob("*"):
        if path.is_file():
            assert "/home/" not in path.read_text(encoding="utf-8"), path
