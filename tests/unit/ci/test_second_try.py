"""`.ci/suite` on small projects of their own: a second try is for what failed, never for what did not run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PYTEST = (
    "-m pytest -q -p tests.support.ending -p pytest_timeout --timeout 2 --timeout-method thread"
)
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(ROOT),
    "PYTEST_ADDOPTS": "",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}
WELL = "def test_well():\n    pass\n"
UNSTEADY = """
from pathlib import Path

def test_unsteady():
    before = Path("tried")
    if not before.exists():
        before.touch()
        raise AssertionError("the first try")
"""
BROKEN = "def test_broken():\n    assert False\n"
HUNG = """
from pathlib import Path
from threading import Event

def test_hung():
    if not Path("hung").exists():
        Path("hung").touch()
        Event().wait()
"""
INTERRUPTED = "def test_interrupted():\n    raise KeyboardInterrupt\n"
CANNOT_BE_IMPORTED = "import no_such_module\n"


class Project:
    """A folder with tests, and the Makefile that runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "Makefile").write_text(
            f"test:\n\t{sys.executable} {PYTEST} $(PYTEST_FLAGS) tests\n"
        )
        (folder / "tests").mkdir()
        (folder / "pytest.ini").touch()

    def write(self, **tests: str) -> None:
        for name, text in tests.items():
            (self.folder / "tests" / f"test_{name}.py").write_text(text)

    def suite(self) -> tuple[int, str]:
        """Run it as .ci/run does; return the exit code and what was said."""
        script = (
            f'set -euo pipefail; say() {{ echo "== $1"; }}; source {ROOT}/.ci/suite\n'
            'suite test\necho "unsteady:$unsteady."'
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_what_goes_well_is_run_once(project: Project) -> None:
    project.write(well=WELL)
    code, said = project.suite()
    assert code == 0, said
    assert said.count("1 passed") == 1
    assert "unsteady:." in said


def test_what_fails_once_is_told_of_as_unsteady(project: Project) -> None:
    project.write(well=WELL, unsteady=UNSTEADY)
    code, said = project.suite()
    assert code == 0, said
    assert "unsteady: test." in said
    assert "2 passed" not in said


def test_what_fails_twice_is_broken(project: Project) -> None:
    project.write(well=WELL, broken=BROKEN)
    code, said = project.suite()
    assert code != 0, said
    assert "the failed tests once more" in said


@pytest.mark.parametrize(
    "trouble", [HUNG, INTERRUPTED, CANNOT_BE_IMPORTED], ids=["hung", "interrupted", "unimported"]
)
def test_a_run_that_does_not_come_to_its_end_has_no_second_try(
    project: Project, trouble: str
) -> None:
    # An earlier run of the same checkout left the name of a test that failed then.
    project.write(zunsteady=UNSTEADY)
    subprocess.run(
        [sys.executable, *PYTEST.split(), "tests"],
        cwd=project.folder,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    assert (project.folder / ".pytest_cache" / "v" / "cache" / "lastfailed").exists()
    project.write(well=WELL, broken=BROKEN.replace("False", "True"), trouble=trouble)
    code, said = project.suite()
    assert code != 0, said
    assert "did not come to its end" in said
    assert "unsteady:" not in said
