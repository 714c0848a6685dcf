"""Metrics: what a worker counts and times, and what the archive counts for all of them.

`Metrics` belongs to one worker and starts at zero with it; `AccountCollector` reads what survives
restarts and reads the same on every worker.  `CATALOGUE` lists every metric: docs/metrics.md, the alert
rules and the dashboards are held to it by tests.
"""

from nightdesk.metrics.account import AccountCollector, ArchiveReading, read_archive
from nightdesk.metrics.catalogue import CATALOGUE, Metric, series_names
from nightdesk.metrics.worker import API_OUTCOMES, DROPPING, STEPS, Metrics

__all__ = [
    "API_OUTCOMES",
    "CATALOGUE",
    "DROPPING",
    "STEPS",
    "AccountCollector",
    "ArchiveReading",
    "Metric",
    "Metrics",
    "read_archive",
    "series_names",
]
