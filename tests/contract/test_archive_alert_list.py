"""The list of alerts and what people do about them, on each kind of database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from nightdesk.alerts.filtering import AlertFilter
from nightdesk.archive import Archive, alert_list, alerts, definitions, handling
from nightdesk.archive.errors import ArchiveConflict
from nightdesk.pipeline.handling import UnknownAlert, Wanted, act
from tests.support.archive_samples import NOON, alert, at


def test_pages_hold_each_alert_once(archive: Archive) -> None:
    with archive.begin() as conn:
        alerts.record(conn, [alert(f"alert-{n}", raised_at=at(n // 2)) for n in range(9)])
        alerts.record(conn, [alert("alert-0", 2, raised_at=at(60))])
    seen: list[str] = []
    with archive.read() as conn:
        current, before = definitions.current(conn), None
        while True:
            page = alert_list.page(conn, AlertFilter(), current, limit=2, before=before)
            seen += [found.id for found, _ in page.items]
            if (before := page.next) is None:
                break
        since = AlertFilter(since=at(4), storyline="ferry")
        late = alert_list.page(conn, since, current, limit=10)
        assert alert_list.named(conn, "alert-0") == ["alert-0"]
        assert alert_list.named(conn, "alert-%") == []
    assert seen == ["alert-0", *(f"alert-{n}" for n in (8, 7, 6, 5, 4, 3, 2, 1))]
    assert [found.id for found, _ in late.items] == ["alert-0", "alert-8"]


def test_what_is_done_is_kept_with_who_and_when(archive: Archive) -> None:
    with archive.begin() as conn:
        alerts.record(conn, [alert()])
        done = act(conn, "alert-1", Wanted("acknowledge", "Mara", "on it"), NOON)
        assert (done.before.version, done.after.version) == (0, 1)
        with pytest.raises(UnknownAlert):
            act(conn, "alert-2", Wanted("acknowledge", "Mara"), NOON)
    with archive.read() as conn:
        found = handling.of_alert(conn, "alert-1")
        assert found.acknowledged is not None
        assert found.acknowledged.by == "Mara"
        assert [one.at for one in handling.actions(conn, "alert-1")] == [NOON]


def test_of_two_at_once_none_is_lost(archive: Archive) -> None:
    with archive.begin() as conn:
        alerts.record(conn, [alert()])
    together, conflicts = threading.Barrier(4), []

    def work(name: str) -> None:
        together.wait()
        for number in range(5):
            while True:
                try:
                    with archive.begin() as conn:
                        wanted = Wanted("comment", name, f"{number}")
                        act(conn, "alert-1", wanted, NOON + timedelta(seconds=number))
                    break
                except ArchiveConflict as conflict:
                    conflicts.append(conflict)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with archive.read() as conn:
        done = handling.actions(conn, "alert-1")
        assert handling.of_alert(conn, "alert-1").version == 20
    assert [one.n for one in done] == list(range(1, 21))
    assert sorted((one.by, one.comment) for one in done) == sorted(
        (name, f"{n}") for name in "abcd" for n in range(5)
    )
