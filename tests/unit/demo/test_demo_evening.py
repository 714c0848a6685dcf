"""The whole demo, as `make demo` runs it where there is no terminal, and the README's picture of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.readme import account, sample

ROOT = Path(__file__).resolve().parents[3]

POLLS = r"\d+ (polled|unchanged)"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def done() -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        capture_output=True,
        timeout=110,
        check=False,
    )


def test_the_demo_ends_well_by_itself(done: subprocess.CompletedProcess[bytes]) -> None:
    said = done.stdout.decode()
    assert done.returncode == 0, said[-6_000:] + done.stderr.decode()
    assert "All accounts balance and all is as expected" in said
    assert "make demo KEEP=1" in said
    assert "\x1b" not in said


def test_the_readme_shows_what_it_says(done: subprocess.CompletedProcess[bytes]) -> None:
    said = done.stdout.decode()
    events, shown = sample()
    for event in events:
        assert event in " ".join(said.split()), "the README's sample is out of date"
    # How often feeds are polled hangs on time; all else of an evening comes out the same each time.  Of
    # several changes of an alert in one wave the demo may see but the last: the sample shows a lone one.
    real, shown = ([re.sub(POLLS, r"\1", row) for row in rows] for rows in (account(said), shown))
    assert [row for row in shown if row not in real] == [], f"out of date: it is now {real}"
