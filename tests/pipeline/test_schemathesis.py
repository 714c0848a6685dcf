"""schemathesis finds nothing: what the OpenAPI document says is what a real server does.

Checked is all that it knows, with a token that may do everything.  Beside what it expects by itself, sound
data may be refused where only the desk's own definitions can tell (422), for want of a condition (412, 428),
and where jobs have no room (503).  Streams of events never end, and have tests of their own.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from nightdesk.archive import Archive, alerts, definitions
from tests.support.alerting import NOON, make_alert, make_subscription
from tests.support.apiclient import Caller
from tests.support.served import served
from tests.unit.commands.newsroom import fill, reports

CONFIGURATION = """\
continue-on-failure = true

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "412", "422", "428", "503"]

[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503"]
"""


async def found(archive: Archive, folder: Path, *options: str) -> str:
    """Return what schemathesis says of the API over `archive`, empty where it finds nothing."""
    fill(archive, reports(1))
    with archive.begin() as connection:
        alerts.record(connection, [make_alert(identity="alert-1")])
        definitions.put(connection, make_subscription(), author="test", now=NOON)
    api = Caller(archive)
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    async with served(api) as address:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run"),
            f"{address.url}api/v1/openapi.json",
            *("--header", f"Authorization: Bearer {api.tokens['admin']}"),
            *("--exclude-path", "/events", "--request-timeout", "30"),
            *options,
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
    return "" if process.returncode == 0 else said.decode()


BRIEF = ("--phases", "examples,fuzzing", "--max-examples", "2", "--seed", "1")


async def test_a_short_look_finds_nothing(sqlite_archive: Archive, tmp_path: Path) -> None:
    said = await found(sqlite_archive, tmp_path, *BRIEF)
    assert not said, said


@pytest.mark.slow
@pytest.mark.timeout(1_200)
async def test_a_long_look_finds_nothing(sqlite_archive: Archive, tmp_path: Path) -> None:
    said = await found(sqlite_archive, tmp_path, "--max-examples", "15")
    assert not said, said


@pytest.mark.postgresql
@pytest.mark.timeout(600)
async def test_nor_on_postgresql(postgresql_archive: Archive, tmp_path: Path) -> None:
    said = await found(postgresql_archive, tmp_path, *BRIEF)
    assert not said, said
