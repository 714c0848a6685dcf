"""A loopback server, TLS contexts, and a time of the test's own, for feed tests."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.certificates import server_context, trusting_context
from tests.support.feedserver import FeedServer
from tests.support.outlets import Time


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


@pytest.fixture
def ticks() -> Time:
    return Time()


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    return server_context(tmp_path)


@pytest.fixture
def trusting() -> ssl.SSLContext:
    return trusting_context()
