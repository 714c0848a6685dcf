"""The housekeeper drops what is old, and only that, from a real archive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents.housekeeping import Housekeeper
from agents.runtime import Runtime
from nightdesk.archive import reports
from nightdesk.archive.reports import RecordedReport
from nightdesk.clock import SettableClock
from nightdesk.settings import Settings

NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def test_what_is_older_than_the_retention_goes_and_the_rest_stays(tmp_path: Path) -> None:
    runtime = Runtime(
        Settings(state_dir=tmp_path, archive_retention=timedelta(days=60)),
        clock=SettableClock(NOW),
    )
    try:
        with runtime.archive.begin() as connection:
            reports.record(
                connection,
                [
                    RecordedReport(f"report-{age}", "wire", "e", "new", NOW - timedelta(days=age))
                    for age in (1, 59, 61, 400)
                ],
            )
        assert await Housekeeper(runtime).tidy() == 2
        assert await Housekeeper(runtime).tidy() == 0
        with runtime.archive.read() as connection:
            kept = reports.known(connection, [f"report-{age}" for age in (1, 59, 61, 400)])
        assert set(kept) == {"report-1", "report-59"}
    finally:
        runtime.close()
