"""Subscriptions at hubs are kept one a feed, and found by their token, on every kind of database."""

from __future__ import annotations

import threading

from nightdesk.archive import Archive, hub_subscriptions
from tests.support.archive_samples import NOON, at


def test_a_feed_has_one_subscription(archive: Archive) -> None:
    with archive.begin() as conn:
        for feed, token, state in (
            ("a", "t1", "wanted"),
            ("b", "t2", "wanted"),
            ("a", "t3", "left"),
        ):
            due = NOON if state == "wanted" else None
            hub_subscriptions.save(conn, feed, f"{{{token}}}", token=token, state=state, due_at=due)
    with archive.read() as conn:
        assert hub_subscriptions.load(conn, ["a", "b", "c"]) == {"a": "{t3}", "b": "{t2}"}
        assert hub_subscriptions.present(conn) == {"a": "{t3}", "b": "{t2}"}
        assert hub_subscriptions.due(conn, at(1), 9) == ["b"]
        assert hub_subscriptions.due(conn, at(-1), 9) == []
        assert hub_subscriptions.states(conn) == {"a": "left", "b": "wanted"}
        assert hub_subscriptions.count_by_state(conn) == {"left": 1, "wanted": 1}
        assert hub_subscriptions.by_token(conn, "t2") == "{t2}"
        assert hub_subscriptions.by_token(conn, "t1") is None
    with archive.begin() as conn:
        assert hub_subscriptions.lock(conn, "c") is None
        hub_subscriptions.drop(conn, "a")
        assert hub_subscriptions.load(conn, ["a"]) == {}


def test_who_locks_a_subscription_keeps_others_waiting(archive: Archive) -> None:
    with archive.begin() as conn:
        hub_subscriptions.save(conn, "a", "0", token="t", state="active", due_at=at(0))
    ready = threading.Barrier(4)

    def count() -> None:
        ready.wait()
        for _ in range(5):
            with archive.begin() as conn:
                number = int(hub_subscriptions.lock(conn, "a") or "")
                hub_subscriptions.save(
                    conn, "a", str(number + 1), token="t", state="active", due_at=None
                )

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with archive.begin() as conn:
        assert hub_subscriptions.lock(conn, "a") == "20"
