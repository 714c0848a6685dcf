"""Makes a fresh SQLite connection ours: its journal, its waits, its bounds."""

from __future__ import annotations

import sqlite3
import time

_WAL_PAGES = 16_000
"""Pages (4 KiB) of write-ahead log before a checkpoint copies them into the database.

Ids and keys come at random, so that every batch changes pages all over the indexes; a long log copies
a page that was changed many times but once.  Written to the disk for 24,000 articles, all else equal
and the same in each of three runs: 1.36 GB with SQLite's own 1,000 pages, 1.06 with 4,000, 0.90 with
these.  How long it took differed more between runs, on a busy machine, than between settings.
"""

_WAL_BYTES = 64_000_000
"""What the log is cut back to after a checkpoint; a long reader may let it grow past it."""

_CACHE_KIB = 2_048
"""Page cache of each connection; all threads share the few that are used most recently."""


_PAUSE = 0.01
"""Seconds between two tries to turn the write-ahead log on."""


def prepare_file(
    connection: sqlite3.Connection, synchronous: str, busy_timeout: float, *, in_memory: bool
) -> None:
    """Set what SQLite keeps per connection; `busy_timeout` in seconds.  Raises sqlite3.Error."""
    _wait_for_locks(connection, busy_timeout)
    connection.execute("PRAGMA foreign_keys = 1")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA temp_store = 2")
    # Debian's SQLite overwrites what it deletes; news is no secret, and the outbox deletes all it holds.
    connection.execute("PRAGMA secure_delete = 0")
    if in_memory:
        return
    _use_wal(connection, busy_timeout)
    connection.execute(f"PRAGMA synchronous = {synchronous.upper()}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")


def _wait_for_locks(connection: sqlite3.Connection, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def _use_wal(connection: sqlite3.Connection, patience: float) -> None:
    """Turn the write-ahead log on, once in a file's life; wait for `patience` seconds in all.

    SQLite does not always wait by itself here when two processes turn it on at the same moment.  So its
    own waiting is off meanwhile, and the pauses between tries, which are counted, are all of the wait.
    """
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode == "wal":
        return
    _wait_for_locks(connection, 0)
    pauses = int(patience / _PAUSE)
    while not _turned_to_wal(connection, last_try=pauses <= 0):
        time.sleep(_PAUSE)
        pauses -= 1
    _wait_for_locks(connection, patience)


def _turned_to_wal(connection: sqlite3.Connection, *, last_try: bool) -> bool:
    """Return False where another connection is in the way; raise sqlite3.Error for all else."""
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
    except sqlite3.OperationalError as error:
        kind = error.sqlite_errorcode & 0xFF
        if kind == sqlite3.SQLITE_BUSY and not last_try:
            return False
        # A file that takes no writes can still be read in the journal mode it has.
        if kind != sqlite3.SQLITE_READONLY:
            raise
    return True
