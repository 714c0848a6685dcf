"""The topology: each topic, its contract and key, and how long it is kept.  It stands here only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from schemas.alert import Alert
from schemas.article import Article
from schemas.base import Contract
from schemas.candidate import Candidate
from schemas.deadletter import DeadLetter
from schemas.delivery import Delivery
from schemas.heartbeat import Heartbeat
from schemas.match import Match
from schemas.report import Report


@dataclass(frozen=True)
class TopicContract:
    """`name` on the broker, `model` on the wire, `key` what of it keys the messages.

    `retention` bounds age, `retention_bytes` size (whole topic on the embedded broker, in equal shares
    for its partitions; each partition on Kafka).  `partitions` is the bound on workers that share the
    stage; None takes the setting.
    """

    name: str
    model: type[Contract]
    key: str
    retention: timedelta
    retention_bytes: int | None = None
    partitions: int | None = None


_WEEK = timedelta(days=7)
_MONTH = timedelta(days=30)

TOPICS: dict[str, TopicContract] = {
    topic.name: topic
    for topic in (
        TopicContract("reports", Report, "feed", _WEEK, 2_000_000_000),
        TopicContract("articles", Article, "id", _WEEK, 2_000_000_000),
        TopicContract("candidates", Candidate, "storyline", _WEEK, 1_000_000_000),
        TopicContract("matches", Match, "storyline", _WEEK, 1_000_000_000),
        TopicContract("alerts", Alert, "about", _MONTH, 500_000_000),
        TopicContract("deliveries", Delivery, "subscription", _MONTH, 500_000_000),
        TopicContract("dead-letters", DeadLetter, "stage", _MONTH, 500_000_000),
        TopicContract("heartbeats", Heartbeat, "partition", timedelta(hours=1), 50_000_000),
    )
}
