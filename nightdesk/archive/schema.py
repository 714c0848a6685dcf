"""Brings a database to this version's tables, and refuses one that a later version wrote.

A database without tables gets them straight from the metadata (some milliseconds; alembic alone takes
longer to import), and the newest revision is noted; a test holds that the migrations lead to the very
same tables.  Alembic runs only where an older database is to be moved on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from nightdesk.archive.errors import ArchiveForeign, ArchiveTooNew
from nightdesk.archive.migrations import REVISIONS
from nightdesk.archive.tables import definition_epoch, metadata

if TYPE_CHECKING:
    from alembic.config import Config

_ADVISORY_LOCK = 0x6E696768746465
"""Any number of our own: on PostgreSQL, workers that start together queue for it."""


def is_current(conn: Connection, address: str) -> bool:
    """Tell whether nothing is to be done.  Raises ArchiveTooNew, ArchiveForeign."""
    return _revision(conn, address) == REVISIONS[-1]


def upgrade(conn: Connection, address: str) -> None:
    """Make or migrate the tables, within the transaction of `conn`."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ADVISORY_LOCK})
    revision = _revision(conn, address)
    if revision is None:
        _make(conn)
    elif revision != REVISIONS[-1]:
        run_migrations(conn)


def run_migrations(conn: Connection, target: str = "head") -> None:
    """Let alembic move the database to `target`, within the transaction of `conn`."""
    from alembic import command

    command.upgrade(alembic_config(conn), target)


def alembic_config(conn: Connection | None = None) -> Config:
    """Return alembic's configuration for our migrations, on `conn`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = conn
    return config


def _make(conn: Connection) -> None:
    metadata.create_all(conn, checkfirst=False)
    conn.execute(definition_epoch.insert(), {"id": 1, "epoch": 0})
    # As alembic itself would make it.
    conn.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    conn.execute(text("INSERT INTO alembic_version VALUES (:r)"), {"r": REVISIONS[-1]})


def _revision(conn: Connection, address: str) -> str | None:
    """Return the database's revision, None where it has no tables of ours."""
    present = set(inspect(conn).get_table_names())
    if "alembic_version" in present:
        found = [row[0] for row in conn.execute(text("SELECT version_num FROM alembic_version"))]
        unknown = [name for name in found if name not in REVISIONS]
        if unknown:
            raise ArchiveTooNew(
                f"the archive {address} has revision {unknown[0]!r}; this Nightdesk knows "
                f"{REVISIONS[-1]!r} and earlier",
                hint="run the Nightdesk that wrote it, or a later one; nothing was changed",
            )
        if found:
            return str(found[0])
    if clash := sorted(present & set(metadata.tables)):
        raise ArchiveForeign(
            f"the database {address} has tables named {', '.join(clash[:3])} that Nightdesk did not make",
            hint="give the archive a database of its own",
        )
    return None
