"""Commands that look into the archive, where there is none: they say so, and make nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.commands.conftest import Run


@pytest.mark.parametrize(
    "command",
    [
        "dead-letters list",
        "dead-letters show dead-0001",
        "dead-letters retry --all",
        "boilerplate list",
        "boilerplate undo Wire line",
        "edits",
        "edits article-0001 --class figure",
        "tokens list",
        "tokens revoke desk",
        "audit",
        "emerging list",
        "emerging show emerging-aa11",
        "emerging dismiss emerging-aa11",
    ],
)
def test_there_is_none_is_said_and_none_is_made(nightdesk: Run, desk: Path, command: str) -> None:
    said = nightdesk(*command.split())
    assert said.code == 1
    assert f"there is no archive at {desk}/var/archive.sqlite" in said.err
    assert "hint" in said.err
    assert not (desk / "var").exists()
