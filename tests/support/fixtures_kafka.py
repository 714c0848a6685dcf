"""The `kafka` fixture: one real Apache Kafka for the whole test session, or a skip that says why.

Import it in a `conftest.py` (`from tests.support.fixtures_kafka import kafka`). Tests that kill
the broker take `own_kafka`, which is theirs alone. Both belong under the marker `kafka`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.kafka import Kafka, KafkaUnavailable


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A running broker, shared: use topic and group names of your own."""
    yield from _running(tmp_path_factory)


@pytest.fixture
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A running broker that the test may stop, kill and restart."""
    yield from _running(tmp_path_factory)


def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    try:
        broker = Kafka(tmp_path_factory.mktemp("kafka"))
    except KafkaUnavailable as reason:
        pytest.skip(str(reason))
    with broker:
        yield broker
