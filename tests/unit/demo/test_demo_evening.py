"""The whole demo, as `make demo` runs it where there is no terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_the_demo_ends_well_by_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        capture_output=True,
        timeout=110,
        check=False,
    )
    said = done.stdout.decode()
    assert done.returncode == 0, said[-6_000:] + done.stderr.decode()
    assert "All accounts balance and all is as expected" in said
    assert "make demo KEEP=1" in said
    assert "\x1b" not in said
