"""docs/settings.md and the settings say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from nightdesk.settings import Settings, variable
from schemas.base import format_duration

DOCS = Path(__file__).parents[3] / "docs"
ROW = re.compile(r"^\| `(NIGHTDESK_[A-Z_]+)` \| (.+?) \| (.+) \|$", re.MULTILINE)


def _rows() -> dict[str, str]:
    return {name: default for name, default, _ in ROW.findall((DOCS / "settings.md").read_text())}


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    assert sorted(_rows()) == sorted(variable(name) for name in Settings.model_fields)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_documented_default_is_the_default(name: str) -> None:
    default, told = Settings.model_fields[name].default, _rows()[variable(name)]
    if default is PydanticUndefined or name == "user_agent":
        return
    if default is None:
        assert told == "unset"
    elif hasattr(default, "total_seconds"):
        assert told == f"`{format_duration(default)}`"
    else:
        assert told == f"`{default}`"
