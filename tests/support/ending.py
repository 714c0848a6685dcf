"""How a test run ended, written down for `.ci/suite`: pytest's exit code, in its cache as `nightdesk/ended`.

A run that is cut short by a timeout ends its process on the spot, and writes nothing.
"""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the exit code down, once the failed tests are."""
    cache = getattr(session.config, "cache", None)
    # Of tests side by side the process that gathers them tells, and none of its workers.
    if cache is not None and not hasattr(session.config, "workerinput"):
        cache.set("nightdesk/ended", int(exitstatus))
