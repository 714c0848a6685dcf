"""The whole service on a real Apache Kafka: several workers, dead workers, a dead broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kafka import Kafka
from tests.support.newswire import SECRET, SECRET_NAME, Newswire
from tests.support.service import Service, Totals, until

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


class Newsroom:
    """Two workers on one Kafka and one archive, and the wire that they follow."""

    def __init__(self, folder: Path, kafka: Kafka, wire: Newswire, archive: str) -> None:
        self.wire = wire
        self.bundle = str(wire.write_bundle(folder / "bundle.yaml"))
        self.workers = [
            Service(folder / name, BROKER_URL=kafka.url, ARCHIVE_URL=archive)
            for name in ("first", "second")
        ]

    def start(self, worker: Service) -> None:
        worker.start("--bundle", self.bundle, extra={SECRET_NAME: SECRET})

    def totals(self) -> Totals:
        return self.workers[0].totals()

    def all_is_told(self) -> Totals:
        """Wait until every report is accounted for; check that each was told once."""
        published = self.wire.published
        totals = self.workers[0].settled(
            lambda totals: totals.get("poll", {}).get("new") == published
        )
        assert totals["normalise"]["new"] == published
        assert totals["alert"]["opened"] == self.wire.fitting()
        told = self.wire.fitting(first=1)
        assert len(set(self.wire.posted)) == told
        assert len(self.wire.posted) == totals["deliveries"]["delivered"] - told
        return totals


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/archive.sqlite"


@pytest.fixture(params=["sqlite_url", pytest.param("postgresql_url", marks=pytest.mark.postgresql)])
def newsroom(
    tmp_path: Path, own_kafka: Kafka, request: pytest.FixtureRequest
) -> Iterator[Newsroom]:
    archive = request.getfixturevalue(request.param)
    with Newswire() as wire:
        newsroom = Newsroom(tmp_path, own_kafka, wire, archive)
        wire.publish(1)
        newsroom.start(newsroom.workers[0])
        newsroom.workers[0].settled(lambda totals: totals.get("poll", {}).get("new") == 1)
        yield newsroom
        for worker in newsroom.workers:
            if worker.alive():
                worker.kill()


def _busy(newsroom: Newsroom, goal: int) -> None:
    until(
        lambda: sum(newsroom.totals().get("normalise", {}).values()) >= goal,
        "work to interrupt",
        seconds=60,
    )


def test_two_workers_share_the_work_and_one_is_killed(newsroom: Newsroom) -> None:
    first, second = newsroom.workers
    newsroom.start(second)
    until(lambda: _owns_partitions(second) and _owns_partitions(first), "a share for both")
    newsroom.wire.publish(150)
    _busy(newsroom, 100)
    second.kill()
    newsroom.wire.publish(100)
    newsroom.all_is_told()
    code, seconds = first.stop()
    assert code == 0, first.said()
    assert seconds < 5


def test_the_broker_is_killed_and_comes_back(newsroom: Newsroom, own_kafka: Kafka) -> None:
    newsroom.wire.publish(150)
    _busy(newsroom, 60)
    own_kafka.kill9()
    newsroom.wire.publish(60)
    worker = newsroom.workers[0]
    until(
        lambda: newsroom.totals()["poll"]["new"] == 211,
        "polls while the broker is away",
        seconds=60,
    )
    own_kafka.restart()
    newsroom.all_is_told()
    assert worker.alive()


def _owns_partitions(worker: Service) -> bool:
    """Whether the worker is ready, which it is with partitions and a heartbeat of its own."""
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        with urlopen(f"{worker.web_address()}/readyz", timeout=5) as answer:
            return answer.status == 200
    except URLError:
        return False
