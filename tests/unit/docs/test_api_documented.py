"""docs/api.md: its curl examples run, in order, against a real server; its numbers are the code's."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from nightdesk.archive import Archive, alert_list, alerts, article_search
from nightdesk.backtest import jobs
from nightdesk.web.api.parts import operations
from nightdesk.web.dependencies import ApiOptions
from tests.support.alerting import make_alert
from tests.support.apiclient import Caller
from tests.support.served import served
from tests.support.tokens import make_token
from tests.unit.commands.newsroom import fill, reports

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
EXAMPLES = re.findall(r"```sh\n(.*?)```\n(?:```json\n(.*?)```)?", PAGE, re.DOTALL)


def holds(told: Any, shown: Any) -> bool:
    """Tell whether an answer holds what the page shows of it."""
    if isinstance(shown, dict):
        return all(name in told and holds(told[name], value) for name, value in shown.items())
    if isinstance(shown, list):
        return len(told) >= len(shown) and all(map(holds, told, shown))
    return bool(told == shown)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")
async def test_the_examples_do_what_they_say(sqlite_archive: Archive) -> None:
    fill(sqlite_archive, reports(1))
    with sqlite_archive.begin() as connection:
        alerts.record(connection, [make_alert(identity="alert-1")])
    api = Caller(sqlite_archive)
    token = make_token(sqlite_archive, "admin", name="guide")
    assert len(EXAMPLES) == 16
    async with served(api) as address:
        known = {"TOKEN": token, "API": f"{address.url}api/v1", "ALERT": "alert-1"}
        for script, shown in EXAMPLES[1:]:
            process = await asyncio.create_subprocess_exec(
                *("sh", "-ec", script),
                env={"PATH": os.environ["PATH"], "no_proxy": "*"} | known,
                cwd=ROOT,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            said, wrong = await process.communicate()
            assert process.returncode == 0, (script, wrong)
            if shown:
                told = json.loads(said)
                assert holds(told, json.loads(shown)), (script, told)
            else:
                assert said == b"retry: 3000\n"


def test_the_page_tells_of_every_path() -> None:
    paths = {operation.path.split("/")[1] for operation in operations()}
    assert [path for path in sorted(paths) if f"/{path}" not in PAGE] == []


def test_the_numbers_are_those_of_the_code() -> None:
    options = ApiOptions()
    told = (
        f"{options.requests_per_minute} requests a minute",
        f"without one {options.strangers_per_minute}",
        f"at most {options.largest_body // 1_000_000} MB",
        f"within {options.body_seconds:g} s",
        f"looks at {alert_list.MOST_LOOKED_AT:,}",
        f"looks at {article_search.MOST_LOOKED_AT:,} articles",
        f"comment every {options.heartbeat_every:g} s",
        f"at most {options.event_clients}",
    )
    page = " ".join(PAGE.split())
    assert [words for words in told if words not in page] == []
    assert (jobs._WAITING, jobs._KEPT, options.event_clients_of_one) == (4, 20, 10)
