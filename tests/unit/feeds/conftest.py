"""A loopback server, who fetches from it, TLS contexts, and a time of the test's own, for feed tests."""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from nightdesk.clock import SettableClock
from nightdesk.feeds.fetch import Fetcher
from nightdesk.feeds.pages.full_text import FullText
from tests.support.certificates import server_context, trusting_context
from tests.support.feedserver import FeedServer
from tests.support.outlets import LoopbackFetcher, Time
from tests.support.publishers import Town, reader
from tests.unit.feeds.support import NOW


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


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(
        user_agent="Nightdesk/test (+desk@example.org)",
        clock=SettableClock(NOW),
        ticks=time.monotonic,
    ) as one:
        yield one


@pytest.fixture
def town(server: FeedServer) -> Town:
    return Town(server)


@pytest.fixture
async def of_town(ticks: Time, town: Town) -> AsyncIterator[FullText]:
    async with LoopbackFetcher("news.google.com") as fetcher:
        one = reader(fetcher, town, ticks)
        yield one
        one.close()
