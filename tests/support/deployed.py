"""What stands in deploy/: rules, dashboards and the compose file, as data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
RULES_TEST = DEPLOY / "prometheus" / "rules_test.yml"
PROMETHEUS_CONFIG = DEPLOY / "prometheus" / "prometheus.yml"
DASHBOARD = DEPLOY / "grafana" / "dashboards" / "nightdesk.json"


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds, merge keys resolved."""
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def rules() -> list[dict[str, Any]]:
    """Return all alerting rules."""
    return [rule for group in read_yaml(RULES)["groups"] for rule in group["rules"]]


def panels() -> Iterator[dict[str, Any]]:
    """Yield all panels of the dashboard that hold queries."""
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    yield from (panel for panel in board["panels"] if panel["type"] != "row")


def panel_queries() -> list[tuple[str, str]]:
    """Return (panel title, PromQL) with Grafana's variables filled in."""
    return [
        (panel["title"], target["expr"].replace("$__rate_interval", "1m"))
        for panel in panels()
        for target in panel["targets"]
    ]


def metrics_named(text: str) -> set[str]:
    """Return the names of our metrics in a query."""
    return set(re.findall(r"\bnightdesk_[a-z_]+\b", text))
