"""Fixtures of the pipeline suites: a service, a wire to follow, a Kafka that a test may kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fixtures_kafka import own_kafka
from tests.support.newswire import Newswire
from tests.support.service import Service

__all__ = ["own_kafka", "service", "wire"]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service that is not started yet; killed at the end if it still runs."""
    service = Service(tmp_path / "var")
    yield service
    if service.alive():
        service.kill()


@pytest.fixture
def wire() -> Iterator[Newswire]:
    """A publisher on loopback, with nothing published yet."""
    with Newswire() as wire:
        yield wire
