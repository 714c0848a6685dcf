"""The file: how it is opened, what is in it, and how its version is checked.

In comes a path; out goes a SQLite connection in WAL mode with the tables below, or an error that
says why not. One row of `messages` is one message. Its `id` is `partition << 40 | offset`, so that
a partition is one contiguous range of the table's B-tree: appends go to its right edge, a fetch
is one range scan, and dropping the oldest is a range delete. 2^40 offsets last 34 years at a
message a millisecond, per partition. `latest` and `superseded` serve compaction: the last message
of each key, and the messages that may go (at once, or for a tombstone after its time).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from .errors import NotABrokerFile, NotWritable, UnsupportedVersion, explained

OFFSET_BITS = 40
VERSION = 1
# "NDBR": lets `file` and us tell the log from any other SQLite database.
APPLICATION_ID = 0x4E444252
# Five messages of 3 KB fit into such a page and one into SQLite's usual 4096: measured, a fifth less
# disk and 1.7 times the messages a second in batches of 500.
PAGE_BYTES = 16384
# The WAL file is cut back to this after a burst (bytes).
WAL_LIMIT = 64 * 1024 * 1024
# Readers go through the messages once, in order: what they leave in the page cache nobody asks for
# again (KiB, where SQLite takes 2,000).
READ_CACHE = 256

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

SCHEMA = """
CREATE TABLE topics (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    log_id TEXT NOT NULL,
    retention_ms INTEGER,
    retention_bytes INTEGER,
    compacting INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
);
CREATE TABLE partitions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic_id INTEGER NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    UNIQUE (topic_id, number)
);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    timestamp_ms INTEGER NOT NULL,
    appended_ms INTEGER NOT NULL,
    headers BLOB,
    key BLOB,
    value BLOB
);
CREATE TABLE positions (
    group_name TEXT NOT NULL,
    partition_id INTEGER NOT NULL REFERENCES partitions (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    committed_ms INTEGER NOT NULL,
    PRIMARY KEY (group_name, partition_id)
) WITHOUT ROWID;
CREATE TABLE latest (
    partition_id INTEGER NOT NULL REFERENCES partitions (id) ON DELETE CASCADE,
    key BLOB NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (partition_id, key)
) WITHOUT ROWID;
CREATE TABLE life (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    boot_id TEXT NOT NULL,
    closed INTEGER NOT NULL
);
INSERT INTO life VALUES (1, '', 1);
CREATE TABLE superseded (
    message_id INTEGER PRIMARY KEY,
    tombstone_ms INTEGER
);
"""


def open_log(
    path: Path, *, readonly: bool = False, synchronous: str = "normal"
) -> sqlite3.Connection:
    """Open the file at `path`, creating it (and its folders) unless `readonly`.

    `synchronous` is SQLite's: `normal` survives a crash of the process, and a power cut leaves the
    file whole but may cost the last moments; `full` waits for the disk with every group commit.
    Raises `NotWritable`, `NotABrokerFile`, `UnsupportedVersion`, `CorruptFile` or `StorageFull`.
    """
    if not readonly:
        _make_folder(path)
    with explained(path):
        mode = "ro" if readonly else "rwc"
        db = sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=10.0,
            cached_statements=256,
        )
    try:
        with explained(path):
            _prepare(db, path, readonly=readonly, synchronous=synchronous)
    except BaseException:
        db.close()
        raise
    return db


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritable(
            f"cannot create the folder {path.parent}: {error.strerror}",
            hint="choose a path whose folder this user may write",
        ) from error
    if path.is_dir():
        raise NotABrokerFile(f"{path} is a folder", hint="name a file inside of it")


def _prepare(db: sqlite3.Connection, path: Path, *, readonly: bool, synchronous: str) -> None:
    try:
        [application] = db.execute("PRAGMA application_id").fetchone()
        [version] = db.execute("PRAGMA user_version").fetchone()
        [objects] = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise NotABrokerFile(
            f"{path} is not a SQLite file (or its first bytes are destroyed)",
            hint="choose another path, or move that file away",
        ) from error
    if application != APPLICATION_ID and objects:
        raise NotABrokerFile(
            f"{path} is a SQLite database of another program",
            hint="choose another path for the broker",
        )
    if version > VERSION:
        raise UnsupportedVersion(
            f"{path} has format {version}; this Nightdesk reads up to {VERSION}",
            hint="upgrade Nightdesk, or choose another path",
        )
    if readonly:
        db.execute(f"PRAGMA cache_size = -{READ_CACHE}")
        return
    if not objects:
        db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA synchronous = {'FULL' if synchronous == 'full' else 'NORMAL'}")
    db.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
    db.execute("PRAGMA foreign_keys = ON")
    if not objects:
        # One transaction, header fields included: a crash leaves an empty file or a whole one.
        db.executescript(
            f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {VERSION}; COMMIT;"
        )


def begin_life(db: sqlite3.Connection) -> bool:
    """Note that a writer has the file open; True if the last one did not close it and the machine
    has started anew since, so that with `synchronous=normal` the last moments may be missing."""
    boot_id = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""
    last_boot, closed = db.execute("SELECT boot_id, closed FROM life").fetchone()
    db.execute("UPDATE life SET boot_id = ?, closed = 0", (boot_id,))
    # The note must be on the disk itself before anything else is written.
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return not closed and last_boot != boot_id


def end_life(db: sqlite3.Connection) -> None:
    """Note that the writer closes the file; everything before is then on the disk as well."""
    db.execute("UPDATE life SET closed = 1")
