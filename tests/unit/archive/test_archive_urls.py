from __future__ import annotations

from pathlib import Path

import pytest

from nightdesk.archive import open_archive
from nightdesk.archive.urls import read_url
from nightdesk.errors import ConfigurationError


def test_sqlite_urls() -> None:
    assert read_url("sqlite://").in_memory
    assert read_url("sqlite:///:memory:").in_memory
    assert read_url("sqlite:///var/archive.db").path == Path("var/archive.db")
    assert read_url("sqlite:////srv/archive.db").path == Path("/srv/archive.db")
    assert read_url("sqlite:///file:/srv/a.db?mode=ro&uri=true").path is None


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+pg8000"])
def test_every_postgresql_url_is_driven_by_pg8000_and_shown_without_its_secrets(
    scheme: str,
) -> None:
    pytest.importorskip("pg8000")
    address = read_url(f"{scheme}://desk:p%40ss@db.example:5433/news?sslmode=require")
    assert address.url.drivername == "postgresql+pg8000"
    assert address.url.password == "p@ss"
    assert address.shown == "postgresql://db.example:5433/news"
    assert "p@ss" not in repr(address)
    assert address.connect_args["ssl_context"].check_hostname is False
    assert (
        read_url(f"{scheme}://db/n?sslmode=verify-full").connect_args["ssl_context"].check_hostname
    )
    assert read_url(f"{scheme}://db/n?sslmode=disable").connect_args["ssl_context"] is False


@pytest.mark.parametrize(
    "url",
    [
        "",
        "var/archive.db",
        "mysql://root:hunter2@db/news",
        "postgresql+psycopg2://desk:hunter2@db/news",
        "sqlite://var/archive.db",
        "sqlite:///file::memory:?uri=true",
        "postgresql://desk:hunter2@db/news?passfile=x",
        "postgresql://desk:hunter2@db:port/news",
        "postgresql://desk:hunter2@db/news?sslmode=maybe",
        "postgresql://desk:hunter2@db/news?sslmode=require&sslrootcert=/nowhere.pem",
    ],
)
def test_an_url_that_cannot_be_used_is_refused_with_a_hint(url: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        open_archive(url)
    assert told.value.hint
    assert "hunter2" not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__ or told.value.__context__ is None
