"""The archive as one object: opens the database, hands out transactions, speaks in our own errors.

    archive = open_archive("sqlite:///var/archive.db")
    archive.migrate()
    with archive.begin() as conn:      # one write transaction: all of it, or nothing
        marks.advance_mark(conn, …)
    with archive.read() as conn:       # one consistent view; never waits for writers

Threads may share an `Archive`.  SQLite has one writer at a time: threads of this process queue for
their turn here (SQLite's own waiting is polling, up to 100 ms a time), other processes wait for
`busy_timeout` seconds.  An archive in memory has one connection, so readers queue as well.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from nightdesk.archive.driver_errors import server_is_going, translate
from nightdesk.archive.errors import ArchiveError, ArchiveLocked, ArchiveReadOnly
from nightdesk.archive.postgresql import connect, prepare_server
from nightdesk.archive.sqlite import prepare_file
from nightdesk.archive.urls import Address, read_url

_THREADS = 20
"""Most connections at once: above the number of stages, web workers and pollers of one process."""


class Archive:
    """One archive database.  Built by `open_archive`."""

    def __init__(self, engine: Engine, address: Address, busy_timeout: float) -> None:
        self._engine = engine
        self._address = address
        lite = engine.dialect.name == "sqlite"
        turn = _Turn(address.shown, busy_timeout)
        self._writing: AbstractContextManager[None] = turn if lite else nullcontext()
        self._reading: AbstractContextManager[None] = turn if address.in_memory else nullcontext()
        self._begin = "BEGIN IMMEDIATE" if lite else None
        self._look = (
            "BEGIN" if lite else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
        )

    @property
    def dialect_name(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def address(self) -> str:
        """The archive's name in print: no user, no password."""
        return self._address.shown

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a write transaction; commit it at the end, or roll it back when an error passes.

        Raises ArchiveError.  Not to be nested within one thread.
        """
        with self._writing, self._connect() as conn, conn.begin():
            if self._begin:
                conn.exec_driver_sql(self._begin)
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open one consistent view of what is committed.  A write in it raises `ArchiveReadOnly`."""
        with self._reading, self._connect() as conn, conn.begin():
            if self.dialect_name == "sqlite":
                conn.exec_driver_sql("PRAGMA query_only = 1")
            conn.exec_driver_sql(self._look)
            try:
                yield conn
            finally:
                if self.dialect_name == "sqlite" and not conn.invalidated:
                    conn.exec_driver_sql("PRAGMA query_only = 0")

    def migrate(self) -> None:
        """Bring the database to this version's tables; make them where there are none.

        Raises ArchiveTooNew for a database of a later Nightdesk, ArchiveForeign for tables of our
        names that are not ours.  Several workers may call this at once.
        """
        from nightdesk.archive import schema

        self._make_folder()
        with self.read() as conn:
            if schema.is_current(conn, self.address):
                return
        with self.begin() as conn:
            schema.upgrade(conn, self.address)

    def close(self) -> None:
        """Close all connections that are not in use.  An archive in memory is gone with it."""
        self._engine.dispose()

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        try:
            conn = self._engine.connect()
        except PoolTimeout:
            raise ArchiveLocked(
                f"no free connection to the archive {self.address}",
                hint="a transaction is held open too long, or more threads than "
                f"{_THREADS} use the archive at once",
            ) from None
        with conn:
            yield conn

    def _make_folder(self) -> None:
        path = self._address.path
        if path is None or path.parent.exists():
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveReadOnly(
                f"the folder of the archive {self.address} cannot be made: {error.strerror}",
                hint="make it yourself, or choose another place for the archive",
            ) from None


def open_archive(
    url: str,
    *,
    synchronous: Literal["normal", "full"] = "normal",
    busy_timeout: float = 10.0,
) -> Archive:
    """Return the archive at `url`; nothing is connected to before its first use.

    `synchronous` is SQLite's: `normal` survives any crash of the process, and a loss of power with a
    whole file but perhaps without the last moments; `full` writes each commit through to the disk.
    `busy_timeout` (seconds) bounds every wait for a lock.  Raises ConfigurationError.
    """
    address = read_url(url)
    lite = address.url.get_backend_name() == "sqlite"
    options: dict[str, Any] = {"connect_args": dict(address.connect_args)}
    if lite:
        # isolation_level None: transactions begin where we say so, not where the driver guesses.
        options["connect_args"] |= {"isolation_level": None, "check_same_thread": False}
    else:
        options |= {"pool_pre_ping": True, "connect_args": options["connect_args"]}
        options["connect_args"] |= {"timeout": 10, "application_name": "nightdesk"}
    size = 1 if address.in_memory else _THREADS
    engine = create_engine(
        address.url,
        poolclass=QueuePool,
        pool_size=min(size, 5),
        max_overflow=max(size - 5, 0),
        pool_timeout=busy_timeout,
        pool_use_lifo=True,  # the connection used last has the warmest cache
        hide_parameters=True,
        **options,
    )
    if not lite:
        # pg8000 runs executemany as one round trip a row; this packs rows into one statement.
        engine.dialect.use_insertmanyvalues_wo_returning = True

        @event.listens_for(engine, "do_connect")
        def _connect(_dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
            return connect(*arguments, **named)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        if lite:
            prepare_file(connection, synchronous, busy_timeout, in_memory=address.in_memory)
        else:
            prepare_server(connection, busy_timeout)

    @event.listens_for(engine, "handle_error", retval=True)
    def _translate(context: ExceptionContext) -> ArchiveError | None:
        error = context.original_exception
        dbapi = engine.dialect.loaded_dbapi
        if not isinstance(error, dbapi.Error):
            return None
        if context.is_pre_ping:
            context.is_disconnect = True  # The pool throws it away and makes a new one.
            return None
        if server_is_going(error):
            context.is_disconnect = True
        return translate(error, address.shown, address.path)

    return Archive(engine, address, busy_timeout)


class _Turn(AbstractContextManager[None]):
    """A lock with a time limit that knows its holder, so that nesting is an error and not a hang."""

    def __init__(self, shown: str, timeout: float) -> None:
        self._lock, self._shown, self._timeout = threading.Lock(), shown, timeout
        self._holder: int | None = None

    def __enter__(self) -> None:
        if self._holder == threading.get_ident():
            raise RuntimeError(
                "a transaction is open in this thread already: pass its connection on"
            )
        if not self._lock.acquire(timeout=self._timeout):
            raise ArchiveLocked(
                f"the archive {self._shown} was held by another thread for {self._timeout:g} s",
                hint="a transaction is held open too long: do slow work outside of it",
            )
        self._holder = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._holder = None
        self._lock.release()
