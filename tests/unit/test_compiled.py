"""The innermost loops are compiled where that can be done, from the sources that stand here."""

from __future__ import annotations

import shutil
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOPS = sorted((ROOT / "nightdesk").rglob("*.pxd"))

pytestmark = pytest.mark.skipif(
    shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0]) is None,
    reason="no C compiler: loops are interpreted",
)


@pytest.mark.parametrize("declared", LOOPS, ids=lambda path: path.stem)
def test_loops_are_compiled_from_what_stands_here(declared: Path) -> None:
    source = declared.with_suffix(".py")
    made = [source.with_suffix(suffix) for suffix in EXTENSION_SUFFIXES]
    newest = [path.stat().st_mtime for path in made if path.exists()]
    assert newest, f"{source.name} is not compiled: run `make`"
    assert max(newest) >= source.stat().st_mtime, f"{source.name} has changed since: run `make`"
