"""A broker that calls messages done which were never processed: they are gone back for, all of them."""

from __future__ import annotations

from agents.broker.log import Log
from nightdesk.archive import marks
from tests.support.newswire import Newswire
from tests.support.service import Service, until


def test_a_committed_position_ahead_of_the_mark_loses_nothing(service: Service) -> None:
    with Newswire() as wire:
        bundle = str(wire.write_bundle(service.folder.parent / "bundle.yaml"))
        wire.publish(40)
        service.start("--bundle", bundle)
        service.settled(lambda totals: totals.get("poll", {}).get("new") == 40)
        service.stop()
        twice = _set_back_the_marks(service, "nominate", "articles", by=5)
        assert twice
        wire.publish(40)
        service.start("--bundle", bundle)
        service.settled_as(
            lambda totals: (
                totals.get("normalise", {}).get("new") == 80
                and totals["nominate"]["received"] >= 80 + twice
            )
        )
        until(
            lambda: _marks(service, "nominate", "articles") == _ends(service, "articles"),
            "the marks to reach the ends",
        )
        assert "went_back" in service.said()
        assert "messages_gone" not in service.said()


def _marks(service: Service, stage: str, topic: str) -> dict[int, int]:
    """Return how far the stage has come in each partition: the offset after the last that it processed."""
    with service.archive() as archive, archive.read() as connection:
        at = marks.read_marks(connection, stage, [(topic, number) for number in range(4)])
    return {number: mark + 1 for (_, number), mark in at.items()}


def _ends(service: Service, topic: str) -> dict[int, int]:
    log = Log(service.folder / "broker.sqlite", readonly=True)
    try:
        return {partition.number: partition.end for partition in log.topics[topic].partitions}
    finally:
        log.close()


def _set_back_the_marks(service: Service, stage: str, topic: str, *, by: int) -> int:
    """Make the archive as if the last messages had been acked and never processed; return how many: they
    are counted twice."""
    messages = 0
    with service.archive() as archive, archive.begin() as connection:
        partitions = [(topic, number) for number in range(4)]
        known = marks.read_marks(connection, stage, partitions)
        marks.forget_marks(connection, topic)
        for (_, partition), mark in known.items():
            if mark > by:
                marks.advance_mark(
                    connection, stage, topic, partition, expected=-1, offset=mark - by
                )
                messages += by
    return messages
