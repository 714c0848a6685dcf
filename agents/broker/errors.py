"""What can go wrong with the embedded broker, and how to mend it.

Every error carries a `hint`, which says what to do next, and prints it. The tree:

    BrokerError
    ├── BadBrokerURL           the URL names no file, or an option that does not exist
    ├── CannotOpen             the file could not be opened
    │   ├── BrokerInUse        another process is the worker on this file
    │   ├── NotWritable        the folder or the file refuses writing
    │   ├── NotABrokerFile     something else lives at that path
    │   └── UnsupportedVersion the file was written by a newer Nightdesk
    ├── CorruptFile            SQLite finds the file malformed
    ├── StorageFailed          a transaction failed and was rolled back; nothing of it was kept
    │   └── StorageFull        ... because the disk (or a quota) is full
    ├── BrokerClosed           used after it was stopped
    ├── GroupBusy              two consumers of one group in one process
    ├── UnknownTopic           a topic that nobody created
    ├── UnknownPartition       a partition that the topic does not have
    ├── InvalidTopic           a name or a number that no topic can have
    ├── TopicMismatch          an existing topic has fewer partitions than asked for
    └── BrokerUnreachable      no Kafka answers at the address
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class BrokerError(Exception):
    """Root of the tree; `hint` tells the reader how to mend it."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.args[0]}\n  hint: {self.hint}"


class BadBrokerURL(BrokerError):
    """The URL names no file, or an option that does not exist."""


class CannotOpen(BrokerError):
    """The broker's file could not be opened."""


class BrokerInUse(CannotOpen):
    """Another process holds the file; `pid` is its process id, where known."""

    def __init__(self, message: str, *, hint: str, pid: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.pid = pid


class NotWritable(CannotOpen):
    """The folder or the file refuses writing."""


class NotABrokerFile(CannotOpen):
    """The path holds something else than a broker's log."""


class UnsupportedVersion(CannotOpen):
    """The file's format is newer than this program."""


class CorruptFile(BrokerError):
    """SQLite finds the file malformed."""


class StorageFailed(BrokerError):
    """A transaction failed and was rolled back: send again once the cause is mended."""


class StorageFull(StorageFailed):
    """The disk, or the quota, has no room for the transaction."""


class BrokerClosed(BrokerError):
    """The broker was used after it was stopped."""


class GroupBusy(BrokerError):
    """Two consumers of one group run in one process."""


class UnknownTopic(BrokerError):
    """Nobody created the topic."""


class UnknownPartition(BrokerError):
    """The topic has no such partition."""


class InvalidTopic(BrokerError):
    """No topic can have this name, or this number of partitions."""


class TopicMismatch(BrokerError):
    """The topic exists, with fewer partitions than asked for."""


class BrokerUnreachable(BrokerError):
    """No Kafka answers at the address."""


_FULL = {sqlite3.SQLITE_FULL}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_READONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


def explain(error: sqlite3.Error, path: Path) -> BrokerError:
    """The error of ours that says what `error` means for the file at `path`."""
    # The low byte is SQLite's primary code, the rest refines it: https://sqlite.org/rescode.html
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _FULL:
        return StorageFull(
            f"no room left for {path}: {error}",
            hint="free disk space; nothing acknowledged was lost, and sending resumes by itself",
        )
    if code in _CORRUPT:
        return CorruptFile(
            f"{path} is damaged: {error}",
            hint=f"stop the worker, then try `sqlite3 {path} .recover | sqlite3 mended.db` and put "
            "mended.db in its place; or move the file away to begin with empty topics",
        )
    if code in _READONLY:
        return NotWritable(
            f"cannot write {path}: {error}",
            hint="give this user the right to write the file and its folder, or choose another path",
        )
    if code in _BUSY:
        return StorageFailed(
            f"{path} is locked by another program: {error}",
            hint="find what else writes to it (a backup, `sqlite3`); only a worker may. Sending resumes "
            "by itself, and nothing acknowledged was lost",
        )
    return StorageFailed(
        f"{path}: {error}",
        hint="look at the disk and its kernel messages; what was being sent was not kept: "
        "send it again",
    )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite raises inside the block into an error of ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error
