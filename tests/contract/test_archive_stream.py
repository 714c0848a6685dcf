"""Marks, outbox, accounts and dead letters keep their word on every kind of database."""

from __future__ import annotations

import threading

import pytest

from nightdesk.archive import Archive, accounts, deadletters, marks, outbox
from nightdesk.archive.errors import MarkMoved
from schemas import DeadLetterReason
from tests.support.archive_samples import NOON, at, dead_letter


def test_a_mark_moves_only_from_where_it_was_read(archive: Archive) -> None:
    with archive.begin() as conn:
        asked = [("reports", 0), ("reports", 1), ("articles", 0)]
        assert marks.read_marks(conn, "normalise", asked) == dict.fromkeys(asked, -1)
        marks.advance_mark(conn, "normalise", "reports", 0, expected=-1, offset=9)
        marks.advance_mark(conn, "normalise", "reports", 0, expected=9, offset=12)
        marks.advance_mark(conn, "nominate", "reports", 0, expected=-1, offset=3)
    with archive.read() as conn:
        assert marks.read_marks(conn, "normalise", asked)["reports", 0] == 12
        assert marks.read_marks(conn, "normalise", []) == {}
    for expected in (-1, 9):
        with pytest.raises(MarkMoved) as told, archive.begin() as conn:  # noqa: PT012
            accounts.count(conn, "0", "normalise", {"lost": 1})
            marks.advance_mark(conn, "normalise", "reports", 0, expected=expected, offset=20)
        assert told.value.hint
    with archive.read() as conn:
        assert accounts.totals(conn) == {}
    with pytest.raises(ValueError, match="forward"), archive.begin() as conn:
        marks.advance_mark(conn, "normalise", "reports", 0, expected=12, offset=12)


def test_offsets_beyond_32_bits(archive: Archive) -> None:
    with archive.begin() as conn:
        marks.advance_mark(conn, "s", "t", 0, expected=-1, offset=2**40)
        assert marks.read_marks(conn, "s", [("t", 0)]) == {("t", 0): 2**40}


def test_marks_are_forgotten_by_topic_and_by_partition(archive: Archive) -> None:
    with archive.begin() as conn:
        for stage in ("a", "b"):
            for partition in range(3):
                marks.advance_mark(conn, stage, "t", partition, expected=-1, offset=5)
        marks.advance_mark(conn, "a", "u", 0, expected=-1, offset=5)
        assert marks.forget_marks(conn, "t", 1) == 2
        assert marks.forget_marks(conn, "t") == 4
        assert marks.read_marks(conn, "a", [("t", 0), ("u", 0)]) == {("t", 0): -1, ("u", 0): 5}


@pytest.mark.parametrize("first", [-1, 4], ids=["first-insert", "update"])
def test_of_two_threads_that_race_for_a_mark_one_wins(archive: Archive, first: int) -> None:
    if first >= 0:
        with archive.begin() as conn:
            marks.advance_mark(conn, "decide", "candidates", 0, expected=-1, offset=first)
    both_ready, ends = threading.Barrier(2), []

    def work(name: str) -> None:
        both_ready.wait()
        try:
            with archive.begin() as conn:
                accounts.count(conn, name, "decide", {"fits": 1})
                marks.advance_mark(
                    conn, "decide", "candidates", 0, expected=first, offset=first + 1
                )
            ends.append("won")
        except MarkMoved:
            ends.append("lost")

    workers = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(ends) == ["lost", "won"]
    with archive.read() as conn:
        assert accounts.totals(conn) == {"decide": {"fits": 1}}


def test_the_outbox_keeps_order_and_never_uses_an_id_twice(archive: Archive) -> None:
    many = [
        outbox.Outgoing("articles", f"k{n}", b"\x00\xff" + bytes(str(n), "ascii"))
        for n in range(1300)
    ]
    with archive.begin() as conn:
        ids = outbox.enqueue(conn, "normalise", many, NOON)
        assert ids == sorted(set(ids))
        assert len(ids) == 1300
        assert outbox.enqueue(conn, "normalise", [], NOON) == []
    with archive.read() as conn:
        assert outbox.pending(conn, before=NOON, limit=10) == []
        assert outbox.pending(conn, before=at(1), limit=5) == list(zip(ids, many, strict=True))[:5]
        assert [m for _, m in outbox.pending(conn, before=at(1), limit=9999)] == many
        assert outbox.count_pending(conn) == 1300
    with archive.begin() as conn:
        outbox.discard(conn, ids)
        outbox.discard(conn, ids)
        outbox.discard(conn, [])
    with archive.begin() as conn:
        assert outbox.count_pending(conn) == 0
        assert outbox.enqueue(conn, "normalise", many[:2], NOON)[0] > ids[-1]


def test_a_rolled_back_message_is_never_seen(archive: Archive) -> None:
    with pytest.raises(RuntimeError, match="stop"), archive.begin() as conn:  # noqa: PT012
        outbox.enqueue(conn, "s", [outbox.Outgoing("t", "k", b"v")], NOON)
        raise RuntimeError("stop")
    with archive.read() as conn:
        assert outbox.count_pending(conn) == 0


def test_accounts_add_up_over_shards(archive: Archive) -> None:
    with archive.begin() as conn:
        accounts.count(conn, "0", "poll", {"new": 3, "unchanged": 5, "rejected": 0})
        accounts.count(conn, "1", "poll", {"new": 1})
        accounts.count(conn, "0", "poll", {"new": 2**33})
        accounts.count(conn, "0", "decide", {})
        accounts.count(conn, "0", "decide", {"fits": 1})
    with archive.read() as conn:
        assert accounts.totals(conn) == {
            "poll": {"new": 4 + 2**33, "unchanged": 5},
            "decide": {"fits": 1},
        }


def test_dead_letters_wait_until_retried(archive: Archive) -> None:
    letters = [
        dead_letter("a"),
        dead_letter("b", died_at=at(1), stage="decide"),
        dead_letter("c", died_at=at(2), reason=DeadLetterReason.NOT_JSON),
    ]
    with archive.begin() as conn:
        deadletters.bury(conn, letters)
        deadletters.bury(conn, [dead_letter("a", detail="another telling")])
        assert deadletters.get(conn, "a") == letters[0]
        assert deadletters.get(conn, "z") is None
        assert deadletters.mark_retried(conn, "c", at(3))
        assert not deadletters.mark_retried(conn, "c", at(4))
        assert not deadletters.mark_retried(conn, "z", at(3))
    with archive.read() as conn:
        assert deadletters.list_letters(conn, limit=9) == [letters[1], letters[0]]
        assert deadletters.list_letters(conn, limit=1) == [letters[1]]
        assert deadletters.list_letters(conn, limit=9, include_retried=True) == letters[::-1]
        assert deadletters.list_letters(conn, limit=9, stage="decide") == [letters[1]]
        not_json = DeadLetterReason.NOT_JSON
        found = deadletters.list_letters(conn, limit=9, reason=not_json, include_retried=True)
        assert found == [letters[2]]
        assert deadletters.counts(conn) == {
            ("normalise", DeadLetterReason.BREAKS_CONTRACT): 1,
            ("decide", DeadLetterReason.BREAKS_CONTRACT): 1,
        }
