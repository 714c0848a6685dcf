"""Turns what sqlite3 and pg8000 raise into the errors of this room.

In comes a driver's exception and the archive's printable address; out goes one `ArchiveError` with a
hint.  SQLite is told by its result codes (https://sqlite.org/rescode.html), PostgreSQL by SQLSTATE
(appendix A of its manual); only where neither is given does the message's text decide.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from nightdesk.archive.errors import (
    ArchiveConflict,
    ArchiveCorrupt,
    ArchiveDenied,
    ArchiveError,
    ArchiveFull,
    ArchiveLocked,
    ArchiveMisused,
    ArchiveReadOnly,
    ArchiveRefusesValue,
    ArchiveUnreachable,
)

_Told = tuple[type[ArchiveError], str, str]

_LOCKED: _Told = (
    ArchiveLocked,
    "is locked by another writer",
    "wait, or find what else holds it open: one `nightdesk run` at a time writes to a SQLite archive",
)
_FULL: _Told = (
    ArchiveFull,
    "is full",
    "free some disk space, or prune old records; the work goes on by itself once there is room",
)
_READ_ONLY: _Told = (
    ArchiveReadOnly,
    "cannot be written to",
    "check the owner and mode of the file and of its folder, and that the disk is not mounted read-only",
)
_MISSING: _Told = (
    ArchiveUnreachable,
    "cannot be opened",
    "check that its folder exists and may be entered, and that the disk is there",
)
_FOLDER: _Told = (
    ArchiveUnreachable,
    "is a folder",
    "name a file inside of it, or move the folder away",
)
_BROKEN_DISK: _Told = (
    ArchiveUnreachable,
    "cannot be read or written: the disk reports an error",
    "check the disk, its free space and the system's log",
)
_GONE: _Told = (
    ArchiveUnreachable,
    "cannot be reached",
    "check that the PostgreSQL server runs, and the host and port in the archive's URL",
)
_CORRUPT: _Told = (
    ArchiveCorrupt,
    "is damaged, or is not a database",
    "restore a backup, or move the file away and start afresh; `sqlite3 FILE .recover` may save its rows",
)
_PG_CORRUPT: _Told = (ArchiveCorrupt, "is damaged", "see the server's log; restore a backup")
_DENIED: _Told = (
    ArchiveDenied,
    "refuses us",
    "check user, password and database name in the archive's URL, and the rights of that user",
)
_TAKEN: _Told = (
    ArchiveConflict,
    "has that row already: another worker wrote it first",
    "nothing to mend: the transaction is rolled back and may be tried again from its first read",
)
_BAD_VALUE: _Told = (
    ArchiveRefusesValue,
    "cannot hold a value",
    "look at what was to be stored: a number or a text beyond all bounds",
)
_UNMIGRATED: _Told = (
    ArchiveMisused,
    "lacks a table or column",
    "migrate it first: `nightdesk run` does so, and so does Archive.migrate()",
)
_MISUSED: _Told = (
    ArchiveMisused,
    "did not take a statement",
    "this is a fault in Nightdesk: please report it",
)

_SQLITE_PRIMARY: dict[int, _Told] = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_SCHEMA: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _MISSING,
    sqlite3.SQLITE_IOERR: _BROKEN_DISK,
    sqlite3.SQLITE_CORRUPT: _CORRUPT,
    sqlite3.SQLITE_NOTADB: _CORRUPT,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_TOOBIG: _BAD_VALUE,
    sqlite3.SQLITE_MISMATCH: _BAD_VALUE,
    sqlite3.SQLITE_CONSTRAINT: _BAD_VALUE,
}
_SQLITE_EXTENDED: dict[int, _Told] = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: _TAKEN,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: _TAKEN,
}

_SQLSTATE: dict[str, _Told] = {
    "23505": _TAKEN,
    "25006": _READ_ONLY,
    "40001": _LOCKED,
    "40P01": _LOCKED,
    "55P03": _LOCKED,
    "57014": _LOCKED,
    "3D000": _DENIED,
    "42501": _DENIED,
    "42P01": _UNMIGRATED,
    "42703": _UNMIGRATED,
    "53100": _FULL,
    "58030": _BROKEN_DISK,
    "XX001": _PG_CORRUPT,
    "XX002": _PG_CORRUPT,
}
_SQLSTATE_CLASS: dict[str, _Told] = {
    "22": _BAD_VALUE,
    "23": _BAD_VALUE,
    "54": _BAD_VALUE,
    "08": _GONE,
    "28": _DENIED,
    "53": _GONE,
    "57": _GONE,
}


def sqlstate(error: BaseException) -> str | None:
    """Return PostgreSQL's five-letter code of an error, if the server sent one."""
    first = error.args[0] if error.args else None
    return str(first["C"]) if isinstance(first, dict) and "C" in first else None


def server_is_going(error: BaseException) -> bool:
    """Tell whether the server ended this connection, which the driver itself does not notice."""
    return (sqlstate(error) or "")[:3] in {"57P", "080"}


def translate(error: BaseException, address: str, path: Path | None = None) -> ArchiveError:
    """Return our error for a driver's; `address` names the archive and holds no password, `path` is the
    file of an SQLite archive."""
    told = _of_sqlite(error) if isinstance(error, sqlite3.Error) else _of_server(error)
    if told is _MISSING and path is not None:
        told = _look_closer(path)
    kind, said, hint = told
    return kind(f"the archive {address} {said}: {_words(error)}", hint=hint)


def _look_closer(path: Path) -> _Told:
    """Say why SQLite cannot open a file: it tells the same of a folder and of a read-only disk."""
    if path.is_dir():
        return _FOLDER
    if path.parent.is_dir() and not os.access(path.parent, os.W_OK):
        return _READ_ONLY
    return _MISSING


def _of_sqlite(error: sqlite3.Error) -> _Told:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return _MISUSED
    if code & 0xFF == sqlite3.SQLITE_ERROR and "no such" in str(error):
        return _UNMIGRATED
    return _SQLITE_EXTENDED.get(code) or _SQLITE_PRIMARY.get(code & 0xFF) or _MISUSED


def _of_server(error: BaseException) -> _Told:
    code = sqlstate(error)
    if code is not None:
        return _SQLSTATE.get(code) or _SQLSTATE_CLASS.get(code[:2]) or _MISUSED
    # pg8000 raises InterfaceError, without a code, for everything that befalls the connection itself.
    return _GONE if type(error).__name__ == "InterfaceError" else _MISUSED


def _words(error: BaseException) -> str:
    """The driver's own words, without values: of PostgreSQL's fields only the message."""
    first = error.args[0] if error.args else type(error).__name__
    text = first.get("M", "no message") if isinstance(first, dict) else first
    return " ".join(str(text).split())[:300]
