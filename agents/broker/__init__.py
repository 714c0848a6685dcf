"""The embedded broker: Kafka-like topics in one SQLite file, as a Faust transport.

    engine ── the open file: reads, and wakes consumers
      │  writer           the one thread that writes: group commit
      │  log, storage     topics, messages, positions; SQLite, WAL
      │  cleaning         retention and compaction
      │  tail             the newest messages, in memory
      │  lock             one worker a file
    transport ── sqlite:///path ──▶ producer, consumer (what Faust calls; coordinator, drain)
    topics ── ensure_topics: the same call for this broker and for Kafka

Faust finds `Transport` through the entry point group `faust.transports`. Nothing here knows of news.
"""

from .errors import BrokerError
from .transport import Transport

__all__ = ["BrokerError", "Transport"]
