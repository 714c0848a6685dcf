"""docs/metrics.md lists every metric that exists, as it is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from nightdesk.metrics import CATALOGUE, STEPS, series_names

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


def _rows() -> dict[str, list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    return {row[0].strip("`"): row[1:] for row in cells if row[0].startswith("`")}


def test_every_metric_is_documented_as_it_is():
    rows = {name: row for name, row in _rows().items() if name.startswith("nightdesk_")}
    assert list(rows) == list(CATALOGUE)
    for metric in CATALOGUE.values():
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        assert rows[metric.name] == [metric.kind, labels, metric.of, metric.help]


def test_every_step_is_documented():
    assert set(STEPS) <= _rows().keys()


def test_the_queries_name_metrics_that_exist():
    named = set(re.findall(r"\bnightdesk_[a-z_]+\b", PAGE.read_text(encoding="utf-8")))
    assert named <= series_names() | CATALOGUE.keys()
