"""The innermost loops are compiled where that can be done, from the sources that stand here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOPS = sorted((ROOT / "nightdesk").rglob("*.pxd"))

compiler = pytest.mark.skipif(
    shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0]) is None,
    reason="no C compiler: loops are interpreted",
)


@compiler
@pytest.mark.parametrize("declared", LOOPS, ids=lambda path: path.stem)
def test_loops_are_compiled_from_what_stands_here(declared: Path) -> None:
    source = declared.with_suffix(".py")
    made = [source.with_suffix(suffix) for suffix in EXTENSION_SUFFIXES]
    newest = [path.stat().st_mtime for path in made if path.exists()]
    assert newest, f"{source.name} is not compiled: run `make`"
    assert max(newest) >= source.stat().st_mtime, f"{source.name} has changed since: run `make`"


@pytest.mark.slow
def test_without_a_compiler_it_is_installed_all_the_same(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "nightdesk", tmp_path / "nightdesk", ignore=shutil.ignore_patterns("*.so")
    )
    for name in ("pyproject.toml", "setup.py", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    built = subprocess.run(
        [sys.executable, "setup.py", "build_ext", "--inplace"],
        cwd=tmp_path,
        env={**os.environ, "CC": "no-compiler-of-this-name"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert not list((tmp_path / "nightdesk").rglob("*.so"))
