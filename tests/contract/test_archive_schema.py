"""The migrations lead to the very tables that the code speaks of, on every kind of database."""

from __future__ import annotations

import re
import subprocess
import sys
import threading

import pytest
from sqlalchemy import text

from nightdesk.archive import Archive, definitions, open_archive, schema
from nightdesk.archive.errors import ArchiveForeign, ArchiveTooNew
from nightdesk.archive.migrations import REVISIONS
from nightdesk.archive.tables import metadata


def test_migrations_make_the_same_tables_as_the_metadata(archive_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    archive = open_archive(archive_url)
    with archive.begin() as conn:
        schema.run_migrations(conn)
    with archive.read() as conn:
        assert definitions.epoch(conn) == 0
        context = MigrationContext.configure(conn, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    archive.migrate()
    archive.close()


def test_sqlite_s_own_account_of_the_tables_is_the_same_both_ways() -> None:
    """compare_metadata sees neither AUTOINCREMENT nor WITHOUT ROWID nor an index's condition."""

    def tables(archive: Archive) -> set[str]:
        with archive.read() as conn:
            rows = conn.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
            return {re.sub(r"\s*([(),])\s*", r"\1", " ".join(row[0].split())) for row in rows}

    made, migrated = open_archive("sqlite://"), open_archive("sqlite://")
    made.migrate()
    with migrated.begin() as conn:
        schema.run_migrations(conn)
    assert tables(made) == tables(migrated)


def test_the_revisions_known_without_alembic_are_those_that_it_finds() -> None:
    from alembic.script import ScriptDirectory

    found = ScriptDirectory.from_config(schema.alembic_config()).walk_revisions()
    assert tuple(reversed([script.revision for script in found])) == REVISIONS


def test_a_new_archive_needs_no_alembic() -> None:
    code = (
        "import sys; from nightdesk.archive import open_archive; "
        "a = open_archive('sqlite://'); a.migrate(); a.migrate(); "
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_archive_of_a_later_version_is_refused_untouched(archive_url: str) -> None:
    archive = open_archive(archive_url)
    archive.migrate()
    archive.migrate()
    with archive.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with pytest.raises(ArchiveTooNew, match="9999_later") as told:
        archive.migrate()
    assert "later" in told.value.hint
    assert not told.value.transient
    assert "secret" not in str(told.value)
    archive.close()


def test_a_database_with_tables_of_somebody_else_is_left_alone(archive_url: str) -> None:
    archive = open_archive(archive_url)
    with archive.begin() as conn:
        conn.execute(text("CREATE TABLE articles (n INTEGER)"))
    with pytest.raises(ArchiveForeign, match="articles"):
        archive.migrate()
    archive.close()


def test_workers_that_start_together_migrate_once(archive_url: str) -> None:
    ready, errors = threading.Barrier(4), []

    def start() -> None:
        archive = open_archive(archive_url)
        ready.wait()
        try:
            archive.migrate()
        except Exception as error:
            errors.append(error)
        archive.close()

    workers = [threading.Thread(target=start) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
