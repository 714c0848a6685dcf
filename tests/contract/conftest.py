"""Fixtures of the contract suites: both brokers."""

from tests.support.fixtures_broker import broker_url
from tests.support.fixtures_kafka import kafka, own_kafka

__all__ = ["broker_url", "kafka", "own_kafka"]
