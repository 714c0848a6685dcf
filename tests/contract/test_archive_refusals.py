"""What befalls databases leaves the archive as an error of ours, and loses nothing that was committed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from nightdesk.archive import Archive, accounts, open_archive, outbox
from nightdesk.archive.errors import (
    ArchiveCorrupt,
    ArchiveDenied,
    ArchiveFull,
    ArchiveLocked,
    ArchiveMisused,
    ArchiveReadOnly,
    ArchiveUnreachable,
)
from nightdesk.archive.outbox import Outgoing
from tests.support.archive_samples import NOON
from tests.support.postgresql import PostgreSQL


def _count(archive: Archive, outcome: str = "new") -> None:
    with archive.begin() as conn:
        accounts.count(conn, "0", "poll", {outcome: 1})


def _totals(archive: Archive) -> dict[str, dict[str, int]]:
    with archive.read() as conn:
        return accounts.totals(conn)


def test_a_file_locked_by_another_process_is_told_and_read_all_the_same(tmp_path: Path) -> None:
    archive = open_archive(f"sqlite:///{tmp_path / 'a.db'}", busy_timeout=0.05)
    archive.migrate()
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ArchiveLocked) as told:
        _count(archive)
    assert told.value.transient
    assert told.value.hint
    assert _totals(archive) == {}
    other.execute("ROLLBACK")
    _count(archive)
    assert _totals(archive) == {"poll": {"new": 1}}


def test_a_new_file_held_by_another_process_is_told_and_used_once_it_is_free(
    tmp_path: Path,
) -> None:
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    archive = open_archive(f"sqlite:///{tmp_path / 'a.db'}", busy_timeout=0.05)
    with pytest.raises(ArchiveLocked) as told:
        archive.migrate()
    assert told.value.transient
    other.execute("ROLLBACK")
    archive.migrate()
    with archive.read() as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert conn.exec_driver_sql("PRAGMA busy_timeout").scalar() == 50
    archive.close()


def test_a_thread_that_holds_the_archive_too_long_is_told_of(tmp_path: Path) -> None:
    archive = open_archive(f"sqlite:///{tmp_path / 'a.db'}", busy_timeout=0.05)
    archive.migrate()
    told: list[BaseException] = []

    def write() -> None:
        try:
            _count(archive)
        except ArchiveLocked as error:
            told.append(error)

    with archive.begin():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert len(told) == 1


def test_nested_transactions_are_an_error_and_not_a_hang(sqlite_archive: Archive) -> None:
    with sqlite_archive.begin(), pytest.raises(RuntimeError, match="open in this thread"):
        _count(sqlite_archive)
    with sqlite_archive.begin() as conn:
        accounts.count(conn, "0", "poll", {"new": 1})
        assert _totals(sqlite_archive) == {}
    memory = open_archive("sqlite://")
    memory.migrate()
    with memory.read(), pytest.raises(RuntimeError, match="open in this thread"):
        _totals(memory)


def test_a_read_takes_no_writes(archive: Archive) -> None:
    with pytest.raises(ArchiveReadOnly), archive.read() as conn:
        accounts.count(conn, "0", "poll", {"new": 1})
    _count(archive)
    assert _totals(archive) == {"poll": {"new": 1}}


def test_a_file_that_takes_no_writes_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    archive = open_archive(f"sqlite:///{path}")
    archive.migrate()
    _count(archive)
    archive.close()
    for mode in ("mode=ro", "immutable=1"):
        fixed = open_archive(f"sqlite:///file:{path}?{mode}&uri=true")
        fixed.migrate()
        assert _totals(fixed) == {"poll": {"new": 1}}
        with pytest.raises(ArchiveReadOnly) as told:
            _count(fixed)
        assert told.value.transient
        assert told.value.hint
        fixed.close()


def test_a_full_disk_rolls_back_and_goes_on_once_there_is_room(sqlite_archive: Archive) -> None:
    _count(sqlite_archive)
    many = [Outgoing("articles", str(n), os.urandom(3_000)) for n in range(500)]

    def bound(pages: int) -> None:
        with sqlite_archive.begin() as conn:
            conn.execute(text(f"PRAGMA max_page_count = {pages}"))

    bound(100)
    with pytest.raises(ArchiveFull) as told, sqlite_archive.begin() as conn:  # noqa: PT012
        accounts.count(conn, "0", "poll", {"lost": 1})
        outbox.enqueue(conn, "normalise", many, NOON)
    assert told.value.transient
    assert told.value.hint
    assert _totals(sqlite_archive) == {"poll": {"new": 1}}
    bound(1_000_000)
    with sqlite_archive.begin() as conn:
        outbox.enqueue(conn, "normalise", many, NOON)
        assert outbox.count_pending(conn) == 500


@pytest.mark.parametrize("damage", ["not a database", "header only", "pages"])
def test_a_damaged_file_is_named_as_such(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.db"
    archive = open_archive(f"sqlite:///{path}")
    archive.migrate()
    _count(archive)
    archive.close()
    whole = path.read_bytes()
    if damage == "not a database":
        path.write_bytes(b"<html>502 Bad Gateway</html>" * 400)
    elif damage == "header only":
        path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    else:
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    damaged = open_archive(f"sqlite:///{path}")
    with pytest.raises(ArchiveCorrupt) as told:  # noqa: PT012
        damaged.migrate()
        _totals(damaged)
    assert not told.value.transient
    assert told.value.hint
    damaged.close()


def test_a_folder_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveReadOnly, match="folder") as told:
        open_archive(f"sqlite:///{tmp_path / 'file' / 'below' / 'a.db'}").migrate()
    assert told.value.hint
    with pytest.raises(ArchiveUnreachable):
        open_archive(f"sqlite:///{tmp_path}").migrate()


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    archive = open_archive(f"sqlite:///{tmp_path / 'var' / 'deep' / 'a.db'}")
    archive.migrate()
    _count(archive)
    archive.close()


def test_an_archive_that_was_not_migrated_says_so(archive_url: str) -> None:
    archive = open_archive(archive_url)
    with pytest.raises(ArchiveMisused) as told:
        _count(archive)
    assert "migrate" in told.value.hint
    archive.close()


def test_threads_share_an_archive(archive: Archive) -> None:
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for _ in range(15):
                with archive.begin() as conn:
                    accounts.count(conn, name, "poll", {"new": 1})
                    ids = outbox.enqueue(conn, "poll", [Outgoing("t", name, b"v")], NOON)
                with archive.begin() as conn:
                    outbox.discard(conn, ids)
                _totals(archive)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert _totals(archive) == {"poll": {"new": 90}}


_VICTIM = textwrap.dedent(
    """
    import sys
    from datetime import UTC, datetime
    from nightdesk.archive import accounts, marks, open_archive, outbox

    archive = open_archive(sys.argv[1])
    now = datetime.now(UTC)
    for n in range(10**9):
        with archive.begin() as conn:
            accounts.count(conn, "0", "normalise", {"new": 10})
            messages = [outbox.Outgoing("articles", str(n), b"x" * 3000)] * 10
            outbox.enqueue(conn, "normalise", messages, now)
            if n == 5:
                print("in the middle", flush=True)
                sys.stdin.read()
            marks.advance_mark(conn, "normalise", "reports", 0, expected=n - 1, offset=n)
    """
)


def test_kill_9_within_a_transaction_leaves_nothing_half_written(archive_url: str) -> None:
    from nightdesk.archive import marks

    archive = open_archive(archive_url)
    archive.migrate()
    victim = subprocess.Popen(
        [sys.executable, "-c", _VICTIM, archive_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert victim.stdout is not None
    assert victim.stdout.readline() == b"in the middle\n"
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    with archive.begin() as conn:
        assert marks.read_marks(conn, "normalise", [("reports", 0)]) == {("reports", 0): 4}
        assert accounts.totals(conn) == {"normalise": {"new": 50}}
        assert outbox.count_pending(conn) == 50
    _count(archive)
    archive.close()


def test_no_server_at_all() -> None:
    pytest.importorskip("pg8000")
    archive = open_archive("postgresql://desk:hunter2@127.0.0.1:1/nowhere")
    with pytest.raises(ArchiveUnreachable, match=r"127\.0\.0\.1:1/nowhere") as told:
        archive.migrate()
    assert told.value.transient
    assert "hunter2" not in str(told.value) + repr(archive) + archive.address


@pytest.mark.postgresql
def test_a_wrong_password_and_a_wrong_database(postgresql_server: PostgreSQL) -> None:
    url = postgresql_server.url
    for wrong in (url.replace("secret", "hunter2"), url.replace("/postgres", "/no_such")):
        with pytest.raises(ArchiveDenied) as told:
            open_archive(wrong).migrate()
        assert not told.value.transient
        assert "hunter2" not in str(told.value)
        assert "secret" not in str(told.value)


@pytest.mark.postgresql
def test_a_server_that_goes_and_comes_back(
    postgresql_server: PostgreSQL, postgresql_url: str
) -> None:
    archive = open_archive(postgresql_url)
    archive.migrate()
    kick = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{postgresql_url.rsplit('/', 1)[1]}'"
    )
    with pytest.raises(ArchiveUnreachable) as told, archive.begin() as conn:  # noqa: PT012
        accounts.count(conn, "0", "poll", {"lost": 1})
        postgresql_server.run(kick)
        accounts.count(conn, "0", "poll", {"lost": 1})
    assert told.value.transient
    _count(archive)
    postgresql_server.run(kick)
    _count(archive)
    assert _totals(archive) == {"poll": {"new": 2}}
    archive.close()


@pytest.mark.postgresql
def test_a_row_that_another_session_holds(postgresql_url: str) -> None:
    archive, patient = open_archive(postgresql_url, busy_timeout=0.1), open_archive(postgresql_url)
    archive.migrate()
    _count(archive)
    with patient.begin() as conn:
        accounts.count(conn, "0", "poll", {"new": 1})
        with pytest.raises(ArchiveLocked) as told:
            _count(archive)
        assert told.value.transient
    assert _totals(archive) == {"poll": {"new": 2}}
    archive.close()
    patient.close()
