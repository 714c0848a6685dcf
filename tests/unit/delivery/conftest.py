"""A desk of its own for each test: an archive, clocks, and dispatchers over it."""

from __future__ import annotations

import pytest

from nightdesk.archive import Archive
from tests.support.dispatching import Desk


@pytest.fixture
def desk(sqlite_archive: Archive) -> Desk:
    return Desk(sqlite_archive)
