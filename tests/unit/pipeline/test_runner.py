"""The runner's promises, on a toy stage and a real archive: once, alone when bad, never past a gap."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from nightdesk.archive import accounts, deadletters, marks, outbox
from nightdesk.archive.engine import Archive
from nightdesk.clock import SettableClock
from nightdesk.pipeline.runner import BatchRunner, PositionGap
from nightdesk.pipeline.stage import Incoming, Received, Work
from schemas import DeadLetterReason, Heartbeat

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


class Echo:
    """Sends on what it gets; raises at partition 66; forgets aloud."""

    name = "echo"
    topic = "heartbeats"
    contract = Heartbeat

    def __init__(self) -> None:
        self.forgotten = 0

    def process(
        self, connection: Connection, batch: Sequence[Received[Heartbeat]], now: datetime
    ) -> Work:
        work = Work()
        for received in batch:
            if received.body.partition == 66:
                raise RuntimeError("partition 66 again")
            work.send("echoes", received.body.worker, received.body)
            work.counts["echoed"] += 1
        return work

    def forget(self) -> None:
        self.forgotten += 1


@pytest.fixture
def archive(sqlite_archive: Archive) -> Archive:
    return sqlite_archive


def runner(archive: Archive, stage: Echo | None = None) -> BatchRunner[Heartbeat]:
    return BatchRunner(stage or Echo(), archive, SettableClock(NOW))


def message(offset: int, *, partition: int = 0, worker: str = "w", body: int = 0) -> Incoming:
    value = Heartbeat(worker=worker, partition=body, sent_at=NOW).to_bytes()
    return Incoming("heartbeats", partition, offset, "k", value)


def totals(archive: Archive) -> dict[str, int]:
    with archive.read() as connection:
        return accounts.totals(connection).get("echo", {})


def mark(archive: Archive, partition: int = 0) -> int:
    with archive.read() as connection:
        at = ("heartbeats", partition)
        return marks.read_marks(connection, "echo", [at])[at]


def test_a_batch_is_processed_counted_marked_and_put_into_the_outbox(archive: Archive) -> None:
    done = runner(archive).run([message(0), message(1, worker="v")])
    assert [row.key for _, row in done.to_send] == ["w", "v"]
    assert totals(archive) == {"received": 2, "echoed": 2}
    assert mark(archive) == 1
    with archive.read() as connection:
        assert outbox.count_pending(connection) == 2


def test_sent_rows_are_discarded_with_the_next_batch(archive: Archive) -> None:
    echo = runner(archive)
    first = echo.run([message(0)])
    echo.run([message(1)], sent=[row for row, _ in first.to_send])
    with archive.read() as connection:
        assert outbox.count_pending(connection) == 1


def test_a_replay_changes_nothing(archive: Archive) -> None:
    runner(archive).run([message(0), message(1)])
    done = runner(archive).run([message(0), message(1), message(2)])
    assert done.replayed == 2
    assert len(done.to_send) == 1
    assert totals(archive) == {"received": 3, "echoed": 3}


def test_what_is_no_contract_becomes_a_dead_letter_and_the_rest_goes_on(archive: Archive) -> None:
    bad = [
        Incoming("heartbeats", 0, 1, None, b"{not json"),
        Incoming("heartbeats", 0, 2, None, None),
        Incoming("heartbeats", 0, 3, None, b'{"worker": "w"}'),
        Incoming("heartbeats", 0, 4, None, b"\xff\xfe"),
    ]
    done = runner(archive).run([message(0), *bad, message(5)])
    assert done.counts["echoed"] == 2
    assert done.counts["dead_letter"] == 4
    assert [reason.value for reason in done.buried] == [
        "not_json",
        "not_json",
        "breaks_contract",
        "not_json",
    ]
    with archive.read() as connection:
        letters = deadletters.list_letters(connection, limit=10)
    assert {letter.offset for letter in letters} == {1, 2, 3, 4}
    broken = next(letter for letter in letters if letter.offset == 3)
    assert "sent_at" in broken.detail
    assert "heartbeat.schema.json" in broken.hint


def test_a_message_that_makes_the_stage_raise_is_buried_alone(archive: Archive) -> None:
    done = runner(archive).run([message(0), message(1, body=66), message(2)])
    assert done.counts["echoed"] == 2
    assert done.buried == [DeadLetterReason.INTERNAL_ERROR]
    assert mark(archive) == 2
    with archive.read() as connection:
        (letter,) = deadletters.list_letters(connection, limit=10)
    assert letter.offset == 1
    assert "partition 66 again" in letter.detail


def test_of_two_owners_of_a_partition_each_effect_happens_once(archive: Archive) -> None:
    here, there_stage = runner(archive), Echo()
    there = runner(archive, there_stage)
    batch = [message(0), message(1)]
    here.run(batch)
    assert there.run(batch).replayed == 2
    there.run([message(2)])
    before = there_stage.forgotten
    here.run([message(2), message(3)])
    there.run([message(4)])
    assert there_stage.forgotten > before, "the partition moved without it: caches are stale"
    assert totals(archive) == {"received": 5, "echoed": 5}


def test_messages_are_never_passed_over(archive: Archive) -> None:
    echo = runner(archive)
    echo.run([message(0)])
    with pytest.raises(PositionGap) as caught:
        echo.run([message(3), message(4)])
    assert caught.value.missing == {("heartbeats", 0): (1, 3)}
    assert mark(archive) == 0
    echo.accept_gap(("heartbeats", 0), 3)
    assert len(echo.run([message(3), message(4)]).to_send) == 2


def test_a_first_message_may_stand_anywhere(archive: Archive) -> None:
    assert len(runner(archive).run([message(1000), message(7, partition=1)]).to_send) == 2


def test_a_huge_dead_letter_travels_without_its_value_and_is_kept_whole(archive: Archive) -> None:
    value = b"{" + b"x" * 2_000_000
    done = runner(archive).run([Incoming("heartbeats", 0, 0, None, value)])
    ((_, sent),) = done.to_send
    assert len(sent.value) < 10_000
    with archive.read() as connection:
        (letter,) = deadletters.list_letters(connection, limit=1)
    assert len(letter.value) > 2_000_000
