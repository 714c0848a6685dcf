"""A broker that calls messages done which were never processed: they are gone back for, all of them."""

from __future__ import annotations

from agents.broker.log import Log
from nightdesk.archive import marks
from tests.support.newswire import Newswire
from tests.support.service import Service


def test_a_committed_position_ahead_of_the_mark_loses_nothing(service: Service) -> None:
    with Newswire() as wire:
        bundle = str(wire.write_bundle(service.folder.parent / "bundle.yaml"))
        wire.publish(40)
        service.start("--bundle", bundle)
        service.settled(lambda totals: totals.get("poll", {}).get("new") == 40)
        service.stop()
        _set_back_the_marks(service, "nominate", "articles", by=5)
        wire.publish(40)
        service.start("--bundle", bundle)
        service.settled_as(
            lambda totals: (
                totals.get("poll", {}).get("new") == 80 and totals["nominate"]["received"] >= 80
            )
        )
        assert "went_back" in service.said()
        assert "messages_gone" not in service.said()
        at = _marks(service, "nominate", "articles")
        log = Log(service.folder / "broker.sqlite", readonly=True)
        ends = {p.number: p.end for p in log.topics["articles"].partitions}
        assert {number: mark + 1 for (_, number), mark in at.items() if mark >= 0} == {
            number: end for number, end in ends.items() if end
        }


def _marks(service: Service, stage: str, topic: str) -> dict[tuple[str, int], int]:
    with service.archive() as archive, archive.read() as connection:
        return marks.read_marks(connection, stage, [(topic, number) for number in range(4)])


def _set_back_the_marks(service: Service, stage: str, topic: str, *, by: int) -> None:
    """Make the archive as if the last messages had been acked and never processed."""
    with service.archive() as archive, archive.begin() as connection:
        partitions = [(topic, number) for number in range(4)]
        known = marks.read_marks(connection, stage, partitions)
        marks.forget_marks(connection, topic)
        for (_, partition), mark in known.items():
            if mark > by:
                marks.advance_mark(
                    connection, stage, topic, partition, expected=-1, offset=mark - by
                )
