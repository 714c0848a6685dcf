"""The log: what a crash tells, and what it keeps to itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

CRASH = """
import structlog
from agents.logs import configure_logging
from nightdesk.settings import Settings

configure_logging(Settings(log_format=FORM, log_level=LEVEL))

def post():
    secret = "".join(["word", "-", "of-the-hub"])
    raise ValueError("it broke")

try:
    post()
except ValueError as error:
    structlog.get_logger("x").error("crashed", exc_info=error)
"""


@pytest.mark.parametrize("level", ["info", "debug"])
@pytest.mark.parametrize("form", ["console", "json"])
def test_a_crash_is_told_without_the_variables_of_its_frames(form: str, level: str) -> None:
    code = CRASH.replace("FORM", repr(form)).replace("LEVEL", repr(level))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "ValueError: it broke" in done.stderr
    assert "in post" in done.stderr
    assert "word-of-the-hub" not in done.stderr
