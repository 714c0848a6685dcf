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


def prepare_file(
    connection: sqlite3.Connection, synchronous: str, busy_timeout: float, *, in_memory: bool
) -> None:
    """Set what SQLite keeps per connection; `busy_timeout` in seconds.  Raises sqlite3.Error."""
    connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
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


def _use_wal(connection: sqlite3.Connection, patience: float) -> None:
    """Turn the write-ahead log on, once in a file's life.

    SQLite does not wait by itself here when two processes turn it on at the same moment.
    """
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    deadline = time.monotonic() + patience
    while mode != "wal":
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
                return  # A file that takes no writes can still be read in the journal mode it has.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
