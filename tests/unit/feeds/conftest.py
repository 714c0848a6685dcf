"""TLS contexts for servers and clients of feed tests."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.support.certificates import server_context, trusting_context


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    return server_context(tmp_path)


@pytest.fixture
def trusting() -> ssl.SSLContext:
    return trusting_context()
