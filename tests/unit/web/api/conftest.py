"""The API over an archive in a file."""

from __future__ import annotations

import pytest

from nightdesk.archive import Archive
from tests.support.apiclient import Caller


@pytest.fixture
def api(sqlite_archive: Archive) -> Caller:
    return Caller(sqlite_archive)
