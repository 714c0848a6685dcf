"""When hosts may be asked is one truth for all workers, on every kind of database."""

from __future__ import annotations

import threading

from nightdesk.archive import Archive, hosts
from nightdesk.archive.retention import prune
from tests.support.archive_samples import NOON, at

HOST = "herald.example"


def test_a_turn_is_one_workers_until_it_is_given_back_and_the_host_has_rested(
    archive: Archive,
) -> None:
    with archive.begin() as conn:
        assert hosts.take(conn, HOST, "one", now=NOON, until=at(1)) is None
        assert hosts.take(conn, HOST, "two", now=NOON, until=at(1)) == (at(1), True)
        assert hosts.take(conn, "other.example", "two", now=NOON, until=at(1)) is None
        hosts.give_back(conn, HOST, "two", NOON)
        assert hosts.take(conn, HOST, "two", now=NOON, until=at(1)) == (at(1), True)
        hosts.give_back(conn, HOST, "one", at(0.5))
        assert hosts.take(conn, HOST, "two", now=NOON, until=at(1)) == (at(0.5), False)
        assert hosts.take(conn, HOST, "two", now=at(0.5), until=at(2)) is None


def test_the_turn_of_a_worker_that_died_runs_out(archive: Archive) -> None:
    with archive.begin() as conn:
        hosts.take(conn, HOST, "one", now=NOON, until=at(1))
        assert hosts.take(conn, HOST, "one", now=NOON, until=at(1)) is None, "its own"
        assert hosts.take(conn, HOST, "two", now=at(1), until=at(2)) is None
        hosts.give_back(conn, HOST, "one", at(9))
        assert hosts.take(conn, HOST, "one", now=at(1.5), until=at(3)) == (at(2), True)


def test_a_host_that_asked_for_patience_is_nobodys_turn(archive: Archive) -> None:
    with archive.begin() as conn:
        hosts.rest(conn, HOST, at(10))
        hosts.rest(conn, HOST, at(5))
        hosts.take(conn, "other.example", "one", now=NOON, until=at(1))
        hosts.rest(conn, "other.example", at(3))
        assert hosts.resting(conn, NOON) == {HOST: at(10), "other.example": at(3)}
        assert hosts.resting(conn, at(3)) == {HOST: at(10)}
        assert hosts.take(conn, HOST, "one", now=at(9), until=at(11)) == (at(10), False)
        assert hosts.take(conn, "other.example", "two", now=at(2), until=at(4)) == (at(3), False)
        assert hosts.take(conn, HOST, "one", now=at(10), until=at(11)) is None


def test_of_many_that_ask_at_once_one_has_the_turn(archive: Archive) -> None:
    ready, took = threading.Barrier(6), list[str]()

    def ask(worker: str) -> None:
        ready.wait()
        with archive.begin() as conn:
            if hosts.take(conn, HOST, worker, now=NOON, until=at(1)) is None:
                took.append(worker)

    threads = [threading.Thread(target=ask, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == 1


def test_hosts_that_have_rested_are_forgotten(archive: Archive) -> None:
    with archive.begin() as conn:
        hosts.take(conn, "old.example", "one", now=NOON, until=at(1))
        hosts.rest(conn, "resting.example", at(100))
        hosts.take(conn, "resting.example", "one", now=NOON, until=at(1))
        assert prune(conn, before=at(50))["hosts"] == 1
        assert hosts.resting(conn, NOON) == {"resting.example": at(100)}
        assert prune(conn, before=at(101))["hosts"] == 1
