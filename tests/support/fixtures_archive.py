"""Fixtures of the archive: one on each kind of database, and a PostgreSQL server for the session.

archive              empty and migrated, in turn in memory, in a file and on PostgreSQL
archive_url          the URL of a fresh database, in a file and on PostgreSQL
sqlite_archive       empty and migrated, in a file
postgresql_archive   empty and migrated, on PostgreSQL
postgresql_server    one server for all tests of the session
postgresql_url       the URL of a fresh database on it
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightdesk.archive import Archive, open_archive
from tests.support.postgresql import PostgreSQL, why_absent

_ON_SERVER = pytest.param("postgresql", marks=pytest.mark.postgresql)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    if reason := why_absent():
        pytest.skip(reason)
    with PostgreSQL() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: PostgreSQL) -> Iterator[str]:
    url = postgresql_server.create_database()
    yield url
    postgresql_server.drop_database(url)


@pytest.fixture(params=["sqlite", _ON_SERVER])
def archive_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'archive.db'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(params=["memory", "sqlite", _ON_SERVER])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    urls = {"memory": "sqlite://", "sqlite": f"sqlite:///{tmp_path / 'archive.db'}"}
    url = urls.get(request.param) or request.getfixturevalue("postgresql_url")
    yield from _migrated(url)


@pytest.fixture
def sqlite_archive(tmp_path: Path) -> Iterator[Archive]:
    yield from _migrated(f"sqlite:///{tmp_path / 'archive.db'}")


@pytest.fixture
def postgresql_archive(postgresql_url: str) -> Iterator[Archive]:
    yield from _migrated(postgresql_url)


def _migrated(url: str) -> Iterator[Archive]:
    archive = open_archive(url)
    archive.migrate()
    yield archive
    archive.close()
