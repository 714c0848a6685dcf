"""Fixtures that several suites share, each in a module of its own; and CI's rule on skips.

`NIGHTDESK_REQUIRE` names markers, like "kafka postgresql": a test under one of them that skips has
failed, for where it is set the server is meant to be there.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import hypothesis
import pytest

# How long examples take says how busy the machine is, and nothing of what is under test.
hypothesis.settings.register_profile(
    "nightdesk", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("nightdesk")

# The width of a terminal: the test processes of pytest-xdist find one in their environment, as readline
# puts it there, and what tests start would lay its tables out for it.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)

pytest_plugins = ["tests.support.ending", "tests.support.fixtures_archive"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test whose server is required into a failure."""
    report = yield
    required = set(os.environ.get("NIGHTDESK_REQUIRE", "").split())
    if report.skipped and required & {marker.name for marker in item.iter_markers()}:
        report.outcome = "failed"
        report.longrepr = f"skipped, but NIGHTDESK_REQUIRE asks for it: {report.longrepr}"
    return report
