"""kill -9 of the whole service, at random points, with a flaky receiver: all are told, and the ledger
agrees."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from pathlib import Path
from threading import Event

import pytest

from nightdesk.archive import deliveries, delivery_list
from tests.support.flaky import FlakyReceiver
from tests.support.kafka import Kafka
from tests.support.newswire import FITS_EVERY, SECRET, SECRET_NAME, Newswire
from tests.support.service import Service, until

PER_ROUND = 4
"""Alerts that a round tells: 50 rounds make 200."""


def _rounds(usual: int) -> int:
    """Return how many rounds to go: as NIGHTDESK_KILL_ROUNDS says, else as usual."""
    return int(os.environ.get("NIGHTDESK_KILL_ROUNDS") or usual)


def _tell_through_kills(folder: Path, settings: dict[str, str], rounds: int) -> None:
    chance = random.Random(3)
    with Newswire() as wire, FlakyReceiver(7, well=0.7) as receiver:
        bundle = wire.write_bundle(folder / "bundle.yaml")
        document = json.loads(bundle.read_text("utf-8"))
        (webhook,) = [
            one for one in document["subscriptions"][0]["receivers"] if one["channel"] == "webhook"
        ]
        webhook |= {"url": receiver.url, "timeout": "1s"}
        document["subscriptions"][0]["receivers"] = [webhook]
        bundle.write_text(json.dumps(document), encoding="utf-8")
        service = Service(folder / "state", **settings)

        def start() -> None:
            service.start("--bundle", str(bundle), extra={SECRET_NAME: SECRET})

        # The first fetch pages nobody: from here on each report that fits is told.
        wire.publish(1)
        start()
        service.settled(lambda totals: totals.get("poll", {}).get("new") == 1)
        for _ in range(rounds):
            wire.publish(PER_ROUND * FITS_EVERY)
            before = receiver.posts
            goal = before + chance.randrange(1, PER_ROUND + 1)
            until(lambda goal=goal: receiver.posts >= goal, "a post to interrupt", seconds=90)
            Event().wait(chance.random() * 0.2)
            service.kill()
            start()
        receiver.well = 1.0
        told = rounds * PER_ROUND
        done = {"delivered"}
        until(
            lambda: service.totals().get("deliveries", {}).get("delivered", 0) >= told,
            "everybody to be told",
            seconds=120,
        )
        service.settled(lambda totals: totals["poll"]["new"] == wire.published)
        code, _ = service.stop()
        assert code == 0, service.said()
        with service.archive() as archive, archive.read() as connection:
            found = delivery_list.find(connection, delivery_list.Wanted(), 10_000)
            live = [one for one in found if one.state.value != "suppressed"]
            assert {one.state.value for one in live} == done
            assert len(live) == told
            assert {one.id for one in live} == set(receiver.taken)
            recorded: Counter[str] = Counter()
            for one in live:
                tries = deliveries.attempts_of(connection, one.id)
                outcomes = Counter(attempt.outcome for attempt in tries)
                assert outcomes["delivered"] == 1
                assert receiver.said[one.id]["well"] >= 1
                assert outcomes["receiver_busy"] <= receiver.said[one.id]["error"]
                recorded += outcomes
            assert 0 <= receiver.posts - recorded.total() <= rounds * 16


@pytest.mark.slow
@pytest.mark.timeout(300 + 20 * _rounds(50))
def test_50_kills_and_200_alerts_on_the_embedded_broker(tmp_path: Path) -> None:
    _tell_through_kills(tmp_path, {}, _rounds(50))


@pytest.mark.kafka
@pytest.mark.timeout(300 + 40 * _rounds(20))
def test_kills_on_kafka(tmp_path: Path, own_kafka: Kafka) -> None:
    # A killed worker's partitions are given to the next one once its session has ended, and what it had
    # claimed is taken up by its name.
    settings = {
        "BROKER_URL": own_kafka.url,
        "KAFKA_SESSION_TIMEOUT": "2s",
        "WORKER_NAME": "night",
    }
    _tell_through_kills(tmp_path, settings, _rounds(20))
